"""Every rule has an agent that it catches and one beside it that it must leave alone."""

from datetime import UTC, datetime, timedelta

import pytest

from tracking.raw_event import CLICK, OPEN, UNSUBSCRIBE, RawEvent
from tracking.verdicts import Judgement, Sighting, judge

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
CUBOT = "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def event(kind=OPEN, agent=IPHONE, *, at=NOW, is_head=False):
    return RawEvent(1, at, kind, 5, 77, 0, "192.0.2.0", agent, is_head)


@pytest.mark.parametrize(
    ("kind", "agent", "verdict", "rule"),
    [
        (OPEN, IPHONE, "human", ""),
        (CLICK, IPHONE, "human", ""),
        (CLICK, CUBOT, "human", ""),
        (OPEN, GMAIL, "proxy", "google-image-proxy"),
        (OPEN, "YahooMailProxy; https://help.yahoo.com/kb/x.html", "proxy", "yahoo-mail-proxy"),
        (OPEN, "Mozilla/5.0", "privacy_relay", "apple-mail-privacy"),
        (CLICK, "Mozilla/5.0", "scanner", "bare-mozilla"),
        (CLICK, "Mozilla/5.0 BarracudaCentral/1.0", "scanner", "security-gateway"),
        (CLICK, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "scanner", "robot"),
        (CLICK, "python-requests/2.31", "scanner", "program"),
        (OPEN, "Mozilla/5.0 HeadlessChrome/120.0", "scanner", "program"),
        (CLICK, "", "scanner", "no-user-agent"),
        (OPEN, "", "human", ""),
    ],
)
def test_agent_is_recognised(kind, agent, verdict, rule):
    assert judge(event(kind, agent), Sighting()) == Judgement(verdict, rule)


def test_head_is_never_a_person():
    assert judge(event(CLICK, is_head=True), Sighting()) == Judgement("scanner", "head-request")


@pytest.mark.parametrize(("seconds", "verdict"), [(-1, "scanner"), (1, "scanner"), (3, "human")])
def test_click_right_after_acceptance_is_a_scanner(seconds, verdict):
    at = NOW + timedelta(seconds=seconds)
    assert judge(event(CLICK, at=at), Sighting(accepted_at=NOW)).verdict == verdict


def test_click_while_the_server_still_thinks_is_a_scanner():
    assert judge(event(CLICK), Sighting(is_under_way=True)).rule == "before-acceptance"


def test_open_right_after_acceptance_stays_a_person():
    assert judge(event(OPEN), Sighting(accepted_at=NOW)).verdict == "human"


def test_unsubscribe_is_always_a_person():
    assert judge(event(UNSUBSCRIBE, "python-requests/2.31"), Sighting()).verdict == "human"
