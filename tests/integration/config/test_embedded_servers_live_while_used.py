"""The embedded servers start for the first user and stop after the last, however users end."""


def test_servers_stop_after_their_last_user_is_killed(installation, eventually):
    first = installation.hold()
    second = installation.hold()
    keeper = installation.status()["pid"]

    first.kill()
    assert installation.sql("SELECT 1") == [1]
    assert installation.status()["pid"] == keeper

    second.kill()
    eventually(lambda: not installation.is_kept())
    assert installation.server_processes() == []


def test_data_survives_an_orderly_stop(installation, eventually):
    installation.hold()
    installation.sql("CREATE TABLE letter AS SELECT 'written' AS state")
    installation.redis().set("state", "written")

    installation.end_holders()
    eventually(lambda: not installation.is_kept())
    installation.hold()

    assert installation.sql("SELECT state FROM letter") == ["written"]
    assert installation.redis().get("state") == b"written"


def test_two_first_users_share_one_keeper(installation):
    holders = [installation.start_holder() for _number in range(3)]

    for holder in holders:
        assert holder.stdout.readline() == "held\n"

    assert len({installation.status()["pid"]}) == 1
    assert installation.sql("SELECT count(*) FROM pg_database WHERE datname = 'todoku'") == [1]


def test_only_the_server_that_is_needed_runs(installation):
    installation.hold("valkey")

    assert list(installation.status()["servers"]) == ["valkey"]
    assert not installation.places.postgres.exists()

    installation.hold("postgres,valkey")

    assert sorted(installation.status()["servers"]) == ["postgres", "valkey"]


def test_valkey_keeps_every_key_and_writes_a_journal(installation):
    installation.hold("valkey")

    settings = installation.redis().config_get("*")

    assert settings["appendonly"] == "yes"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["port"] == "0"
