"""Readers for the search over everything."""

from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.search import Hit, HitGroup
from lists.models import Reader, ReaderState


def search_readers(member: Member, query: str, limit: int) -> HitGroup:
    """Find by the beginning of address or name, the newest first; nobody from the trash."""
    organisation = member.organisation
    rows = (
        Reader.objects.filter(organisation=organisation)
        .exclude(state=ReaderState.TRASHED)
        .filter(Q(normalised__startswith=query.lower()) | Q(name__istartswith=query))
        .only("pk", "address", "name")
        .order_by("-pk")[: limit + 1]
    )
    found = list(rows)
    more = f"{reverse('lists:readers', args=[organisation.slug])}?{urlencode({'q': query})}"
    return HitGroup(
        "readers",
        _("Readers"),
        [
            Hit(
                title=each.name or each.address,
                href=reverse("lists:reader", args=[organisation.slug, each.pk]),
                icon="user",
                note=each.address if each.name else "",
            )
            for each in found[:limit]
        ],
        more if len(found) > limit else "",
    )
