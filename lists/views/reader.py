"""One reader: facts, consent, timeline, and what staff may do."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, member_required
from lists.forms import EditForm, StopForm, resume_form
from lists.models import ConsentBasis, Field, ReaderState
from lists.selectors.reader import consent_records, reader_facts
from lists.selectors.timeline import reader_timeline
from lists.services import readers
from lists.services.default_list import ensure_default_list
from lists.services.stops import (
    ConsentRequiredError,
    StaysClosedError,
    StopReason,
    needs_new_consent,
    resume_reader,
    stop_reader,
)
from lists.views.lookup import find_reader, to_reader
from lists.words import stop_words


@require_GET
@member_required()
def reader_detail(request: MemberRequest, pk: int) -> HttpResponse:
    reader = find_reader(request, pk)
    subscriptions = list(reader.subscriptions.select_related("list").order_by("list__name"))
    context = {
        "reader": reader,
        "title": reader.name or reader.address,
        "facts": reader_facts(reader),
        "consents": consent_records(reader),
        "subscriptions": subscriptions,
        "shows_lists": len(subscriptions) > 1 or request.organisation.lists.count() > 1,
        "stop_words": stop_words(reader.state, reader.state_detail),
        "timeline": reader_timeline(reader),
        "activity": getattr(reader, "activity", None),
        "can_stop": reader.state in {ReaderState.ACTIVE, ReaderState.UNCONFIRMED},
        "is_trashed": reader.state == ReaderState.TRASHED,
    }
    return render(request, "lists/reader.html", context)


@member_required("edit")
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    reader = find_reader(request, pk)
    form = EditForm(
        request.POST or None,
        initial={"name": reader.name},
        own_fields=list(Field.objects.filter(organisation=request.organisation)),
        values=reader.fields,
    )
    if request.method == "POST" and form.is_valid():
        is_changed = readers.update_reader(
            reader=reader,
            name=form.cleaned_data["name"],
            fields=form.field_values(),
            actor=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("Saved.") if is_changed else _("Nothing was changed."))
        return to_reader(reader)
    context = {"form": form, "reader": reader}
    return render(request, "lists/edit.html", context, status=422 if form.is_bound else 200)


@member_required("edit")
def stop(request: MemberRequest, pk: int) -> HttpResponse:
    reader = find_reader(request, pk)
    form = StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        stop_reader(
            reader=reader,
            reason=StopReason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"],
            actor=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("Nothing is sent to this reader any more."))
        return to_reader(reader)
    context = {"form": form, "reader": reader}
    return render(request, "lists/stop.html", context, status=422 if form.is_bound else 200)


@member_required("edit")
def resume(request: MemberRequest, pk: int) -> HttpResponse:
    """Open a stopped reader again; somebody who left only with a new consent."""
    reader = find_reader(request, pk)
    needs_consent = needs_new_consent(reader)
    form = resume_form(reader, needs_consent=needs_consent, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            resume_reader(
                reader=reader,
                reader_list=chosen.get("list") or ensure_default_list(request.organisation),
                basis=chosen.get("basis", ConsentBasis.UNKNOWN),
                evidence=chosen["evidence"],
                actor=request.user,
                now=timezone.now(),
            )
        except StaysClosedError:
            messages.error(
                request,
                _("This address stays stopped: it is closed for the whole installation."),
            )
        except ConsentRequiredError:
            # The reader left between the form and its answer.
            messages.error(request, _("This person has left meanwhile: a new consent is needed."))
        else:
            messages.success(request, _("This reader gets your mails again."))
        return to_reader(reader)
    context = {"form": form, "reader": reader, "needs_consent": needs_consent}
    return render(request, "lists/resume.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_required("edit")
def trash(request: MemberRequest, pk: int) -> HttpResponse:
    reader = find_reader(request, pk)
    if readers.trash_reader(reader=reader, actor=request.user, now=timezone.now()):
        messages.success(request, _("Moved to the trash. It can be restored with its history."))
    return to_reader(reader)


@require_POST
@member_required("edit")
def restore(request: MemberRequest, pk: int) -> HttpResponse:
    reader = find_reader(request, pk)
    if readers.restore_reader(reader=reader, actor=request.user, now=timezone.now()):
        messages.success(request, _("Restored with its history."))
    return to_reader(reader)
