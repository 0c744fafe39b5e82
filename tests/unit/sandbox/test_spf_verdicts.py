import pytest

from sandbox.geography import practice_zone
from sandbox.spf import Spf, check_spf
from sandbox.zone import record

RECORDS = [
    record("ok.example", "TXT", "v=spf1 ip4:127.20.0.0/24 -all"),
    record("included.example", "TXT", "v=spf1 include:ok.example ~all"),
    record("redirected.example", "TXT", "v=spf1 redirect=ok.example"),
    record("host.example", "TXT", "v=spf1 a mx -all"),
    record("host.example", "A", "127.20.0.9"),
    record("twice.example", "TXT", "v=spf1 -all"),
    record("twice.example", "TXT", "v=spf1 +all"),
    record("loop.example", "TXT", "v=spf1 include:loop.example -all"),
    record("broken.example", "TXT", "v=spf1 ip4:many -all"),
    record("open.example", "TXT", "v=spf1 ip4:127.30.0.1"),
]


@pytest.mark.parametrize(
    ("domain", "source_ip", "expected"),
    [
        ("ok.example", "127.20.0.1", Spf.PASS),
        ("ok.example", "127.20.1.1", Spf.FAIL),
        ("included.example", "127.20.0.1", Spf.PASS),
        ("included.example", "127.20.1.1", Spf.SOFTFAIL),
        ("redirected.example", "127.20.0.1", Spf.PASS),
        ("host.example", "127.20.0.9", Spf.PASS),
        ("twice.example", "127.20.0.1", Spf.PERMERROR),
        ("loop.example", "127.20.0.1", Spf.PERMERROR),
        ("broken.example", "127.20.0.1", Spf.PERMERROR),
        ("open.example", "127.20.0.1", Spf.NEUTRAL),
        ("nothing.example", "127.20.0.1", Spf.NONE),
    ],
)
def test_the_record_decides(domain: str, source_ip: str, expected: Spf) -> None:
    zone = practice_zone()
    zone.publish("test", RECORDS)

    assert check_spf(zone, source_ip, domain) is expected
