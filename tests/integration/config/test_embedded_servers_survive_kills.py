"""kill -9 of any of them: the next start works, and committed data is there."""

import os
import signal

import psycopg
import pytest
import redis


def test_killed_keeper_takes_its_servers_along_and_the_next_start_finds_the_data(
    installation, eventually
):
    installation.hold()
    installation.sql("CREATE TABLE letter AS SELECT 'written' AS state")
    keeper = installation.status()["pid"]

    os.kill(keeper, signal.SIGKILL)
    eventually(lambda: not installation.server_processes())
    installation.hold()

    assert installation.status()["pid"] != keeper
    assert installation.sql("SELECT state FROM letter") == ["written"]


def test_next_start_does_not_wait_for_anybody_when_keeper_and_servers_are_killed(installation):
    installation.hold()
    installation.sql("CREATE TABLE letter AS SELECT 'written' AS state")

    pids = [installation.status()["pid"], installation.pid("postgres"), installation.pid("valkey")]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    installation.hold()

    assert installation.sql("SELECT state FROM letter") == ["written"]
    assert installation.redis().ping()


@pytest.mark.parametrize(
    ("server", "answers"),
    [
        ("postgres", lambda installation: installation.sql("SELECT 1") == [1]),
        ("valkey", lambda installation: installation.redis().ping()),
    ],
)
def test_killed_server_comes_back_while_it_is_used(installation, eventually, server, answers):
    installation.hold()
    keeper, killed = installation.status()["pid"], installation.pid(server)

    os.kill(killed, signal.SIGKILL)

    def answers_again() -> bool:
        try:
            return installation.pid(server) != killed and bool(answers(installation))
        except (psycopg.OperationalError, redis.ConnectionError, TypeError):
            return False

    eventually(answers_again)
    assert installation.status()["pid"] == keeper


def test_lock_file_that_names_a_living_stranger_does_not_block_the_start(installation, eventually):
    installation.hold()
    installation.end_holders()
    eventually(lambda: not installation.is_kept())
    data = installation.places.postgres
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n", encoding="ascii")

    installation.hold()

    assert installation.sql("SELECT 1") == [1]


def test_interrupted_first_start_is_begun_again(installation):
    half = installation.places.home / "initdb-1" / "data"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")

    installation.hold()

    assert installation.sql("SELECT 1") == [1]
    assert not half.exists()
