"""What a mail that came back turns out to be."""

from dataclasses import dataclass
from enum import StrEnum


class MailKind(StrEnum):
    """A DSN has a machine-readable part; a delay warning says that nothing has failed yet."""

    DSN = "dsn"
    TEXT_BOUNCE = "text-bounce"
    DELAY_WARNING = "delay-warning"
    DSN_SUCCESS = "dsn-success"
    ARF = "arf"
    AUTOREPLY = "autoreply"
    MDN = "mdn"
    NOT_A_BOUNCE = "not-a-bounce"


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient of a report. `action` is failed, delayed, delivered, relayed, expanded or complaint.

    `address` is who the reporting server tried, `original` who we wrote to, if it says so; `diagnostic` are the
    remote server's own words, `context` those of the reporting server where it says more; `stage` is where in the
    conversation the reply was given ("" if the report does not say).
    """

    address: str
    original: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    remote_mta: str = ""
    stage: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`original_headers` are those of the returned message; `problem` says what could not be read."""

    kind: MailKind
    recipients: tuple[ReportedRecipient, ...] = ()
    original_headers: tuple[tuple[str, str], ...] = ()
    feedback_type: str = ""
    subject: str = ""
    sender: str = ""
    problem: str = ""

    def original_header(self, name: str) -> str:
        """Return a header of the returned message, or nothing."""
        wanted = name.lower()
        return next((value for key, value in self.original_headers if key == wanted), "")
