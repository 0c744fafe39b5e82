from tracking.models.events import Event, EventKind, Verdict
from tracking.models.rollups import DeliveryEngagement, LinkCount, MailingEngagement

__all__ = [
    "DeliveryEngagement",
    "Event",
    "EventKind",
    "LinkCount",
    "MailingEngagement",
    "Verdict",
]
