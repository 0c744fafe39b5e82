import pytest

from sandbox.chance import delay_s, draw
from sandbox.mailboxes import Mailbox, mailbox_of
from sandbox.profiles.profile import Ambient

RATES = Ambient(unknown=0.02, inactive=0.0, full=0.01, grey=0.05, filtered=0.0, late=0.0)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("unknown.yamada@gmail.com", Mailbox.UNKNOWN),
        ("GONE-12@gmail.com", Mailbox.UNKNOWN),
        ("gone@gmail.com", Mailbox.UNKNOWN),
        ("goner@gmail.com", Mailbox.ORDINARY),
        ("full_sato@docomo.ne.jp", Mailbox.FULL),
        ("late+shop@kaisha.example", Mailbox.LATE),
        ("yamada.unknown@gmail.com", Mailbox.ORDINARY),
        (".a@docomo.ne.jp", Mailbox.ORDINARY),
    ],
)
def test_the_first_word_forces_the_fate(address: str, expected: Mailbox) -> None:
    assert mailbox_of(address, seed=1, ambient=None) is expected
    assert mailbox_of(address.upper(), seed=1, ambient=None) is expected


def test_ordinary_addresses_never_fail_while_rates_are_off() -> None:
    fates = {mailbox_of(f"u{n}@gmail.com", seed=1, ambient=None) for n in range(2000)}

    assert fates == {Mailbox.ORDINARY}


def test_rates_are_kept_and_repeat_with_the_seed() -> None:
    addresses = [f"u{n}@gmail.com" for n in range(20_000)]
    first = [mailbox_of(address, seed=7, ambient=RATES) for address in addresses]
    again = [mailbox_of(address, seed=7, ambient=RATES) for address in addresses]
    other = [mailbox_of(address, seed=8, ambient=RATES) for address in addresses]

    assert first == again != other
    assert 300 < first.count(Mailbox.UNKNOWN) < 500
    assert 850 < first.count(Mailbox.GREY) < 1150
    assert first.count(Mailbox.INACTIVE) == 0


def test_draws_differ_by_what_they_are_about() -> None:
    assert draw(1, "opens", "a@x") != draw(1, "clicks", "a@x")
    assert draw(1, "ab", "c") != draw(1, "a", "bc")


def test_half_of_the_delays_are_below_the_median() -> None:
    delays = [delay_s(600, 1, n) for n in range(4000)]

    assert 1850 < sum(delay < 600 for delay in delays) < 2150
    assert min(delays) > 0
