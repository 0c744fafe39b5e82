"""Writing the consent ledger. Rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from lists.models import ConsentAct, ConsentBasis, ConsentRecord, Reader


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How an act of consent came to us. `route` is a stable word: "staff:3", "one-click:5/77"."""

    route: str
    evidence: str = ""
    ip: str | None = None
    user_agent: str = ""
    actor: User | None = None


def record_consent(
    *,
    reader: Reader,
    list_id: int | None,
    act: ConsentAct,
    basis: str,
    how: Circumstances,
    now: datetime,
) -> None:
    """Append one act. `list_id` None means every list of the organisation."""
    ConsentRecord.objects.create(
        organisation_id=reader.organisation_id,
        reader_id=reader.pk,
        address_key=bytes(reader.address_key),
        list_id=list_id,
        act=act,
        basis=basis or ConsentBasis.UNKNOWN,
        route=how.route[:60],
        evidence=how.evidence,
        ip=how.ip,
        user_agent=how.user_agent[:300],
        actor=how.actor,
        at=now,
    )
