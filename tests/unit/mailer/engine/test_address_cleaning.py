"""What people paste becomes an address, or a reason why not."""

import pytest

from mailer.engine.address import AddressError, address_key, clean_address, smtp_path


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("taro@example.jp", "taro@example.jp"),
        ("  taro@example.jp\r\n", "taro@example.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
        ("\ufefftaro@\u200bexample.jp\u00a0", "taro@example.jp"),
        ("mailto:taro@example.jp?subject=x", "taro@example.jp"),
        ("<taro@example.jp>", "taro@example.jp"),
        ("taro@example.jp;", "taro@example.jp"),
        ("'taro@example.jp'", "taro@example.jp"),
        ('"taro"@example.jp', "taro@example.jp"),
        ("taro@example,co,jp", "taro@example.co.jp"),
        ("taro@example,com", "taro@example.com"),
        ("Taro@EXAMPLE.JP", "Taro@example.jp"),
        ("taro@日本語.jp", "taro@xn--wgv71a119e.jp"),
        ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"),
        ('"a..b"@docomo.ne.jp', "a..b@docomo.ne.jp"),
        (".a@ezweb.ne.jp", ".a@ezweb.ne.jp"),
    ],
)
def test_a_pasted_address_is_understood(pasted, address):
    assert clean_address(pasted).address == address


@pytest.mark.parametrize(
    ("pasted", "address", "name"),
    [
        ("山田 太郎 <taro@example.jp>", "taro@example.jp", "山田 太郎"),
        ('"Yamada, Taro" <taro@example.jp>,', "taro@example.jp", "Yamada, Taro"),
        ("山田＜taro@example.jp＞", "taro@example.jp", "山田"),
        ("taro@example.jp (山田)", "taro@example.jp", "山田"),
    ],
)
def test_a_name_beside_the_address_is_kept(pasted, address, name):
    found = clean_address(pasted)
    assert (found.address, found.name) == (address, name)


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("", "empty"),
        ("\u200b \u3000", "empty"),
        ("taro.example.jp", "no-at-sign"),
        ("taro@@example.jp", "several-at-signs"),
        ("a@example.jp, b@example.jp", "several-addresses"),
        ("ta ro@example.jp", "space-inside"),
        ("taro\r\nBcc:x@example.jp", "space-inside"),
        ("ta\0ro@example.jp", "control-character"),
        ("taro@example。jp", "japanese-punctuation"),
        ("@example.jp", "no-local-part"),
        ("taro@", "no-domain"),
        ("山田@example.jp", "non-ascii-local"),
        ("ta(ro@example.jp", "bad-local"),
        ("a..b@example.jp", "bad-dots"),
        ("a.@softbank.ne.jp", "bad-dots"),
        ("a@localhost", "bad-domain"),
        ("a@ex_ample.jp", "bad-domain"),
        ("a@-example.jp", "bad-domain"),
        ("a@example..jp", "bad-domain"),
        ("a@xn--zz--zz.jp", "bad-domain"),
        ("a@192.0.2.1", "ip-literal"),
        ("a@[192.0.2.1]", "ip-literal"),
        ("a" * 65 + "@example.jp", "local-too-long"),
        ("a@" + "b" * 60 + ("." + "b" * 60) * 4 + ".jp", "domain-too-long"),
        ("a" * 64 + "@" + "b" * 60 + ("." + "b" * 60) * 3 + ".jp", "too-long"),
        ("x" * 1001, "too-long"),
    ],
)
def test_what_cannot_be_sent_to_is_refused_with_its_reason(pasted, reason):
    with pytest.raises(AddressError) as refused:
        clean_address(pasted)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("address", "normalised"),
    [
        ("Taro+News@Example.JP", "taro+news@example.jp"),
        ("Ta.Ro+news@gmail.com", "taro@gmail.com"),
        ("ta.ro@googlemail.com", "taro@gmail.com"),
        ("a..b+c@docomo.ne.jp", "a..b+c@docomo.ne.jp"),
        ("a-b.c@yahoo.co.jp", "a-b.c@yahoo.co.jp"),
    ],
)
def test_the_same_mailbox_has_one_normal_form(address, normalised):
    assert clean_address(address).normalised == normalised


def test_old_carrier_addresses_are_marked_and_quoted_on_the_wire():
    found = clean_address("a..b@docomo.ne.jp")
    assert found.is_legacy
    assert smtp_path(found.address) == '"a..b"@docomo.ne.jp'
    assert smtp_path("a.b@docomo.ne.jp") == "a.b@docomo.ne.jp"


def test_the_key_of_an_address_depends_on_the_secret():
    first, second = (address_key("taro@example.jp", secret) for secret in (b"a" * 32, b"b" * 32))
    assert (len(first), first == second) == (16, False)
