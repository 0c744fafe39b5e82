"""Who really receives, by MX hosts."""

import pytest

from mailer.engine.providers import provider_for, shipped_rules


@pytest.mark.parametrize(
    ("hosts", "slug"),
    [
        (["gmail-smtp-in.l.google.com", "alt1.gmail-smtp-in.l.google.com"], "google"),
        (["ASPMX.L.GOOGLE.COM.", "aspmx2.googlemail.com"], "google"),
        (["hotmail-com.olc.protection.outlook.com"], "microsoft-consumer"),
        (["example-com.mail.protection.outlook.com"], "microsoft-365"),
        (["example-jp.abc1.mx.microsoft"], "microsoft-365"),
        (["mta5.am0.yahoodns.net"], "yahoo"),
        (["mx1.mail.yahoo.co.jp"], "yahoo-japan"),
        (["mx01.mail.icloud.com"], "apple"),
        (["mfsmax.docomo.ne.jp"], "docomo"),
        (["lsean.ezweb.ne.jp"], "au"),
        (["mx.softbank.ne.jp"], "softbank"),
        (["mx00.gmx.net"], "gmx"),
        (["mx1.qq.com"], "qq"),
        (["mx1.example.jp", "mx2.example.jp"], "mx:mx#.example.jp"),
        (["b.example.jp", "a.example.net"], "mx:a.example.net+b.example.jp"),
        (["notgoogle.com"], "mx:notgoogle.com"),
        (["alt1.aspmx.l.google.com", "mx.example.jp"], "mx:alt#.aspmx.l.google.com+mx.example.jp"),
    ],
)
def test_a_domain_belongs_to_who_runs_its_mx(hosts, slug):
    assert provider_for(hosts).slug == slug


def test_long_mx_sets_get_short_stable_names():
    hosts = [f"{letter * 30}.example.jp" for letter in "abcd"]
    slug = provider_for(hosts).slug
    assert len(slug) <= 64
    assert slug == provider_for(reversed(hosts)).slug
    assert slug != provider_for(hosts[:3]).slug


def test_carriers_start_slowly_and_take_resets_as_a_brake():
    for host in ("mx.docomo.ne.jp", "mx.ezweb.ne.jp", "mx.softbank.ne.jp"):
        rule = provider_for([host])
        assert (rule.connections, rule.rate_per_s, rule.connection_pause_on_reset) == (2, 1.0, True)


def test_stored_slugs_find_their_rule():
    assert shipped_rules().by_slug("google").connections == 5
    assert shipped_rules().by_slug("mx:mx#.example.jp").is_other


def test_a_domain_without_hosts_has_no_provider():
    with pytest.raises(ValueError, match="without MX"):
        provider_for([])
