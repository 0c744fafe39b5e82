"""Reads compiled content for what may go wrong with some readers: empty fields, a hidden unsubscribe link."""

from collections.abc import Iterator

from mailer.engine.content import CompiledContent
from mailer.engine.content_program import Cond, Op, Ops, Value


def unguarded_fields(content: CompiledContent) -> frozenset[str]:
    """Return the fields that are shown somewhere with neither a default nor a condition on them."""
    gaps = _Gaps({link.index: link.ops for link in content.links})
    for ops in (content.subject, content.preheader, content.html, content.text):
        gaps.collect(ops, frozenset())
    return frozenset(gaps.found)


def always_offers_unsubscribe(ops: Ops) -> bool:
    """Tell whether every reader sees the link, whichever conditions hold for them."""
    return any(_offers(op) for op in ops)


def _offers(op: Op) -> bool:
    if isinstance(op, str):
        return False
    if op[0] == "unsubscribe":
        return True
    if op[0] != "if":
        return False
    return all(always_offers_unsubscribe(body) for _, body in op[1]) and always_offers_unsubscribe(
        op[2]
    )


class _Gaps:
    def __init__(self, targets: dict[int, Ops]) -> None:
        self.targets = targets  # of links that differ per reader
        self.found: set[str] = set()

    def collect(self, ops: Ops, filled: frozenset[str]) -> None:
        """Add the fields shown in `ops`, where those in `filled` are known not to be empty."""
        for op in ops:
            if isinstance(op, str):
                continue
            if op[0] == "out" and not _has_default(op[1]) and op[1][0] not in filled:
                self.found.add(op[1][0])
            elif op[0] == "link":
                self.collect(self.targets.get(op[1], []), filled)
            elif op[0] == "if":
                for condition, body in op[1]:
                    self.collect(body, filled | frozenset(_known_filled(condition)))
                self.collect(op[2], filled)


def _has_default(value: Value) -> bool:
    return any(name == "default" and argument for name, argument in _filters(value))


def _filters(value: Value) -> Iterator[tuple[str, str]]:
    for row in value[1:]:
        yield row[0], row[1] if len(row) > 1 else ""


def _known_filled(condition: Cond) -> Iterator[str]:
    """Yield the fields that are not empty wherever the condition holds."""
    kind = condition[0]
    if kind == "and":
        yield from _known_filled(condition[1])
        yield from _known_filled(condition[2])
    elif (kind == "has" or (kind == "eq" and condition[2])) and not _has_default(condition[1]):
        yield condition[1][0]
