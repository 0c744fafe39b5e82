import ipaddress
import string
from collections import Counter

import pytest

from sandbox.profiles import PROFILES, Profile
from sandbox.profiles.profile import Say

KNOWN_WORDS = {
    "mailbox", "local", "domain", "sender", "sender_domain", "ip", "host", "queue", "epoch",
    "date", "message_id",
}  # fmt: skip
PERMANENT = {Say.UNKNOWN, Say.INACTIVE, Say.OVER_QUOTA, Say.FILTERED, Say.SPAM, Say.RELAY}
TEMPORARY = {Say.FULL, Say.GREY, Say.DEFERRED, Say.TOO_FAST, Say.TOO_MANY_CONNECTIONS}

each_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)


def test_every_host_has_an_address_of_its_own() -> None:
    addresses = Counter(host.address for profile in PROFILES for host in profile.all_hosts())

    assert set(addresses.values()) == {1}
    assert all(ipaddress.ip_address(address).is_loopback for address in addresses)


def test_every_domain_has_one_provider() -> None:
    domains = Counter(domain for profile in PROFILES for domain in profile.all_domains())

    assert set(domains.values()) == {1}


@each_profile
def test_every_occasion_has_words_that_can_be_filled(profile: Profile) -> None:
    assert set(profile.replies) == set(Say)
    for text in (profile.banner, *profile.replies.values()):
        names = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
        assert names <= KNOWN_WORDS
        assert text[:3].isdecimal()
        assert text[3] == " "


@each_profile
def test_permanent_and_temporary_words_have_the_right_codes(profile: Profile) -> None:
    assert {profile.replies[say][0] for say in PERMANENT} == {"5"}
    assert {profile.replies[say][0] for say in TEMPORARY} == {"4"}
    assert profile.replies[Say.ACCEPTED].startswith("250 ")
