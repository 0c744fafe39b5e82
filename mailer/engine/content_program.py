"""The program a compiled content consists of, and the filler that runs it.

A program is a list of operations, each plain JSON:

    "text"                           as it is
    ["out", value]                   a field's value, escaped in HTML
    ["if", [[cond, ops], …], ops]    first branch that holds, else the last
    ["link", index]                  the tracking URL of a link
    ["unsubscribe"], ["pixel"]       from LinkUrls
    ["preheader"]                    the filled preheader, escaped

    value: [field, [filter, argument], …]
    cond:  ["has", value] | ["eq"|"ne", value, constant] | ["not", cond] | ["and"|"or", cond, cond]

There are no loops, so the time is bounded by the program and the output by the values; both are
limited. Loading makes one closure per operation; filling calls them in order and joins.
"""

import datetime as dt
import html
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mailer.engine.one_line import one_line

Op = Any  # str or a list as described above: plain JSON, kept untyped on purpose
Ops = list[Op]
Value = list[Any]
Cond = list[Any]

MAX_VALUE_CHARS: Final = 2_000
MAX_SUBJECT_CHARS: Final = 500
MAX_PREHEADER_CHARS: Final = 500
MAX_HTML_CHARS: Final = 1_000_000
MAX_TEXT_CHARS: Final = 400_000

_PIXEL: Final = '<img src="{}" width="1" height="1" alt="" style="display:block;border:0">'
_WEEKDAYS: Final = "月火水木金土日"


class OutputTooLarge(ValueError):
    """This reader's values make the part longer than we send; the delivery fails, the others go
    on.
    """

    def __init__(self, part: str, limit: int) -> None:
        super().__init__(f"{part} exceeds {limit} characters")
        self.part = part


@dataclass(frozen=True, slots=True)
class LinkUrls:
    """The URLs of one message. `click_target` is asked for links that differ per reader."""

    click: Callable[[int], str]
    unsubscribe: str
    open_pixel: str | None = None
    click_target: Callable[[int, str], str] | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    subject: str
    html: str
    text: str
    preheader: str


@dataclass(slots=True)
class _Fill:
    """What the closures of one message see."""

    values: Mapping[str, str]
    urls: LinkUrls
    preheader: str


_Step = Callable[[_Fill], str]
_Getter = Callable[[Mapping[str, str]], str]
_Test = Callable[[Mapping[str, str]], bool]


class Filler:
    """Fills one mailing's content, again and again; holds no state between messages."""

    def __init__(
        self,
        *,
        subject: Ops,
        html: Ops,
        text: Ops,
        preheader: Ops,
        links: Sequence[tuple[int, Ops]],
    ) -> None:
        self._targets = {index: _steps(ops, _url_piece, {}) for index, ops in links if ops}
        self._subject = _steps(subject, _plain, {})
        self._preheader = _steps(preheader, _plain, {})
        self._html = _steps(html, html_escape, self._targets)
        self._text = _steps(text, _plain, self._targets)

    def fill(self, values: Mapping[str, str], urls: LinkUrls) -> Filled:
        """Return the message's parts; a field that is missing or blank is empty. Raises
        OutputTooLarge.
        """
        state = _Fill(values, urls, "")
        subject = one_line(_run(self._subject, state, "subject", MAX_SUBJECT_CHARS))
        state.preheader = one_line(_run(self._preheader, state, "preheader", MAX_PREHEADER_CHARS))
        return Filled(
            subject=subject,
            html=_run(self._html, state, "html", MAX_HTML_CHARS),
            text=_run(self._text, state, "text", MAX_TEXT_CHARS),
            preheader=state.preheader,
        )


def html_escape(text: str) -> str:
    return html.escape(text, quote=True)


def _plain(text: str) -> str:
    return text


def _run(steps: Sequence[str | _Step], state: _Fill, part: str, limit: int) -> str:
    text = "".join([step if step.__class__ is str else step(state) for step in steps])  # type: ignore[operator]  # narrowed by class identity, which is faster than isinstance here
    if len(text) > limit:
        raise OutputTooLarge(part, limit)
    return text


_Targets = Mapping[int, Sequence[str | _Step]]
_Escape = Callable[[str], str]


def _steps(ops: Ops, escape: _Escape, targets: _Targets) -> list[str | _Step]:
    steps: list[str | _Step] = []
    for position, op in enumerate(ops):
        if isinstance(op, str):
            steps.append(op)
        elif op[0] == "out":
            # A whole URL in a field opens its link as it is; inside a URL the value is
            # percent-encoded.
            is_url_start = escape is _url_piece and position == 0
            steps.append(_out(_getter(op[1]), _plain if is_url_start else escape))
        elif op[0] == "if":
            steps.append(_if(op, escape, targets))
        else:
            steps.append(_reserved(op, escape, targets))
    return steps


