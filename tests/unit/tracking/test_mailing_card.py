"""A redirect leads only to web addresses of the mailing's own table, written as a header may carry them."""

import pytest

from tracking.mailing_card import CardError, MailingCard, location

CARD = MailingCard(5, False, ("https://shop.example/a?b=c", "", "javascript:alert(1)"), "月の輪")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example/a?b=c#d", "https://shop.example/a?b=c#d"),
        ("https://shop.example/春 の", "https://shop.example/%E6%98%A5%20%E3%81%AE"),
        ("https://例え.jp/%20x", "https://xn--r8jz45g.jp/%20x"),
        ("https://例え.jp:8443/", "https://xn--r8jz45g.jp:8443/"),
        ("javascript:alert(1)", None),
        ("//evil.example/", None),
        ("https:///nohost", None),
        ("https://shop.example/\r\nSet-Cookie: x", None),
        ("", None),
    ],
)
def test_location_is_ascii_or_nothing(url, expected):
    assert location(url) == expected


@pytest.mark.parametrize(
    ("index", "target"), [(0, CARD.links[0]), (1, None), (2, None), (3, None), (-1, None)]
)
def test_only_the_table_gives_targets(index, target):
    assert CARD.target(index) == target


def test_card_survives_its_file():
    assert MailingCard.from_json(CARD.to_json()) == CARD


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"links": 3}', b'{"links": [], "x": 1}'])
def test_damaged_card_is_refused(text):
    with pytest.raises(CardError):
        MailingCard.from_json(text)
