"""The list of readers, and adding one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, member_required
from lists.forms import ReaderForm
from lists.models import Field, ReaderState
from lists.selectors.readers import ALL, reader_page, reader_state_counts
from lists.services.readers import AddressClosedError, AlreadyReaderError, add_reader
from lists.views.lookup import number_of, to_reader

_TAB_NAMES: dict[str, str | Promise] = {
    ALL: gettext_lazy("All"),
    ReaderState.ACTIVE: gettext_lazy("Receiving"),
    ReaderState.UNSUBSCRIBED: gettext_lazy("Unsubscribed"),
    ReaderState.BOUNCED: gettext_lazy("Stopped by an error"),
    ReaderState.COMPLAINED: gettext_lazy("Reported as spam"),
    ReaderState.UNCONFIRMED: gettext_lazy("Unconfirmed"),
    ReaderState.TRASHED: gettext_lazy("Trash"),
}
_ALWAYS_SHOWN = frozenset({ALL, ReaderState.ACTIVE, ReaderState.UNSUBSCRIBED, ReaderState.BOUNCED})


@dataclass(frozen=True)
class Tab:
    href: str
    label: str | Promise
    count: int
    current: bool


@require_GET
@member_required()
def reader_list(request: MemberRequest) -> HttpResponse:
    state = request.GET.get("state", ALL)
    state = state if state in _TAB_NAMES else ALL
    search = request.GET.get("q", "")[:200].strip()
    page = reader_page(
        request.organisation,
        state=state,
        search=search,
        before=number_of(request.GET.get("before")),
        after=number_of(request.GET.get("after")),
    )
    counts = reader_state_counts(request.organisation)
    context = {
        "page": page,
        "state": state,
        "search": search,
        "has_any": any(counts.values()),
        "tabs": _tabs(request, counts, state),
        "newer_href": _page_href(state, search, "after", page.newer),
        "older_href": _page_href(state, search, "before", page.older),
    }
    return render(request, "lists/readers.html", context)


@member_required("edit")
def add(request: MemberRequest) -> HttpResponse:
    form = ReaderForm(
        request.POST or None,
        organisation=request.organisation,
        own_fields=list(Field.objects.filter(organisation=request.organisation)),
        values={},
    )
    known = None
    if request.method == "POST" and form.is_valid():
        try:
            reader = add_reader(
                organisation=request.organisation,
                address=form.cleaned_data["address"],
                name=form.cleaned_data["name"],
                fields=form.field_values(),
                reader_list=form.cleaned_data["list"],
                basis=form.cleaned_data["basis"],
                evidence=form.cleaned_data["evidence"],
                actor=request.user,
                now=timezone.now(),
            )
        except AlreadyReaderError as error:
            known = error.reader
            form.add_error("address", _("This address is registered already."))
        except AddressClosedError:
            form.add_error(
                "address",
                _("This address is closed: its owner left or it does not exist any more."),
            )
        else:
            messages.success(request, _("%(reader)s was added.") % {"reader": reader.address})
            return to_reader(reader)
    context = {"form": form, "known": known}
    return render(request, "lists/add.html", context, status=422 if form.is_bound else 200)


def _tabs(request: MemberRequest, counts: dict[str, int], state: str) -> list[Tab]:
    base = reverse("lists:readers", args=[request.organisation.slug])
    return [
        Tab(f"{base}?{urlencode({'state': key})}", name, counts[key], key == state)
        for key, name in _TAB_NAMES.items()
        if key in _ALWAYS_SHOWN or key == state or counts[key]
    ]


def _page_href(state: str, search: str, direction: str, cursor: int | None) -> str:
    if cursor is None:
        return ""
    query = {"state": state, "q": search, direction: cursor}
    return "?" + urlencode({name: value for name, value in query.items() if value})
