"""Two workers, dead workers and two files at once do no harm to one another."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection, connections

from lists.models import ImportState, Reader, ReaderImport
from lists.services.imports import run_import, running, unfinished_imports
from tests.factories.lists import NOW, make_import, make_organisation, outcome_of

LATER = NOW + timedelta(minutes=2)
ROWS = ["email,name", *(f"reader{n}@example.jp,R{n}" for n in range(300))]


@pytest.fixture
def in_thread(
    transactional_db: None,
) -> Iterator[Callable[[Callable[[], object]], threading.Thread]]:
    threads = []

    def start(work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        return thread

    yield start
    for thread in threads:
        thread.join(30)


def test_two_imports_of_the_same_people_make_each_reader_once(
    in_thread: Callable[[Callable[[], object]], threading.Thread],
) -> None:
    organisation = make_organisation()
    first = make_import(organisation, ROWS)
    second = make_import(organisation, [ROWS[0], *reversed(ROWS[1:])])
    threads = [
        in_thread(lambda: run_import(first.pk, NOW)),
        in_thread(lambda: run_import(second.pk, NOW)),
    ]
    for thread in threads:
        thread.join(30)
    first.refresh_from_db()
    second.refresh_from_db()
    assert Reader.objects.filter(organisation=organisation).count() == 300
    assert sorted([str(outcome_of(first)), str(outcome_of(second))]) == [
        "{'read': 300, 'created': 300}",
        "{'read': 300, 'unchanged': 300}",
    ]


@pytest.mark.django_db
def test_a_finished_import_is_not_run_again() -> None:
    row = make_import(make_organisation(), ROWS)
    assert run_import(row.pk, NOW)
    assert not run_import(row.pk, LATER)
    row.refresh_from_db()
    assert row.claims == 1


@pytest.mark.django_db
def test_a_run_that_dies_leaves_nothing_and_is_run_again() -> None:
    row = make_import(make_organisation(), ROWS)
    with (
        mock.patch.object(running, "merge_stage", side_effect=ConnectionError),
        pytest.raises(ConnectionError),
    ):
        run_import(row.pk, NOW)
    row.refresh_from_db()
    assert (row.state, Reader.objects.count()) == (ImportState.RUNNING, 0)
    assert unfinished_imports(NOW + timedelta(seconds=10)) == []  # perhaps still alive
    assert unfinished_imports(LATER) == [row.pk]
    assert run_import(row.pk, LATER)
    row.refresh_from_db()
    assert outcome_of(row) == {"read": 300, "created": 300}


@pytest.mark.django_db
def test_a_file_that_kills_every_worker_is_given_up() -> None:
    row = make_import(make_organisation(), ROWS)
    ReaderImport.objects.filter(pk=row.pk).update(
        state=ImportState.RUNNING, claims=running.MAX_CLAIMS, claimed_at=NOW
    )
    assert not run_import(row.pk, LATER)
    row.refresh_from_db()
    assert (row.state, row.failure) == (ImportState.FAILED, "crashed")
    assert unfinished_imports(LATER) == []


def test_a_slow_worker_keeps_its_import(
    in_thread: Callable[[Callable[[], object]], threading.Thread],
) -> None:
    row = make_import(make_organisation(), ROWS)
    reading, go_on = threading.Event(), threading.Event()

    def pause(_rows: int) -> None:
        reading.set()
        go_on.wait(20)

    slow = in_thread(lambda: run_import(row.pk, NOW, pause))
    assert reading.wait(20)
    assert not run_import(row.pk, LATER)
    go_on.set()
    slow.join(30)
    row.refresh_from_db()
    assert (outcome_of(row), row.claims) == ({"read": 300, "created": 300}, 1)
    assert connection.in_atomic_block is False
