"""Nobody else can read the data or use the sockets, and nothing outside is changed."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from config.embedded import addresses
from config.embedded.errors import EmbeddedServerError
from config.embedded.places import SOCKET_PATH_LIMIT, find_places, make_private
from config.embedded.servant import Servant, can_reach, find_servant

STRANGER = Servant("stranger", 54321, 54321, is_other=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_data_and_sockets_belong_to_the_servers_account_alone(installation):
    before = {parent: (mode(parent), parent.stat().st_uid) for parent in installation.var.parents}
    before[installation.var] = (mode(installation.var), installation.var.stat().st_uid)

    installation.hold()

    places, servant = installation.places, find_servant()
    for directory in (places.postgres, places.valkey, places.sockets):
        assert (mode(directory), directory.stat().st_uid) == (0o700, servant.uid)
    after = {path: (mode(path), path.stat().st_uid) for path in before}
    assert after == before


def test_servers_do_not_run_as_root(installation):
    installation.hold()

    # The two that stay: PostgreSQL's sessions come and go.
    pids = [installation.pid("postgres"), installation.pid("valkey")]
    uids = {Path(f"/proc/{pid}").stat().st_uid for pid in pids}

    assert uids == {find_servant().uid}
    assert 0 not in uids


def test_password_is_asked_for(installation):
    installation.hold()
    wrong = addresses.database_url(installation.var).replace("todoku:", "todoku:x")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_secrets_are_readable_by_us_alone(installation):
    addresses.database_url(installation.var)
    addresses.redis_url(installation.var)

    assert {mode(path) for path in installation.var.glob("*.password")} == {0o600}


def test_long_path_moves_the_sockets_to_a_short_private_directory(tmp_path):
    var = tmp_path / ("long" * 25)

    places = find_places(var)

    assert len(os.fsencode(places.sockets / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
    assert places.sockets == find_places(var).sockets


def test_socket_directory_of_somebody_else_is_refused(tmp_path):
    taken = tmp_path / "sockets"
    (tmp_path / "elsewhere").mkdir()
    taken.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(EmbeddedServerError, match="belongs to somebody else"):
        make_private(taken, find_servant())


def test_closed_parent_puts_a_path_out_of_reach(installation):
    inside = installation.var / "servers"
    inside.mkdir()
    assert can_reach(STRANGER, inside)

    installation.var.chmod(0o700)

    assert not can_reach(STRANGER, inside)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers under another account")
def test_root_puts_data_where_the_account_can_walk_when_it_cannot_enter(installation):
    installation.var.chmod(0o700)

    installation.hold("valkey")

    assert installation.places.home.parent == Path("/var/lib/todoku")
    assert installation.redis().ping()
    assert mode(installation.var) == 0o700
