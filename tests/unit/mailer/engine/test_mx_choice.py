"""Which hosts and addresses are tried."""

import pytest

from mailer.engine.mx import Candidate, MxHost, choose_candidates, order_hosts, read_mx
from mailer.engine.realm import is_forbidden_address, live_realm, practice_realm

LIVE = live_realm()
PRACTICE = practice_realm(dns_port=5354, smtp_port=2525)


def test_preference_comes_first_and_equals_are_shuffled():
    answer = read_mx("example.com", [(20, "c."), (10, "A."), (10, "b")], 60)
    assert answer.hosts == (MxHost(10, "a"), MxHost(10, "b"), MxHost(20, "c"))
    orders = {order_hosts(answer, seed) for seed in range(30)}
    assert orders == {("a", "b", "c"), ("b", "a", "c")}
    assert order_hosts(answer, 7) == order_hosts(answer, 7)


def test_the_number_of_hosts_tried_is_bounded():
    answer = read_mx("example.com", [(n, f"mx{n}") for n in range(30)], 60)
    assert order_hosts(answer, 1, limit=3) == ("mx0", "mx1", "mx2")


def test_a_null_mx_means_no_mail():
    answer = read_mx("example.com", [(0, ".")], 60)
    assert (answer.is_null, answer.hosts) == (True, ())
    mixed = read_mx("example.com", [(0, "."), (10, "mx.example.com.")], 60)
    assert (mixed.is_null, mixed.names) == (False, ("mx.example.com",))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "100.64.0.1",
     "0.1.2.3", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1",
     "2002:0a00:0001::1", "ff02::1", "2001:db8::1", "127.10.0.1"],
)  # fmt: skip
def test_a_live_message_never_goes_to_a_special_address(address):
    assert is_forbidden_address(address, LIVE)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_a_live_message_goes_to_global_addresses(address):
    assert not is_forbidden_address(address, LIVE)


@pytest.mark.parametrize(
    ("address", "forbidden"),
    [
        ("127.10.3.4", False),
        ("127.0.0.1", True),
        ("8.8.8.8", True),
        ("::1", True),
        ("10.0.0.1", True),
    ],
)
def test_a_practice_message_stays_in_the_practice_internet(address, forbidden):
    assert is_forbidden_address(address, PRACTICE) is forbidden


def test_candidates_keep_the_order_and_the_family_of_the_source():
    hosts = [("a", ["8.8.8.8", "2001:4860::1"]), ("b", ["10.0.0.1", "9.9.9.9"])]
    assert choose_candidates(hosts, LIVE, source_address="198.51.100.7") == (
        Candidate("a", "8.8.8.8"),
        Candidate("b", "9.9.9.9"),
    )
    assert choose_candidates(hosts, LIVE, source_address="2001:db8::7") == (
        Candidate("a", "2001:4860::1"),
    )
    assert len(choose_candidates(hosts, LIVE, limit=2)) == 2
