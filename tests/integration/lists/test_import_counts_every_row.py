"""An import ends every row of its file in exactly one count."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organisation
from lists.models import (
    ConsentRecord,
    Field,
    ImportErrorRow,
    Reader,
    ReaderState,
    Subscription,
)
from tests.factories.lists import (
    import_file,
    make_list,
    make_organisation,
    make_reader,
    make_subscriber,
    outcome_of,
)

pytestmark = pytest.mark.django_db


def test_a_first_file_makes_readers_with_fields_and_consent() -> None:
    organisation = make_organisation(language="ja")
    row = import_file(
        organisation,
        [
            "メールアドレス,姓,名,会社名,会員ランク",
            "Misaki.Sato@Example.jp,佐藤,美咲,㈱つきのわ,A",
            "高橋 悠斗 <y-takahashi@example.com>,,,,B",
            "ito＠example.jp,伊藤,,,",
            "yamada@@example.com,山田,,,",
            ",加藤,,,",
            "misaki.sato@example.jp,佐藤,美咲子,㈱つきのわ,S",
        ],
    )
    assert outcome_of(row) == {"read": 6, "created": 3, "duplicates": 1, "errors": 2}
    assert row.encoding == "utf-8"
    reader = Reader.objects.get(organisation=organisation, normalised="misaki.sato@example.jp")
    assert reader.name == "佐藤 美咲子"  # the later row wins
    assert reader.fields == {
        "family_name": "佐藤",
        "given_name": "美咲子",
        "company": "㈱つきのわ",
        "会員ランク": "S",
    }
    named = Reader.objects.get(organisation=organisation, address="y-takahashi@example.com")
    assert named.name == "高橋 悠斗"
    assert list(Field.objects.filter(organisation=organisation).values_list("key", "label")) == [
        ("family_name", "姓"),
        ("given_name", "名"),
        ("company", "会社名"),
        ("会員ランク", "会員ランク"),
    ]
    errors = ImportErrorRow.objects.filter(reader_import=row).order_by("line")
    assert list(errors.values_list("line", "reason")) == [(5, "several-at-signs"), (6, "empty")]
    assert errors[0].cells == ["yamada@@example.com", "山田", "", "", ""]
    consents = ConsentRecord.objects.filter(organisation=organisation)
    assert {(c.basis, c.route, c.evidence, c.act) for c in consents} == {
        ("consent", f"import:{row.pk}", "店頭の申込書", "given")
    }
    assert consents.count() == 3


def test_the_same_file_again_changes_nothing() -> None:
    organisation = make_organisation()
    lines = ["email,name,会社名", "a@example.jp,A,甲", "b@example.jp,B,乙"]
    import_file(organisation, lines)
    row = import_file(organisation, lines)
    assert outcome_of(row) == {"read": 2, "unchanged": 2}
    assert ConsentRecord.objects.filter(organisation=organisation).count() == 2


def test_blank_cells_leave_what_is_known() -> None:
    organisation = make_organisation()
    import_file(organisation, ["email,name,会社名", "a@example.jp,A,甲"])
    row = import_file(organisation, ["email,name,部署", "a@example.jp,,営業"])
    assert outcome_of(row) == {"read": 1, "updated": 1}
    reader = Reader.objects.get(organisation=organisation)
    assert reader.name == "A"
    assert reader.fields == {"company": "甲", "department": "営業"}


def test_a_stronger_consent_replaces_a_weaker_one_and_never_the_reverse() -> None:
    organisation = make_organisation()
    lines = ["email", "a@example.jp"]
    import_file(organisation, lines, basis="business")
    import_file(organisation, lines, basis="consent")
    row = import_file(organisation, lines, basis="published")
    assert outcome_of(row) == {"read": 1, "unchanged": 1}
    assert Subscription.objects.get(reader__organisation=organisation).basis == "consent"


def test_a_reader_of_another_list_is_put_on_the_chosen_one() -> None:
    organisation = make_organisation()
    make_subscriber(organisation, "a@example.jp", name="A")
    events = make_list(organisation, "催し")
    row = import_file(organisation, ["email", "a@example.jp"], reader_list=events)
    assert outcome_of(row) == {"read": 1, "updated": 1}
    assert Subscription.objects.filter(list=events, state="subscribed").count() == 1


def test_other_organisations_are_not_touched() -> None:
    theirs = make_reader(make_organisation(), "a@example.jp", name="Theirs")
    row = import_file(make_organisation(), ["email,name", "a@example.jp,Ours"])
    theirs.refresh_from_db()
    assert (theirs.name, outcome_of(row)) == ("Theirs", {"read": 1, "created": 1})


addresses = st.sampled_from(
    [f"reader{n}@example.jp" for n in range(8)]
    + [f"READER{n}@example.jp" for n in range(4)]
    + ["", "x", "a@@b.jp", "a b@example.jp", "山田 <reader1@example.jp>", "a..b@docomo.ne.jp"]
)
rows = st.lists(st.tuples(addresses, st.sampled_from(["", "A", "B"])), max_size=25)
states = st.lists(st.sampled_from(ReaderState.values), max_size=6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=rows, states=states, broken=st.booleans())
def test_the_equation_holds_for_any_file(
    rows: list[tuple[str, str]], states: list[str], broken: bool
) -> None:
    organisation = make_organisation()
    for number, state in enumerate(states):
        make_subscriber(organisation, f"reader{number}@example.jp", state=state)
    before = _stopped(organisation)
    lines = ["email,name", *(f"{address},{name}" for address, name in rows)]
    if broken:
        lines.append('"never closed,x')

    row = import_file(organisation, [*lines, ""])

    filled = [line for line in lines[1:] if line.strip(",")]
    assert row.state == "done"
    assert row.read == len(filled)
    assert row.read == (
        row.created
        + row.updated
        + row.unchanged
        + row.duplicates
        + sum(row.excluded.values())
        + row.errors
    )
    assert row.errors == ImportErrorRow.objects.filter(reader_import=row).count()
    assert Reader.objects.filter(organisation=organisation).count() == len(states) + row.created
    assert _stopped(organisation) == before


def _stopped(organisation: Organisation) -> Counter[tuple[str, str, str]]:
    rows = Reader.objects.filter(organisation=organisation).exclude(state=ReaderState.ACTIVE)
    return Counter(rows.values_list("address", "name", "state"))
