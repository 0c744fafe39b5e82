"""Finding rows for a page: always through the organisation, else 404."""

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect

from accounts.access import MemberRequest
from lists.models import Reader, ReaderImport


def find_reader(request: MemberRequest, pk: int) -> Reader:
    readers = Reader.objects.select_related("organisation", "activity")
    return get_object_or_404(readers, organisation=request.organisation, pk=pk)


def find_import(request: MemberRequest, pk: int) -> ReaderImport:
    imports = ReaderImport.objects.select_related("list", "created_by")
    return get_object_or_404(imports, organisation=request.organisation, pk=pk)


def to_reader(reader: Reader) -> HttpResponseRedirect:
    return redirect("lists:reader", organisation=reader.organisation.slug, pk=reader.pk)


def number_of(text: str | None) -> int | None:
    """Return a positive number of the address line, or None."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)
