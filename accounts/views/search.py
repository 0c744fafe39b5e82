"""Search over campaigns, readers and pages: a page of its own, and the piece that Ctrl+K shows."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import search as searching
from accounts.access import MemberRequest, member_required


@require_GET
@never_cache
@member_required()
def search(request: MemberRequest) -> HttpResponse:
    query = searching.clean_query(request.GET.get("q", ""))
    groups = searching.found(request.member, query)
    context = {
        "query": query,
        "groups": groups,
        "number": sum(len(group.hits) for group in groups),
    }
    is_piece = request.headers.get("HX-Request") == "true"
    return render(
        request, "accounts/search_hits.html" if is_piece else "accounts/search.html", context
    )
