"""Faults that a test or an operator scripts on a receiver: a reply, a drop or a delay at a stage."""

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.profiles.profile import Stage

_DROPS = {"close", "reset"}
_KEYS = {"stage", "reply", "drop", "keep", "delay_s", "times", "recipient", "source_ip"}


class FaultError(ValueError):
    """A fault description cannot be used; the text names the field."""


@dataclass
class Fault:
    """Happens `times` times (None: until removed) at `stage` to matching conversations.

    `reply` replaces ours; `drop` ends the connection ("close" or "reset") without a reply; at the
    stage "dot" `keep` says whether the message counts as received all the same. `delay_s` (real
    seconds) comes first and may stand alone.
    """

    stage: Stage
    reply: str = ""
    drop: str = ""
    keep: bool = False
    delay_s: float = 0.0
    times: int | None = 1
    recipient: str = "*"
    source_ip: str = "*"

    def matches(self, stage: Stage, recipient: str, source_ip: str) -> bool:
        return (
            self.stage is stage
            and self.times != 0
            and fnmatch.fnmatchcase(recipient.lower(), self.recipient.lower())
            and fnmatch.fnmatchcase(source_ip, self.source_ip)
        )


def fault_from(data: object) -> Fault:
    """Read one fault from JSON; raises FaultError."""
    if not isinstance(data, Mapping):
        raise FaultError("a fault is an object")
    if unknown := set(data) - _KEYS:
        raise FaultError(f"{sorted(unknown)[0]}: no such field of a fault")
    try:
        fault = Fault(**{**data, "stage": Stage(data.get("stage", ""))})
    except ValueError:
        names = ", ".join(stage.value for stage in Stage)
        raise FaultError(f"stage {data.get('stage')!r}: expected one of {names}") from None
    _check_types(fault)
    if fault.drop and fault.drop not in _DROPS:
        raise FaultError(f"drop {fault.drop!r}: expected close or reset")
    if fault.reply and not (fault.reply[:3].isdecimal() and fault.reply[:1] in "2345"):
        raise FaultError(f"reply {fault.reply!r}: expected a reply code first")
    if not (fault.reply or fault.drop or fault.delay_s):
        raise FaultError("a fault needs a reply, a drop or a delay_s")
    return fault


def _check_types(fault: Fault) -> None:
    wanted: tuple[tuple[str, Any], ...] = (
        ("reply", str),
        ("drop", str),
        ("keep", bool),
        ("delay_s", (int, float)),
        ("times", (int, type(None))),
        ("recipient", str),
        ("source_ip", str),
    )
    for name, kind in wanted:
        if not isinstance(getattr(fault, name), kind):
            raise FaultError(f"{name} {getattr(fault, name)!r}: wrong type")
    if not 0 <= fault.delay_s <= 3600:
        raise FaultError(f"delay_s {fault.delay_s}: expected 0 to 3600")


class Faults:
    """The faults of one receiver, asked at every stage."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def replace(self, faults: list[Fault]) -> None:
        self._faults = faults

    def listed(self) -> list[Fault]:
        return list(self._faults)

    def take(self, stage: Stage, recipient: str, source_ip: str) -> Fault | None:
        """Return the first fault that strikes here and use one of its times."""
        for fault in self._faults:
            if fault.matches(stage, recipient, source_ip):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                return fault
        return None
