"""A slot's journal over its life and after its death."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from mailer.net import journal
from mailer.net.journal import Journal, JournalEntry, JournalReply, adopt_orphans, read

OK = JournalReply(250, "2.0.0", "queued as 1\nline", "dot")


def entries(path):
    return read(path).entries


def test_the_last_word_on_each_delivery_counts(tmp_path):
    slot = Journal.open(tmp_path, "slot-1")
    slot.dot_sent(1, 10)
    slot.dot_sent(1, 11)
    slot.replied(1, 10, OK)
    assert entries(slot.path) == (JournalEntry(1, 10, OK), JournalEntry(1, 11, None))
    slot.close()


def test_a_long_reply_is_cut(tmp_path):
    slot = Journal.open(tmp_path, "slot-1")
    slot.replied(1, 10, JournalReply(550, "", "語" * 5000, "dot"))
    assert len(entries(slot.path)[0].reply.text) == 1000
    slot.close()


@pytest.mark.parametrize("keep", [-1, -2, -9])
def test_a_torn_last_line_is_skipped(tmp_path, keep):
    slot = Journal.open(tmp_path, "slot-1")
    slot.dot_sent(1, 10)
    slot.replied(1, 10, OK)
    torn = tmp_path / "torn"
    torn.write_bytes(slot.path.read_bytes()[:keep])
    found = read(torn)
    expected = (JournalEntry(1, 10, OK), 0) if keep == -1 else (JournalEntry(1, 10, None), 1)
    assert (found.entries[0], found.damaged_lines) == expected
    slot.close()


def test_a_damaged_line_does_not_hide_the_others(tmp_path):
    slot = Journal.open(tmp_path, "slot-1")
    slot.dot_sent(1, 10)
    slot.dot_sent(1, 11)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(slot.path.read_bytes().replace(b" 10\n", b" 19\n") + b"\0" * 100)
    found = read(damaged)
    assert (found.entries, found.damaged_lines) == ((JournalEntry(1, 11, None),), 2)
    slot.close()


def test_committed_outcomes_leave_the_journal(tmp_path):
    slot = Journal.open(tmp_path, "slot-1")
    slot.dot_sent(1, 10)
    slot.dot_sent(1, 11)
    slot.committed([(1, 10)])
    assert len(entries(slot.path)) == 2  # not worth rewriting yet
    slot.committed([(1, 11)])
    assert slot.path.stat().st_size == 0
    slot.dot_sent(1, 12)
    assert entries(slot.path) == (JournalEntry(1, 12, None),)
    slot.close()
    assert slot.path.exists()


def test_a_busy_journal_is_compacted_and_stays_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "COMPACT_BYTES", 2000)
    slot = Journal.open(tmp_path, "slot-1")
    for delivery_id in range(500):
        slot.dot_sent(1, delivery_id)
        slot.replied(1, delivery_id, OK)
        slot.committed([(1, delivery_id - 3)])
    assert slot.path.stat().st_size < 3000
    assert [e.delivery_id for e in entries(slot.path)][-3:] == [497, 498, 499]
    assert list(adopt_orphans(tmp_path)) == []
    assert [path.name for path in tmp_path.iterdir()] == ["slot-1.journal"]
    slot.close()


def test_an_incarnation_has_its_name_once(tmp_path):
    slot = Journal.open(tmp_path, "slot-1")
    with pytest.raises(FileExistsError):
        Journal.open(tmp_path, "slot-1")
    slot.close()
    assert not slot.path.exists()  # nothing in it, nothing to recover


def test_a_living_slot_is_no_orphan_and_a_dead_one_is(tmp_path):
    alive = Journal.open(tmp_path, "alive")
    alive.dot_sent(2, 20)
    script = textwrap.dedent(
        f"""
        import pathlib, time
        from mailer.net.journal import Journal
        slot = Journal.open(pathlib.Path({str(tmp_path)!r}), "dead")
        slot.dot_sent(1, 10)
        print("ready", flush=True)
        time.sleep(60)
        """
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)  # noqa: S603 - ours
    assert child.stdout is not None
    child.stdout.readline()
    assert list(adopt_orphans(tmp_path)) == []
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    [orphan] = adopt_orphans(tmp_path)
    assert (orphan.incarnation, orphan.contents.entries) == ("dead", (JournalEntry(1, 10, None),))
    assert list(adopt_orphans(tmp_path)) == []  # ours until we are done with it
    orphan.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["alive.journal"]
    alive.close()


async def test_those_who_wait_share_one_sync(tmp_path, monkeypatch):
    calls = []
    real = os.fdatasync

    def counted(descriptor):
        calls.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", counted)
    slot = Journal.open(tmp_path, "slot-1")

    async def one(number):
        slot.dot_sent(1, number)
        await slot.sync()

    await asyncio.gather(*(one(number) for number in range(50)))
    assert 1 <= len(calls) <= 3
    await one(99)
    assert len(entries(slot.path)) == 51
    slot.close()