def _out(get: _Getter, escape: _Escape) -> _Step:
    if escape is _plain:
        return lambda state: get(state.values)
    return lambda state: escape(get(state.values))


def _if(op: Op, escape: _Escape, targets: _Targets) -> _Step:
    branches = [(_test(cond), _steps(ops, escape, targets)) for cond, ops in op[1]]
    otherwise = _steps(op[2], escape, targets)

    def run(state: _Fill) -> str:
        for test, steps in branches:
            if test(state.values):
                return _run(steps, state, "condition", MAX_HTML_CHARS)
        return _run(otherwise, state, "condition", MAX_HTML_CHARS)

    return run


def _reserved(op: Op, escape: _Escape, targets: _Targets) -> _Step:
    match op:
        case ["link", int(index)] if index in targets:
            return _reader_link(index, targets[index], escape)
        case ["link", int(index)]:
            return lambda state: escape(state.urls.click(index))
        case ["unsubscribe"]:
            return lambda state: escape(state.urls.unsubscribe)
        case ["pixel"]:
            return lambda state: (
                _PIXEL.format(escape(state.urls.open_pixel)) if state.urls.open_pixel else ""
            )
        case ["preheader"]:
            return lambda state: escape(state.preheader)
    raise ValueError(f"unknown operation in compiled content: {op!r}")


def _reader_link(index: int, target: Sequence[str | _Step], escape: _Escape) -> _Step:
    """A link whose target this reader's fields decide; anything but one web URL becomes `#`."""

    def run(state: _Fill) -> str:
        url = _run(target, state, "link", MAX_VALUE_CHARS * 2).strip()
        if (
            not url.lower().startswith(("https://", "http://"))
            or not url.isprintable()
            or " " in url
        ):
            return "#"
        if state.urls.click_target is not None:
            url = state.urls.click_target(index, url)
        return escape(url)

    return run


def _url_piece(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _getter(value: Value) -> _Getter:
    name: str = value[0]
    if len(value) == 1:
        return lambda values: _bounded(values.get(name, ""))
    if len(value) == 2 and value[1][0] == "default":
        fallback: str = value[1][1]
        return lambda values: _bounded(values.get(name, "")) or fallback
    filters = [_filter(*row) for row in value[1:]]

    def get(values: Mapping[str, str]) -> str:
        text = _bounded(values.get(name, ""))
        for apply in filters:
            text = apply(text)
        return text

    return get


def _bounded(text: str) -> str:
    """Blank counts as empty, so that a full-width space cannot stand where a name should."""
    if len(text) > MAX_VALUE_CHARS:
        raise OutputTooLarge("field", MAX_VALUE_CHARS)
    return text.strip()


def _filter(name: str, argument: str = "") -> _Escape:
    match name:
        case "default":
            return lambda text: text or argument
        case "upper":
            return str.upper
        case "lower":
            return str.lower
        case "date":
            return lambda text: format_date(text, argument)
    raise ValueError(f"unknown filter in compiled content: {name!r}")


def format_date(text: str, pattern: str) -> str:
    """Write an ISO date as `pattern` (YYYY, MM, M, DD, D, W for 月…日); other text stays as it
    is.
    """
    try:
        day = dt.date.fromisoformat(text[:10].replace("/", "-"))
    except ValueError:
        return text
    for token, value in (
        ("YYYY", f"{day.year:04}"),
        ("MM", f"{day.month:02}"),
        ("DD", f"{day.day:02}"),
        ("M", str(day.month)),
        ("D", str(day.day)),
        ("W", _WEEKDAYS[day.weekday()]),
    ):
        pattern = pattern.replace(token, value)
    return pattern


def _test(cond: Cond) -> _Test:
    match cond:
        case ["has", value]:
            get = _getter(value)
            return lambda values: bool(get(values))
        case ["eq", value, constant]:
            get = _getter(value)
            return lambda values: get(values) == constant
        case ["ne", value, constant]:
            get = _getter(value)
            return lambda values: get(values) != constant
        case ["not", inner]:
            test = _test(inner)
            return lambda values: not test(values)
        case ["and", first, second]:
            left, right = _test(first), _test(second)
            return lambda values: left(values) and right(values)
        case ["or", first, second]:
            left, right = _test(first), _test(second)
            return lambda values: left(values) or right(values)
    raise ValueError(f"unknown condition in compiled content: {cond!r}")
