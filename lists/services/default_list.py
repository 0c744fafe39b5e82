"""The list that every organisation has from the start."""

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Organisation
from lists.models import ReaderList


def ensure_default_list(organisation: Organisation) -> ReaderList:
    """Return the organisation's default list, making it the first time it is needed."""
    found = ReaderList.objects.filter(organisation=organisation, is_default=True).first()
    if found is not None:
        return found
    with translation.override(organisation.language):
        name = _("All readers")
    # Two requests may come here at once: the unique index lets one of them make the list.
    ReaderList.objects.bulk_create(
        [ReaderList(organisation=organisation, name=name, is_default=True)], ignore_conflicts=True
    )
    return ReaderList.objects.get(organisation=organisation, is_default=True)
