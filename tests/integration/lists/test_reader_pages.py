"""The list, the page of one reader, adding, changing, stopping, trash."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from lists.models import ConsentRecord, Field, Reader, ReaderState
from lists.selectors import readers as readers_selector
from mailer.models import Attempt
from mailer.services.partitions import ensure_delivery_partition
from tests.factories.lists import NOW, make_organisation, make_reader, make_subscriber
from tests.factories.mailer import make_mailing

pytestmark = pytest.mark.django_db


def page(member: Member, name: str, *arguments: Any) -> str:
    return reverse(f"lists:{name}", args=[member.organisation.slug, *arguments])


def text(response: Any) -> str:
    return str(response.content.decode())


def test_an_organisation_without_readers_is_shown_the_way(browser: Client, member: Member) -> None:
    shown = text(browser.get(page(member, "readers")))
    assert "There are no readers yet" in shown
    assert page(member, "import") in shown


def test_tabs_search_and_pages_are_links(
    browser: Client, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers_selector, "PAGE_SIZE", 2)
    organisation = member.organisation
    for number in range(5):
        make_reader(organisation, f"r{number}@example.jp", name=f"Reader {number}")
    make_reader(organisation, "left@example.jp", state=ReaderState.UNSUBSCRIBED)
    make_reader(organisation, "bin@example.jp", state=ReaderState.TRASHED)
    make_reader(make_organisation(), "foreign@example.jp")

    first = text(browser.get(page(member, "readers")))
    assert "left@example.jp" in first
    assert "bin@example.jp" not in first
    assert "foreign@example.jp" not in first
    older = Reader.objects.get(address="r4@example.jp").pk
    second = text(browser.get(page(member, "readers"), {"before": older}))
    assert "r3@example.jp" in second
    assert "r4@example.jp" not in second
    newer = Reader.objects.get(address="r3@example.jp").pk
    back = text(browser.get(page(member, "readers"), {"after": newer}))
    assert "r4@example.jp" in back

    trash = text(browser.get(page(member, "readers"), {"state": "trashed"}))
    assert "bin@example.jp" in trash
    found = text(browser.get(page(member, "readers"), {"q": "ＲＥＡＤＥＲ 3"}))
    assert "r3@example.jp" in found
    assert "r1@example.jp" not in found
    assert "No reader fits" in text(browser.get(page(member, "readers"), {"q": "%"}))


def test_the_list_asks_the_database_the_same_number_of_times(
    browser: Client, member: Member, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_reader(member.organisation, f"r{number}@example.jp")
    with django_assert_max_num_queries(16):
        browser.get(page(member, "readers"))


def test_a_reader_is_added_with_consent_and_fields(browser: Client, member: Member) -> None:
    Field.objects.create(organisation=member.organisation, key="company", label="会社名")
    answer = browser.post(
        page(member, "add"),
        {
            "address": "佐藤 <Misaki@Example.jp>",
            "name": "",
            "basis": "written",
            "evidence": "名刺 2026-11",
            "field_company": "㈱髙橋",
        },
    )
    reader = Reader.objects.get(organisation=member.organisation)
    assert answer["Location"] == page(member, "reader", reader.pk)
    assert (reader.address, reader.name) == ("Misaki@example.jp", "佐藤")
    assert reader.fields == {"company": "㈱髙橋"}
    record = ConsentRecord.objects.get()
    assert (record.basis, record.evidence, record.actor) == ("written", "名刺 2026-11", member.user)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"address": "a@@example.jp"}, "more than one @"),
        ({"basis": ""}, "This field is required"),
        ({"evidence": " "}, "Write down where the consent can be seen."),
        ({"address": "known@example.jp"}, "This address is registered already."),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    browser: Client, member: Member, change: dict[str, str], words: str
) -> None:
    make_reader(member.organisation, "known@example.jp")
    form = {"address": "a@example.jp", "name": "A", "basis": "consent", "evidence": "x", **change}
    answer = browser.post(page(member, "add"), form)
    assert answer.status_code == 422
    assert words in text(answer)
    assert Reader.objects.count() == 1


def test_names_and_fields_are_shown_as_text(browser: Client, member: Member) -> None:
    evil = "<script>alert(1)</script>"
    Field.objects.create(organisation=member.organisation, key="note", label=evil)
    reader = make_reader(member.organisation, name=evil, fields={"note": evil})
    for name, arguments in (("readers", ()), ("reader", (reader.pk,)), ("edit", (reader.pk,))):
        assert evil not in text(browser.get(page(member, name, *arguments)))


@pytest.mark.parametrize("state", ReaderState.values)
def test_every_state_has_its_page_and_its_way_out(
    browser: Client, member: Member, state: str
) -> None:
    reader = make_subscriber(member.organisation, state=state)
    answer = browser.get(page(member, "reader", reader.pk))
    assert answer.status_code == 200
    way = {"active": "stop", "unconfirmed": "stop", "trashed": "restore"}.get(state, "resume")
    assert page(member, way, reader.pk) in text(answer)
    assert ("Nothing is sent" in text(answer) or "Nothing else is sent" in text(answer)) is (
        state != ReaderState.ACTIVE
    )


def test_stopping_resuming_and_the_trash_work_by_plain_forms(
    browser: Client, member: Member
) -> None:
    reader = make_subscriber(member.organisation)

    def state() -> str:
        reader.refresh_from_db()
        return reader.state

    stop, resume = page(member, "stop", reader.pk), page(member, "resume", reader.pk)
    assert "The person said so by phone" in text(browser.get(stop))
    browser.post(stop, {"reason": "phone", "note": "11/3"})
    assert state() == ReaderState.UNSUBSCRIBED
    assert "agreed anew" in text(browser.get(resume))
    assert browser.post(resume, {"basis": "unknown", "evidence": "x"}).status_code == 422
    assert state() == ReaderState.UNSUBSCRIBED
    browser.post(resume, {"basis": "consent", "evidence": "申込書"})
    assert state() == ReaderState.ACTIVE
    browser.post(page(member, "trash", reader.pk))
    assert state() == ReaderState.TRASHED
    browser.post(page(member, "restore", reader.pk))
    assert state() == ReaderState.ACTIVE
    edit = page(member, "edit", reader.pk)
    browser.post(edit, {"name": "New name"})
    reader.refresh_from_db()
    assert reader.name == "New name"


def test_the_timeline_tells_every_mail_with_the_servers_words(
    browser: Client, member: Member
) -> None:
    reader = make_subscriber(member.organisation)
    mailing = make_mailing(member.organisation)
    ensure_delivery_partition(mailing.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mailer_delivery (mailing_id, recipient_ref, address, address_key, domain,"
            " state, reply_class, done_at) VALUES (%s, %s, %s, %s, %s, 11, 'mailbox-full', %s)"
            " RETURNING id",
            [mailing.pk, reader.pk, reader.address, bytes(reader.address_key), reader.domain, NOW],
        )
        delivery_id = cursor.fetchone()[0]
    for minutes, code, words in ((9, 451, "try later"), (0, 552, "mailbox <full>")):
        Attempt.objects.create(
            id=minutes + 1,
            at=NOW - timedelta(minutes=minutes),
            mailing_id=mailing.pk,
            delivery_id=delivery_id,
            stage="rcpt",
            reply_code=code,
            reply_text=words,
            reply_class="mailbox-full",
        )
    shown = text(browser.get(page(member, "reader", reader.pk)))
    assert "451 try later" in shown
    assert "552 mailbox &lt;full&gt;" in shown
    assert "Mailbox full" in shown
