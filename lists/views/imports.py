"""Uploading a file of readers, watching it, and what became of every row."""

from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, member_required
from lists.forms import UploadForm
from lists.models import ConsentBasis, ReaderImport
from lists.progress import read_progress
from lists.selectors.error_files import import_error_file
from lists.selectors.imports import (
    equation,
    equation_bar,
    excluded_words,
    import_history,
    mapped_columns,
    shown_errors,
)
from lists.services.imports import FileTooLargeError, create_import
from lists.uploads import is_too_long
from lists.views.lookup import find_import, number_of
from lists.words import basis_title, encoding_name, file_reason


@member_required("edit")
def upload(request: MemberRequest) -> HttpResponse:
    form = UploadForm(
        request.POST or None, request.FILES or None, organisation=request.organisation
    )
    if request.method == "POST":
        row = _taken_in(request, form)
        if row is not None:
            return redirect("lists:import_result", request.organisation.slug, row.pk)
    status = 422 if form.is_bound else 200
    context = {"form": form, "limit_mb": settings.IMPORT_MAX_BYTES // 1024**2}
    return render(request, "lists/import.html", context, status=status)


@require_GET
@member_required()
def import_result(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole page, or for htmx the part that changes while a worker reads."""
    row = find_import(request, pk)
    template = "lists/_import.html" if request.headers.get("HX-Request") else "lists/result.html"
    return render(request, template, _result_context(row))


@require_GET
@member_required()
def import_errors(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """The rows with errors, as a file to correct and upload again."""
    row = find_import(request, pk)
    stem = row.file_name.rpartition(".")[0] or row.file_name
    name = quote(f"{stem}_{_('errors')}.csv", safe="")
    response = StreamingHttpResponse(import_error_file(row), content_type="text/csv")
    response["Content-Disposition"] = (
        f"attachment; filename=\"errors.csv\"; filename*=UTF-8''{name}"
    )
    return response


@require_GET
@member_required()
def history(request: MemberRequest) -> HttpResponse:
    rows, older = import_history(request.organisation, number_of(request.GET.get("before")))
    context = {"rows": rows, "older_href": f"?before={older}" if older else ""}
    return render(request, "lists/imports.html", context)


def _taken_in(request: MemberRequest, form: UploadForm) -> ReaderImport | None:
    """Store the file when the form is right; else leave the errors in the form."""
    is_valid = form.is_valid()
    if is_too_long(request.META):
        form.errors.pop("file", None)
        _say_too_large(form)
        return None
    if not is_valid:
        return None
    chosen = form.cleaned_data
    try:
        return create_import(
            organisation=request.organisation,
            reader_list=chosen["list"],
            file=chosen["file"],
            file_name=chosen["file"].name,
            basis=ConsentBasis(chosen["basis"]),
            evidence=chosen["evidence"],
            actor=request.user,
            now=timezone.now(),
        )
    except FileTooLargeError:
        _say_too_large(form)
        return None


def _say_too_large(form: UploadForm) -> None:
    happened, to_do = file_reason("too-large")
    limit = _("The limit is %(limit)s MB.") % {"limit": settings.IMPORT_MAX_BYTES // 1024**2}
    form.add_error("file", f"{happened} {limit} {to_do}")


def _result_context(row: ReaderImport) -> dict[str, object]:
    context: dict[str, object] = {"row": row, "basis": basis_title(row.basis)}
    if not row.is_finished:
        context["rows_read"] = read_progress(row.pk)
    elif row.is_done:
        context |= {
            "terms": equation(row),
            "bar": equation_bar(row),
            "excluded": excluded_words(row),
            "errors": shown_errors(row),
            "columns": mapped_columns(row),
            "encoding": encoding_name(row.encoding),
        }
    else:
        happened, to_do = file_reason(row.failure, row.failure_detail)
        context |= {"happened": happened, "to_do": to_do}
    return context
