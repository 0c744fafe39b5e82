"""One click is enough, a look is not; what is told to the reader is in the database already."""

import re

import pytest

from lists.models import ConsentRecord, Reader, Subscription
from mailer.engine.tokens import TokenKind
from mailer.models import Suppression
from tests.factories.tracking import make_sent_mail
from tracking.models import DeliveryEngagement, Event, MailingEngagement

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def facts():
    """What the database says, in one value."""
    return {
        "subscription": Subscription.objects.get().state,
        "reader": Reader.objects.get().state,
        "stops": [(s.scope.partition(":")[0], s.reason) for s in Suppression.objects.all()],
        "consents": list(ConsentRecord.objects.order_by("id").values_list("act", flat=True)),
        "events": list(Event.objects.order_by("at").values_list("kind", "rule")),
        "left": DeliveryEngagement.objects.exclude(unsubscribed_at=None).count(),
        "counted": sum(MailingEngagement.objects.values_list("unsubscribed", flat=True)),
    }


NOTHING = {
    "subscription": "subscribed",
    "reader": "active",
    "stops": [],
    "consents": [],
    "events": [],
    "left": 0,
    "counted": 0,
}


def gone(route):
    return {
        "subscription": "unsubscribed",
        "reader": "unsubscribed",
        "stops": [("list", "unsubscribed")],
        "consents": ["withdrawn"],
        "events": [(3, route)],
        "left": 1,
        "counted": 1,
    }


@pytest.fixture
def url(mail):
    return f"/u/{mail.token(TokenKind.UNSUBSCRIBE)}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(tracker, url, orm, method):
    answer = await tracker.request(
        method, f"{url}?List-Unsubscribe=One-Click", headers={"accept-language": "en"}
    )
    assert answer.status_code == 200
    assert await orm(facts) == NOTHING
    if method == "GET":
        assert '<html lang="en">' in answer.text
        assert "Tsukinowa Coffee" in answer.text
        assert '<form class="stack" method="post">' in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"List-Unsubscribe=One-Click"},
    ],
    ids=["urlencoded", "multipart", "no content type"],
)
async def test_one_click_acts_before_it_answers(tracker, url, orm, form):
    answer = await tracker.post(url, **form)
    assert (answer.status_code, "location" in answer.headers) == (200, False)
    assert await orm(facts) == gone("one-click")
    consent = await orm(ConsentRecord.objects.get)
    assert (consent.ip, consent.route.partition(":")[0]) == ("192.0.2.77", "one-click")
    event = await orm(Event.objects.get)
    assert event.ip == "192.0.2.0"


async def test_one_click_twice_counts_once(tracker, url, orm):
    for _ in range(2):
        assert (await tracker.post(url, data=ONE_CLICK)).status_code == 200
    found = await orm(facts)
    assert (found["left"], found["counted"], found["consents"]) == (1, 1, ["withdrawn"])


@pytest.mark.parametrize(
    "body", [b"", b"List-Unsubscribe=one-click", b"List-Unsubscribe=", b"x=1", b"action=else"]
)
async def test_any_other_post_changes_nothing(tracker, url, orm, body):
    answer = await tracker.post(url, content=body, headers=FORM)
    assert answer.status_code == 400
    assert await orm(facts) == NOTHING


async def test_button_of_the_page_and_undo(tracker, url, orm):
    done = await tracker.post(url, data={"action": "unsubscribe"})
    assert done.status_code == 200
    assert await orm(facts) == gone("page")
    [signed] = re.findall(r'name="undo" value="([^"]+)"', done.text)
    back = await tracker.post(url, data={"action": "undo", "undo": signed})
    assert back.status_code == 200
    found = await orm(facts)
    assert (found["subscription"], found["reader"], found["stops"]) == ("subscribed", "active", [])
    assert (found["consents"], found["left"], found["counted"]) == (["withdrawn", "given"], 0, 0)
    assert found["events"] == [(3, "page"), (4, "page-undo")]


async def test_undo_of_somebody_else_is_refused(tracker, url, orm):
    await tracker.post(url, data=ONE_CLICK)
    for forged in ("", "x", "AAAA:1tQ:sig"):
        answer = await tracker.post(url, data={"action": "undo", "undo": forged})
        assert answer.status_code == 400
    assert await orm(facts) == gone("one-click")


async def test_page_is_strict_and_speaks_the_readers_language(tracker, url):
    answer = await tracker.get(url, headers={"accept-language": "ja,en;q=0.8"})
    assert '<html lang="ja">' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert "<script" not in answer.text
    english = await tracker.get(f"{url}/en", headers={"accept-language": "ja"})
    assert '<html lang="en">' in english.text


async def test_large_body_is_refused(tracker, url, orm):
    answer = await tracker.post(url, content=b"List-Unsubscribe=One-Click&x=" + b"y" * 20_000)
    assert answer.status_code == 413
    assert await orm(facts) == NOTHING


async def test_page_does_not_show_the_address(tracker, url, mail):
    assert mail.reader.address not in (await tracker.get(url)).text


class TestMailing:
    """The link of a test send says so and touches nobody."""

    @pytest.fixture
    def mail(self, transactional_db):
        return make_sent_mail(kind="test")

    @pytest.fixture
    def url(self, mail):
        return f"/u/{mail.token(TokenKind.UNSUBSCRIBE)}"

    async def test_nothing_changes(self, tracker, url, orm):
        answer = await tracker.post(url, data=ONE_CLICK, headers={"accept-language": "en"})
        assert (answer.status_code, "This was a test" in answer.text) == (200, True)
        assert await orm(facts) == NOTHING
