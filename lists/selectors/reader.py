"""Facts about one reader."""

from dataclasses import dataclass
from datetime import datetime

from lists.models import ConsentAct, ConsentRecord, Field, Reader, ReaderList
from lists.words import basis_title, route_words


@dataclass(frozen=True)
class Consent:
    """One given consent, in words. `list_name` is empty for everything."""

    at: datetime
    basis: str
    route: str
    evidence: str
    list_name: str
    recorded_by: str


def reader_facts(reader: Reader) -> list[tuple[str, str]]:
    """Return (label, value) of every field of the organisation, filled or not."""
    fields = Field.objects.filter(organisation_id=reader.organisation_id)
    return [(field.label, str(reader.fields.get(field.key, ""))) for field in fields]


def consent_records(reader: Reader, limit: int = 5) -> list[Consent]:
    """Return the consents that were given, newest first."""
    records = ConsentRecord.objects.filter(
        organisation_id=reader.organisation_id,
        address_key=bytes(reader.address_key),
        act=ConsentAct.GIVEN,
    )
    found = list(records.select_related("actor").order_by("-at", "-pk")[:limit])
    lists = ReaderList.objects.in_bulk([record.list_id for record in found if record.list_id])
    return [
        Consent(
            at=record.at,
            basis=basis_title(record.basis),
            route=route_words(record.route),
            evidence=record.evidence,
            list_name=lists[record.list_id].name if record.list_id in lists else "",
            recorded_by=str(record.actor or ""),
        )
        for record in found
    ]
