"""The practice mailbox: every mail that the practice receivers took, as its reader sees it.

The author's HTML is shown only in a frame of its own: another address, without scripts, without our
origin, and without the network, so that looking at a mail here is not counted as opening it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Literal, ParamSpec
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, member_required
from mailer.engine.letter import without_remote_pictures
from mailer.net.practice_control import PracticeInternetError, PracticeNotFoundError
from mailer.selectors.mailbox import MailboxPage, MailboxRow, mailbox_page, opened_message

P = ParamSpec("P")
Kind = Literal["ok", "warn", "danger", ""]

FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self';"
    " base-uri 'none'; form-action 'none'; sandbox"
)
_VIEWS: dict[str, str | Promise] = {
    "desktop": _("Computer"),
    "phone": pgettext_lazy("preview", "Phone"),
    "text": _("Text"),
    "headers": _("Headers"),
}
_PASSED = _("Passed")
# Servers with one peculiarity for tests of delivery; their few mails stand under "all receivers".
_PECULIAR = frozenset({"plain", "tls_broken", "spare"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test of the receiver: its name, the outcome in a word, what it means here."""

    name: str
    kind: Kind
    word: str | Promise
    detail: str


def practice_only(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Answer 404 in live organisations; say it in words when the practice internet is silent."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.organisation.is_practice:
            raise Http404("live organisations have no practice mailbox")
        try:
            return view(request, *args, **kwargs)
        except PracticeNotFoundError as error:
            raise Http404("no such message of this organisation") from error
        except PracticeInternetError:
            return render(request, "mailer/mailbox_silent.html")

    return guarded


@require_GET
@member_required()
@practice_only
def mailbox(request: MemberRequest) -> HttpResponse:
    receiver = request.GET.get("receiver", "")[:40]
    search = request.GET.get("q", "").strip()[:200]
    page = mailbox_page(
        request.organisation,
        receiver=receiver,
        search=search,
        before=_number(request.GET.get("before")),
        after=_number(request.GET.get("after")),
    )
    context = {
        "page": page,
        "search": search,
        "receiver": receiver,
        "tabs": _receiver_tabs(page, receiver, search),
        "newer_href": _href(receiver, search, after=page.newer),
        "older_href": _href(receiver, search, before=page.older),
    }
    return render(request, "mailer/mailbox.html", context)


@require_GET
@member_required()
@practice_only
def mailbox_message(request: MemberRequest, pk: int) -> HttpResponse:
    opened = opened_message(request.organisation, pk)
    shown = request.GET.get("view", "")
    if shown not in _VIEWS:
        shown = "desktop" if opened.letter.html else "text"
    context = {
        "row": opened.row,
        "message": opened.row.message,
        "letter": opened.letter,
        "view": shown,
        "tabs": [
            {"href": f"?view={key}", "label": name, "current": key == shown}
            for key, name in _VIEWS.items()
        ],
        "verdicts": _verdicts(opened.row),
    }
    return render(request, "mailer/mailbox_message.html", context)


@require_GET
@xframe_options_sameorigin
@member_required()
@practice_only
def mailbox_frame(request: MemberRequest, pk: int) -> HttpResponse:
    """Return the HTML part alone."""
    letter = opened_message(request.organisation, pk).letter
    response = HttpResponse(without_remote_pictures(letter.html))
    response["Content-Security-Policy"] = FRAME_POLICY
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@member_required()
@practice_only
def mailbox_raw(request: MemberRequest, pk: int) -> HttpResponse:
    """The bytes as the receiver got them, to be kept as a file and never shown by the browser."""
    raw = opened_message(request.organisation, pk).raw
    response = HttpResponse(raw, content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="practice-{pk}.eml"'
    return response


def _receiver_tabs(page: MailboxPage, current: str, search: str) -> list[dict[str, object]]:
    shown = [(each.name, each.title) for each in page.receivers if each.name not in _PECULIAR]
    names = [("", _("All receivers")), *shown]
    return [
        {"href": _href(key, search) or "?", "label": title, "current": key == current}
        for key, title in names
    ]


def _verdicts(row: MailboxRow) -> list[Verdict]:
    message = row.message
    waiting = Verdict("DKIM", "", _("Not checked yet"), "")
    dkim = [
        Verdict(
            "DKIM",
            "ok" if each.is_valid else "danger",
            _PASSED if each.is_valid else _("Failed"),
            f"{each.domain} · {each.algorithm}" + (f" · {each.reason}" if each.reason else ""),
        )
        for each in message.signatures or ()
    ]
    if message.signatures == ():
        dkim = [Verdict("DKIM", "warn", _("No signature"), "")]
    return [
        *(dkim or [waiting]),
        Verdict("SPF", *_outcome(message.spf), message.mail_from.rpartition("@")[2]),
        Verdict("DMARC", *_outcome(message.dmarc), ""),
    ]


def _outcome(word: str) -> tuple[Kind, str | Promise]:
    """Return kind and word of an SPF or DMARC result (RFC 7208 §2.6, RFC 7489 §11.2)."""
    return {
        "pass": ("ok", _PASSED),
        "fail": ("danger", _("Failed")),
        "softfail": ("warn", _("Doubtful")),
        "none": ("warn", _("No record published")),
        "": ("", _("Not checked yet")),
    }.get(word, ("warn", word))  # type: ignore[return-value]  # the literals above


def _href(receiver: str, search: str, **cursor: int | None) -> str:
    """Return the query of a list, empty for a page that does not exist."""
    if cursor and not any(cursor.values()):
        return ""
    query = {"receiver": receiver, "q": search, **cursor}
    return "?" + urlencode({name: value for name, value in query.items() if value})


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
