"""What stable words of this app are called on screens, in the command and in error files."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = dict[str, str | Promise]

# Why a row of a file is an error. The address reasons are those of mailer.engine.address.
ROW_REASONS: Final[Words] = {
    "empty": gettext_lazy("There is no e-mail address"),
    "too-long": gettext_lazy("The e-mail address is too long"),
    "control-character": gettext_lazy("There are characters that cannot be shown"),
    "several-addresses": gettext_lazy("There is more than one e-mail address in the cell"),
    "no-at-sign": gettext_lazy("The e-mail address has no @"),
    "several-at-signs": gettext_lazy("The e-mail address has more than one @"),
    "space-inside": gettext_lazy("There is a space inside the e-mail address"),
    "japanese-punctuation": gettext_lazy("There is a 、 or 。 in the e-mail address"),
    "no-local-part": gettext_lazy("There is nothing before the @"),
    "non-ascii-local": gettext_lazy("There are characters before the @ that addresses cannot have"),
    "bad-local": gettext_lazy("There are signs before the @ that addresses cannot have"),
    "bad-dots": gettext_lazy("There are dots in a row, or a dot at the edge, before the @"),
    "local-too-long": gettext_lazy("The part before the @ is too long"),
    "no-domain": gettext_lazy("There is nothing after the @"),
    "ip-literal": gettext_lazy("After the @ there is a number instead of a domain"),
    "bad-domain": gettext_lazy("What stands after the @ is not a domain"),
    "domain-too-long": gettext_lazy("The part after the @ is too long"),
    "too-many-cells": gettext_lazy("The row has more cells than there are headings"),
    "broken-quotes": gettext_lazy("A quotation mark is not closed"),
    "cell-too-long": gettext_lazy("A cell is too long"),
    "name-too-long": gettext_lazy("The name is too long"),
}

# Why an import left somebody alone, or a mailing goes past them.
EXCLUDED_REASONS: Final[Words] = {
    "unsubscribed": gettext_lazy("They have unsubscribed"),
    "bounced": gettext_lazy("Mail to them came back with an error"),
    "complained": gettext_lazy("They reported a mail as spam"),
    "trashed": gettext_lazy("They are in the trash"),
    "unconfirmed": gettext_lazy("They have not confirmed yet"),
    "stopped": gettext_lazy("You have stopped them yourselves"),
    "suppressed": gettext_lazy("Their address is closed"),
    "no-consent": gettext_lazy("There is no consent for advertising on record"),
}

# Why a file could not be imported at all: what happened, and what to do. The page adds what is safe.
FILE_REASONS: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    "empty": (
        gettext_lazy("The file is empty."),
        gettext_lazy("Check that you have saved it, then choose it again."),
    ),
    "binary": (
        gettext_lazy("This is not a table."),
        gettext_lazy("Choose a CSV, TSV or Excel (.xlsx) file."),
    ),
    "encoding": (
        gettext_lazy("The characters of this file could not be read."),
        gettext_lazy(
            "Save it again as “CSV UTF-8” or as Excel (.xlsx), then choose it again. UTF-8, UTF-16,"
            " the Japanese encoding of Windows (CP932) and EUC-JP are recognised."
        ),
    ),
    "old-excel": (
        gettext_lazy("This is an old Excel file (.xls), or an Excel file with a password."),
        gettext_lazy("Save it in Excel as .xlsx without a password, then choose it again."),
    ),
    "broken-workbook": (
        gettext_lazy("This Excel file is damaged, or it is a different kind of file."),
        gettext_lazy("Open it in Excel and save it again as .xlsx or CSV."),
    ),
    "workbook-too-large": (
        gettext_lazy("This Excel file is too large to open safely."),
        gettext_lazy("Save the sheet as CSV, or split it, then choose it again."),
    ),
    "no-sheet": (
        gettext_lazy("There is no visible sheet in this Excel file."),
        gettext_lazy("Show the sheet with the readers in Excel, save, and choose it again."),
    ),
    "row-too-long": (
        gettext_lazy("A line of this file is far too long for a list of readers."),
        gettext_lazy("Check that it is the right file, and save it again as CSV."),
    ),
    "too-many-columns": (
        gettext_lazy("This file has too many columns."),
        gettext_lazy("Keep the columns that you need (256 at most), then choose it again."),
    ),
    "too-many-rows": (
        gettext_lazy("This file has too many rows."),
        gettext_lazy("Split it into files of five million rows at most."),
    ),
    "no-address-column": (
        gettext_lazy("No column with e-mail addresses was found."),
        gettext_lazy("Write “メールアドレス” or “email” above the column with the addresses."),
    ),
    "too-large": (
        gettext_lazy("The file is too large."),
        gettext_lazy("Split it into smaller files."),
    ),
    "file-lost": (
        gettext_lazy("The file that you uploaded is gone."),
        gettext_lazy("Choose it again."),
    ),
    "crashed": (
        gettext_lazy("The import stopped three times before its end."),
        gettext_lazy(
            "Split the file into smaller ones; if that does not help, tell your administrator."
        ),
    ),
}

# How an act or a reader came to us; what stands after the colon in a route is an id.
ROUTES: Final[Words] = {
    "import": gettext_lazy("from a file"),
    "staff": gettext_lazy("by staff"),
    "phone": gettext_lazy("by phone, recorded by staff"),
    "letter": gettext_lazy("by letter or fax, recorded by staff"),
    "mail": gettext_lazy("by e-mail, recorded by staff"),
    "mouth": gettext_lazy("face to face, recorded by staff"),
    "one-click": gettext_lazy("with the button of the mail program"),
    "page": gettext_lazy("on the unsubscribe page"),
    "mailto": gettext_lazy("by an unsubscribe mail"),
    "complaint": gettext_lazy("by the spam button"),
    "form": gettext_lazy("by the sign-up form"),
}

# What stopped a reader, from `Reader.state` and `Reader.state_detail`.
STOPS: Final[Words] = {
    "unsubscribed": gettext_lazy("This person has unsubscribed. Nothing is sent to them."),
    "unsubscribed:staff": gettext_lazy("You have stopped this reader. Nothing is sent to them."),
    "bounced": gettext_lazy(
        "Mail to this address came back with a permanent error. Nothing is sent to it."
    ),
    "complained": gettext_lazy(
        "This person reported one of your mails as spam. Nothing is sent to them."
    ),
    "unconfirmed": gettext_lazy(
        "This person has not yet pressed the link in the confirmation mail. Nothing else is sent."
    ),
    "trashed": gettext_lazy("This reader is in the trash. Nothing is sent to them."),
}

ENCODINGS: Final[Words] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp932": gettext_lazy("Japanese encoding of Windows (CP932)"),
    "euc-jp": "EUC-JP",
    "xlsx": "Excel (.xlsx)",
}

# What each basis of consent means: title and explanation.
BASES: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    "consent": (
        gettext_lazy("They agreed"),
        gettext_lazy(
            "They asked for your mails or agreed to them beforehand, for example by a form."
        ),
    ),
    "written": (
        gettext_lazy("They gave the address in writing"),
        gettext_lazy("For example on a business card or an application form on paper."),
    ),
    "business": (
        gettext_lazy("You do business with them"),
        gettext_lazy("They are customers or partners, and you are in an ongoing relationship."),
    ),
    "published": (
        gettext_lazy("They publish the address of their business"),
        gettext_lazy("It stands on their website, without a note that advertising is not wanted."),
    ),
    "unknown": (
        gettext_lazy("Not known"),
        gettext_lazy("They are kept, but get no advertising until you know how they agreed."),
    ),
}


def route_words(route: str) -> str:
    """Return how something came to us, from a route such as "import:12"."""
    word = route.partition(":")[0]
    return str(ROUTES.get(word, word or "—"))


def stop_words(state: str, detail: str) -> str:
    """Return why nothing is sent to a reader; empty for an active one."""
    words = STOPS.get(f"{state}:{detail}") or STOPS.get(state, "")
    return str(words)


def encoding_name(encoding: str) -> str:
    """Return what people call an encoding."""
    return str(ENCODINGS.get(encoding, encoding))


def basis_title(basis: str) -> str:
    return str(BASES[basis][0]) if basis in BASES else basis


def row_reason(word: str) -> str:
    """Return the sentence for an error row; the word itself when a newer version wrote it."""
    return str(ROW_REASONS.get(word, word))


def excluded_reason(word: str) -> str:
    return str(EXCLUDED_REASONS.get(word, word))


def file_reason(word: str, detail: str = "") -> tuple[str, str]:
    """Return what happened and what to do about a file that was not imported."""
    happened, to_do = FILE_REASONS.get(word, (word, ""))
    if word == "no-address-column" and detail:
        found = _("The headings found are: %(headings)s.") % {"headings": detail}
        return f"{happened} {found}", str(to_do)
    return str(happened), str(to_do)


def nothing_changed() -> str:
    """What is safe after a failed import."""
    return _("No reader was changed.")
