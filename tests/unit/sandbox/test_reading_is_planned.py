from dataclasses import replace

from sandbox.letter import Letter
from sandbox.mailboxes import Mailbox
from sandbox.profiles.company import COMPANY
from sandbox.profiles.gmail import GMAIL
from sandbox.profiles.icloud import ICLOUD
from sandbox.profiles.profile import Habits
from sandbox.readers import Act, Action, plan_reading

LETTER = Letter(
    images=("http://127.0.0.1/o",),
    links=("http://127.0.0.1/1", "http://127.0.0.1/2", "http://127.0.0.1/3"),
    all_links=(
        "http://127.0.0.1/1",
        "http://127.0.0.1/2",
        "http://127.0.0.1/3",
        "http://127.0.0.1/u",
    ),
    one_click_url="http://127.0.0.1/u",
)


def plan(
    number: int, habits: Habits, mailbox: Mailbox = Mailbox.ORDINARY, seed: int = 1
) -> list[Action]:
    return plan_reading(
        LETTER, habits, mailbox, seed=seed, address=f"r{number}@x.example", subject="News"
    )


def acts(actions: list[Action]) -> list[Act]:
    return [action.act for action in actions]


def test_the_same_seed_gives_the_same_reading() -> None:
    first = [plan(number, GMAIL.habits) for number in range(300)]

    assert first == [plan(number, GMAIL.habits) for number in range(300)]
    assert first != [plan(number, GMAIL.habits, seed=2) for number in range(300)]


def test_about_as_many_open_as_the_habit_says() -> None:
    opened = sum(Act.OPEN in acts(plan(number, GMAIL.habits)) for number in range(3000))

    assert 0.33 < opened / 3000 < 0.43


def test_nobody_clicks_before_opening() -> None:
    for number in range(2000):
        times = {action.act: action.after_s for action in plan(number, GMAIL.habits)}
        if Act.CLICK in times:
            assert times[Act.CLICK] > times[Act.OPEN]


def test_gmail_fetches_pictures_through_its_proxy_but_clicks_are_the_readers() -> None:
    opening, click = plan(1, GMAIL.habits, Mailbox.ALWAYS_CLICKS)

    assert "GoogleImageProxy" in opening.detail["agent"]
    assert click.detail["agent"] in GMAIL.habits.agents


def test_forced_readers_do_what_their_name_says() -> None:
    assert acts(plan(1, GMAIL.habits, Mailbox.ALWAYS_OPENS)) == [Act.OPEN]
    assert acts(plan(1, GMAIL.habits, Mailbox.LEAVES)) == [Act.OPEN, Act.UNSUBSCRIBE]
    assert acts(plan(1, GMAIL.habits, Mailbox.SILENT)) == []
    assert acts(plan(1, GMAIL.habits, Mailbox.COMPLAINS)) == []


def test_nobody_leaves_by_one_click_where_it_is_not_offered() -> None:
    letter = replace(LETTER, one_click_url="")

    actions = plan_reading(
        letter, GMAIL.habits, Mailbox.LEAVES, seed=1, address="leaves.a@gmail.com", subject=""
    )

    assert acts(actions) == [Act.OPEN]


def test_machines_act_without_any_reader() -> None:
    prefetch = plan(1, replace(ICLOUD.habits, prefetches=1.0), Mailbox.SILENT)
    scan = plan(1, replace(COMPANY.habits, scans=1.0), Mailbox.SILENT)

    assert [(action.act, action.detail["agent"]) for action in prefetch] == [
        (Act.PREFETCH, "Mozilla/5.0")
    ]
    # A scanner follows everything, the way out too: a GET must not unsubscribe.
    assert scan[0].detail["urls"] == list(LETTER.all_links)
