"""One person's wish to get no more of these mails, as it travels from a door to the database."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from tracking.raw_event import clean_ip, clean_user_agent, new_event_id


class LeaveError(ValueError):
    """A spool file is not a wish of ours."""


@dataclass(frozen=True, slots=True)
class Leave:
    """`route` is the door: one-click, page or mailto. With `event_id` a wish is acted upon exactly once."""

    mailing_id: int
    delivery_id: int
    at: datetime
    route: str
    ip: str = ""
    user_agent: str = ""
    event_id: int = field(default_factory=new_event_id)

    def to_json(self) -> bytes:
        return json.dumps(
            {
                "mailing": self.mailing_id,
                "delivery": self.delivery_id,
                "at": self.at.isoformat(),
                "route": self.route,
                "ip": self.ip,
                "user_agent": self.user_agent,
                "event": self.event_id,
            }
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        try:
            data = json.loads(text)
            at = datetime.fromisoformat(data["at"])
            if at.tzinfo is None:
                raise LeaveError("a time without a zone")
            return cls(
                mailing_id=int(data["mailing"]),
                delivery_id=int(data["delivery"]),
                at=at,
                route=str(data["route"])[:20],
                ip=clean_ip(str(data["ip"])),
                user_agent=clean_user_agent(str(data["user_agent"])),
                event_id=int(data["event"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise LeaveError(f"not a wish to leave: {text[:80]!r}") from error
