from bounces.models.inbound import InboundMail, InboundState
from bounces.models.reports import BounceReport

__all__ = ["BounceReport", "InboundMail", "InboundState"]
