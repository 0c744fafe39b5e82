import pytest

from sandbox.dmarc import Dmarc, check_dmarc, organisational
from sandbox.geography import practice_zone
from sandbox.zone import record


@pytest.mark.parametrize(
    ("mail_from", "spf", "signed_by", "expected"),
    [
        ("b@bounce.shop.example", "pass", [], Dmarc.PASS),
        ("b@bounce.shop.example", "fail", [], Dmarc.FAIL),
        ("b@other.example", "pass", [], Dmarc.FAIL),
        ("b@other.example", "none", [("mail.shop.example", True)], Dmarc.PASS),
        ("b@other.example", "none", [("shop.example", False), ("other.example", True)], Dmarc.FAIL),
    ],
)
def test_something_valid_must_match_the_visible_sender(
    mail_from: str, spf: str, signed_by: list[tuple[str, bool]], expected: Dmarc
) -> None:
    zone = practice_zone()
    zone.publish("shop", [record("_dmarc.shop.example", "TXT", "v=DMARC1; p=none")])
    verdicts = [{"domain": domain, "valid": valid} for domain, valid in signed_by]

    verdict = check_dmarc(
        zone, from_domain="news.shop.example", mail_from=mail_from, spf=spf, verdicts=verdicts
    )

    assert verdict is expected


def test_without_a_policy_there_is_no_verdict() -> None:
    verdict = check_dmarc(
        practice_zone(),
        from_domain="shop.example",
        mail_from="a@shop.example",
        spf="pass",
        verdicts=[],
    )

    assert verdict is Dmarc.NONE


def test_japanese_domains_have_three_labels() -> None:
    assert organisational("news.shop.co.jp") == "shop.co.jp"
    assert organisational("news.shop.jp") == "shop.jp"
