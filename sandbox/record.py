"""What the practice internet saw: messages, conversations, errands, published records. SQLite.

Calls are short and run on the event loop. A killed process loses nothing it had answered for; a
power cut may (synchronous is off: this is practice). The oldest messages go beyond `keep`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at REAL NOT NULL,          -- seconds since 1970, UTC
    receiver TEXT NOT NULL,
    source_ip TEXT NOT NULL,
    helo TEXT NOT NULL,
    tls TEXT NOT NULL,                  -- protocol version, empty without TLS
    mail_from TEXT NOT NULL,
    size INTEGER NOT NULL,
    header_from TEXT NOT NULL,
    header_to TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    spf TEXT NOT NULL,
    dkim TEXT,                          -- JSON list of verdicts; NULL until they are known
    dmarc TEXT,                         -- pass, fail, none; NULL until known
    raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS message_unverified ON message (id) WHERE dkim IS NULL;
CREATE TABLE IF NOT EXISTS recipient (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    address TEXT NOT NULL,              -- lower case
    given TEXT NOT NULL,                -- as in RCPT
    mailbox TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS recipient_address ON recipient (address, message);
CREATE INDEX IF NOT EXISTS recipient_message ON recipient (message);
CREATE TABLE IF NOT EXISTS conversation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    receiver TEXT NOT NULL,
    source_ip TEXT NOT NULL,
    session INTEGER NOT NULL,
    helo TEXT NOT NULL,
    tls TEXT NOT NULL,
    mail_from TEXT NOT NULL,
    rcpt_to TEXT NOT NULL,
    stage TEXT NOT NULL,
    outcome TEXT NOT NULL,              -- accepted, deferred, refused, dropped
    reply TEXT NOT NULL,
    message INTEGER
);
CREATE INDEX IF NOT EXISTS conversation_rcpt ON conversation (rcpt_to, id);
CREATE TABLE IF NOT EXISTS errand (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    due_at REAL NOT NULL,
    kind TEXT NOT NULL,
    message INTEGER NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS errand_due ON errand (due_at, id);
CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS published (owner TEXT PRIMARY KEY, records TEXT NOT NULL);
"""
_TRIM_EVERY = 500
_MESSAGE_COLUMNS = (
    "id, received_at, receiver, source_ip, helo, tls, mail_from, size, header_from, header_to,"
    " subject, message_id, spf, dkim, dmarc"
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """An accepted message, ready to be kept. `recipients` are (given, address, mailbox)."""

    receiver: str
    source_ip: str
    helo: str
    tls: str
    mail_from: str
    header_from: str
    header_to: str
    subject: str
    message_id: str
    spf: str
    recipients: tuple[tuple[str, str, str], ...]
    raw: bytes


@dataclass(frozen=True)
class Errand:
    """Something to do later about a message: a report to send, a page to open."""

    id: int
    due_at: float
    kind: str
    message: int
    detail: Mapping[str, Any]


class Record:
    """The file `sandbox.sqlite3` in the data directory."""

    def __init__(self, directory: Path, keep_messages: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._keep = keep_messages
        self._since_trim = 0
        self._db = sqlite3.connect(directory / "sandbox.sqlite3", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    # --- Messages ---------------------------------------------------------------------------------
    def keep(self, message: Received, now: float) -> int:
        """Store an accepted message and return its id."""
        with self._db:
            self._db.execute("BEGIN")
            cursor = self._db.execute(
                "INSERT INTO message (received_at, receiver, source_ip, helo, tls, mail_from, size,"
                " header_from, header_to, subject, message_id, spf, raw)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    now,
                    message.receiver,
                    message.source_ip,
                    message.helo,
                    message.tls,
                    message.mail_from,
                    len(message.raw),
                    message.header_from,
                    message.header_to,
                    message.subject,
                    message.message_id,
                    message.spf,
                    message.raw,
                ),
            )
            number = int(cursor.lastrowid or 0)
            self._db.executemany(
                "INSERT INTO recipient (message, given, address, mailbox) VALUES (?, ?, ?, ?)",
                [(number, *recipient) for recipient in message.recipients],
            )
        self._trim(number)
        return number

    def messages(
        self,
        *,
        after: int,
        limit: int,
        before: int = 0,
        recipient: str = "",
        receiver: str = "",
        message_id: str = "",
        return_hosts: Sequence[str] = (),
        recipient_part: str = "",
    ) -> list[Row]:
        """List messages without their bytes: ids above `after`, oldest first; or, with `before`,
        ids below it, newest first. `return_hosts` are hosts of the envelope sender.
        """
        where = ["m.id < ?" if before else "m.id > ?"]
        terms: list[Any] = [before or after]
        if recipient:
            where.append("m.id IN (SELECT message FROM recipient WHERE address = ?)")
            terms.append(recipient.lower())
        if receiver:
            where.append("m.receiver = ?")
            terms.append(receiver)
        if message_id:
            where.append("instr(m.message_id, ?) > 0")
            terms.append(message_id)
        if return_hosts:
            marks = ", ".join("?" * len(return_hosts))
            where.append(f"lower(substr(m.mail_from, instr(m.mail_from, '@') + 1)) IN ({marks})")
            terms += [host.lower() for host in return_hosts]
        if recipient_part:
            where.append("m.id IN (SELECT message FROM recipient WHERE instr(address, ?) > 0)")
            terms.append(recipient_part.lower())
        order = "DESC" if before else "ASC"
        sql = (
            f"SELECT {_MESSAGE_COLUMNS} FROM message m WHERE {' AND '.join(where)}"  # noqa: S608  # fixed words, values are bound
            f" ORDER BY m.id {order} LIMIT ?"
        )
        return [self._described(row) for row in self._db.execute(sql, (*terms, limit))]

    def message(self, number: int) -> Row | None:
        sql = f"SELECT {_MESSAGE_COLUMNS} FROM message WHERE id = ?"  # noqa: S608  # fixed words
        row = self._db.execute(sql, (number,)).fetchone()
        return self._described(row) if row else None

    def raw(self, number: int) -> bytes | None:
        row = self._db.execute("SELECT raw FROM message WHERE id = ?", (number,)).fetchone()
        return bytes(row["raw"]) if row else None

    def unverified_count(self) -> int:
        sql = "SELECT count(*) AS n FROM message WHERE dkim IS NULL"
        return int(self._db.execute(sql).fetchone()["n"])

    def unverified(self) -> list[int]:
        rows = self._db.execute("SELECT id FROM message WHERE dkim IS NULL ORDER BY id")
        return [row["id"] for row in rows]

    def verified(self, number: int, verdicts: list[Row], dmarc: str) -> None:
        self._db.execute(
            "UPDATE message SET dkim = ?, dmarc = ? WHERE id = ?",
            (json.dumps(verdicts), dmarc, number),
        )

    def _described(self, row: sqlite3.Row) -> Row:
        entry = dict(row)
        entry["dkim"] = None if entry["dkim"] is None else json.loads(entry["dkim"])
        entry["recipients"] = [
            dict(recipient)
            for recipient in self._db.execute(
                "SELECT given, address, mailbox FROM recipient WHERE message = ?", (row["id"],)
            )
        ]
        entry["rcpt_to"] = [recipient["address"] for recipient in entry["recipients"]]
        return entry

    def _trim(self, newest: int) -> None:
        self._since_trim += 1
        if self._since_trim < _TRIM_EVERY:
            return
        self._since_trim = 0
        self._db.execute("DELETE FROM message WHERE id <= ?", (newest - self._keep,))
        for table in ("conversation", "log"):
            self._db.execute(
                f"DELETE FROM {table} WHERE id <= (SELECT max(id) FROM {table}) - ?",  # noqa: S608  # fixed names
                (self._keep * 4,),
            )

    # --- Conversations ----------------------------------------------------------------------------
    def conversed(self, entry: Mapping[str, Any]) -> None:
        """Note how one transaction, or a connection without one, came out."""
        self._db.execute(
            "INSERT INTO conversation (at, receiver, source_ip, session, helo, tls, mail_from,"
            " rcpt_to, stage, outcome, reply, message) VALUES (:at, :receiver, :source_ip,"
            " :session, :helo, :tls, :mail_from, :rcpt_to, :stage, :outcome, :reply, :message)",
            entry,
        )

    def conversations(self, equal: Mapping[str, str], *, after: int, limit: int) -> list[Row]:
        """List outcomes above `after`; `equal` names columns (receiver, outcome, rcpt_to, …)."""
        chosen = {column: value for column, value in equal.items() if value}
        where = "".join(f" AND {column} = :{column}" for column in chosen)
        sql = f"SELECT * FROM conversation WHERE id > :after{where} ORDER BY id LIMIT :limit"  # noqa: S608  # columns come from our own calls
        values = {"after": after, "limit": limit, **chosen}
        return [dict(row) for row in self._db.execute(sql, values)]

    def outcome_counts(self) -> list[Row]:
        sql = (
            "SELECT receiver, stage, outcome, count(*) AS number FROM conversation"
            " GROUP BY receiver, stage, outcome"
        )
        return [dict(row) for row in self._db.execute(sql)]

    def message_counts(self) -> dict[str, int]:
        rows = self._db.execute("SELECT receiver, count(*) AS n FROM message GROUP BY receiver")
        return {row["receiver"]: row["n"] for row in rows}

    # --- Errands ----------------------------------------------------------------------------------
    def add_errands(self, errands: Iterable[tuple[float, str, int, Mapping[str, Any]]]) -> None:
        """Store (due_at, kind, message, detail) rows."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO errand (due_at, kind, message, detail) VALUES (?, ?, ?, ?)",
                [
                    (due, kind, message, json.dumps(detail))
                    for due, kind, message, detail in errands
                ],
            )

    def due_errands(self, now: float, limit: int, busy: Iterable[int]) -> list[Errand]:
        """Return errands that are due and not in `busy`, earliest first."""
        skipped = set(busy)
        rows = self._db.execute(
            "SELECT * FROM errand WHERE due_at <= ? ORDER BY due_at, id LIMIT ?",
            (now, limit + len(skipped)),
        )
        found = [
            Errand(row["id"], row["due_at"], row["kind"], row["message"], json.loads(row["detail"]))
            for row in rows
            if row["id"] not in skipped
        ]
        return found[:limit]

    def errand_done(self, number: int) -> None:
        self._db.execute("DELETE FROM errand WHERE id = ?", (number,))

    def postpone_errand(self, number: int, due_at: float, detail: Mapping[str, Any]) -> None:
        self._db.execute(
            "UPDATE errand SET due_at = ?, detail = ? WHERE id = ?",
            (due_at, json.dumps(detail), number),
        )

    def errand_counts(self) -> dict[str, int]:
        rows = self._db.execute("SELECT kind, count(*) AS n FROM errand GROUP BY kind")
        return {row["kind"]: row["n"] for row in rows}

    # --- Log --------------------------------------------------------------------------------------
    def log(self, now: float, kind: str, detail: Mapping[str, Any]) -> None:
        self._db.execute(
            "INSERT INTO log (at, kind, detail) VALUES (?, ?, ?)", (now, kind, json.dumps(detail))
        )

    def logged(self, *, after: int, limit: int, kind: str = "") -> list[Row]:
        rows = self._db.execute(
            "SELECT * FROM log WHERE id > ? AND (? = '' OR kind = ?) ORDER BY id LIMIT ?",
            (after, kind, kind, limit),
        )
        return [{**dict(row), "detail": json.loads(row["detail"])} for row in rows]

    # --- Published DNS records --------------------------------------------------------------------
    def published(self) -> dict[str, list[Row]]:
        rows = self._db.execute("SELECT owner, records FROM published ORDER BY owner")
        return {row["owner"]: json.loads(row["records"]) for row in rows}

    def publish(self, owner: str, records: list[Row]) -> None:
        self._db.execute(
            "INSERT INTO published VALUES (?, ?)"
            " ON CONFLICT (owner) DO UPDATE SET records = excluded.records",
            (owner, json.dumps(records)),
        )

    def withdraw(self, owner: str) -> None:
        self._db.execute("DELETE FROM published WHERE owner = ?", (owner,))

    def clear(self) -> None:
        """Forget messages, conversations, errands and the log; published records stay."""
        for table in ("errand", "recipient", "message", "conversation", "log"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608  # fixed names
