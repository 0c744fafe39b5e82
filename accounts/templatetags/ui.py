"""Tags and filters that every template may use without loading them (settings: builtins).

They turn values into text for people; none of them queries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import (
    CheckboxInput,
    DateTimeBaseInput,
    FileInput,
    Input,
    RadioSelect,
    Select,
    Textarea,
)
from django.utils import dateformat, timezone, translation
from django.utils.safestring import SafeString

from accounts import charts
from accounts.stamps import Stamp, stamp_for

register = template.Library()

UNKNOWN = "—"  # never 0 for what is not known

# Dates as the design writes them; the year is left out while it is the current one.
DATE_FORMATS = {
    "ja": {"day": "n月j日（D）", "day_year": "Y年n月j日（D）", "join": " "},
    "en": {"day": "D j M", "day_year": "D j M Y", "join": ", "},
}
INPUT_FORMATS = {"date": "%Y-%m-%d", "time": "%H:%M"}
WIDGET_KINDS = (  # order matters: RadioSelect is a ChoiceWidget like Select
    (RadioSelect, "radio"),
    (CheckboxInput, "check"),
    (FileInput, "file"),
    (Textarea, "text"),
    (Select, "text"),
)


@register.filter
def number(value: int | float | str | None) -> str:
    """Group digits as 12,249 in both languages; an unknown number is a dash."""
    return UNKNOWN if value is None or isinstance(value, str) else f"{value:,}"


@register.filter
def percent(part: int | None, whole: int | None) -> str:
    """Return 9.2 for 92 of 1,000; a dash where there is no whole. The sign is set by the template."""
    return UNKNOWN if part is None or not whole else f"{100 * part / whole:.1f}"


def _formats() -> dict[str, str]:
    language = (translation.get_language() or "en").split("-")[0]
    return DATE_FORMATS.get(language, DATE_FORMATS["en"])


@register.filter
def day(value: date | None) -> str:
    """11月27日（金） / Fri 27 Nov, in the active time zone."""
    if not value:
        return UNKNOWN
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    this_year = value.year == timezone.localdate().year
    return dateformat.format(value, _formats()["day" if this_year else "day_year"])


@register.filter
def moment(value: datetime | None) -> str:
    """11月27日（金） 10:00 / Fri 27 Nov, 10:00, in the active time zone."""
    if not value:
        return UNKNOWN
    if timezone.is_aware(value):
        value = timezone.localtime(value)
    joint = "" if (translation.get_language() or "").startswith("ja") else _formats()["join"]
    return f"{day(value)}{joint}{value:%H:%M}"


@register.filter
def widget_kind(field: BoundField) -> str:
    """Say how ui/field.html draws a form field: text, radio, check or file."""
    widget = field.field.widget
    return next((kind for known, kind in WIDGET_KINDS if isinstance(widget, known)), "text")


@register.simple_tag
def control(field: BoundField, css: str = "input", **attributes: Any) -> SafeString:
    """Render the bare form control; hyphens in attribute names are written as underscores.

    Django itself adds aria-describedby (hint, error) and aria-invalid. `type` changes the kind of
    input; for "date" and "time" also the format of the value, which HTML prescribes.
    """
    widget = field.field.widget  # a copy that belongs to this form alone
    if isinstance(widget, Input) and "type" in attributes:
        widget.input_type = attributes.pop("type")
        if isinstance(widget, DateTimeBaseInput):
            widget.format = INPUT_FORMATS.get(widget.input_type, widget.format)
    own = str(widget.attrs.get("class", ""))
    extra = {name.replace("_", "-"): value for name, value in attributes.items() if value}
    return field.as_widget(attrs={"class": f"{css} {own}".strip(), **extra})


@register.filter
def stamp(state: str) -> Stamp:
    return stamp_for(state)


@register.filter
def initial(name: str) -> str:
    """Return the letters of an avatar: 中 for 中村 彩, LF for Liam Foster."""
    words = str(name).split()
    if not words:
        return "?"
    if words[0][0].isascii():
        return "".join(word[0] for word in words[:2]).upper()
    return words[0][0]


@register.simple_tag
def bar_slices(parts: Iterable[charts.BarPart], total: int | None = None) -> list[charts.BarSlice]:
    return charts.slices(parts, total or None)


@register.simple_tag
def share_slice(value: int, whole: int, series: int = 1) -> list[charts.BarSlice]:
    """Return the one filled piece of a bar that shows value of whole."""
    return charts.slices([charts.BarPart(series, value)], whole or 1)


@register.simple_tag
def line_path(values: Sequence[float], top: float | None = None) -> str:
    return charts.line_path(values, top=top or None)


@register.simple_tag
def growth_bars(up: Sequence[int], down: Sequence[int]) -> charts.GrowthPlot:
    return charts.growth_plot(up, down)


@register.filter
def title_and_text(label: object) -> tuple[str, str]:
    """Split the label of a radio card: its first line is the title, the rest the sentence below."""
    title, _, text = str(label).partition("\n")
    return title, text


@register.filter
def row_classes(kinds: str) -> str:
    """Turn "two open" into "is-two is-open"; "compact" and "reach" have no prefix in the CSS."""
    plain = {"compact", "reach"}
    return " ".join(kind if kind in plain else f"is-{kind}" for kind in kinds.split())


@dataclass(frozen=True)
class ErrorPlace:
    """One line of an error summary: `target` is the id of the control, empty for the whole form."""

    target: str
    label: str
    text: str


@register.simple_tag
def error_places(form: Any = None, forms: Iterable[Any] | str = ()) -> list[ErrorPlace]:
    """List what was refused in one form or several, in the order of the fields."""
    places: list[ErrorPlace] = []
    for each in [*([form] if form else []), *(forms or ())]:
        places += [ErrorPlace("", "", str(text)) for text in each.non_field_errors()]
        places += [
            ErrorPlace(field.id_for_label or field.auto_id, str(field.label), str(text))
            for field in each
            for text in field.errors
        ]
    return places


@register.simple_tag
def crumb_list(*labels_and_hrefs: str) -> list[tuple[str, str]]:
    """Pair labels with addresses for <c-page-head :crumbs>; a last label may stand alone."""
    words = [*labels_and_hrefs, *([""] if len(labels_and_hrefs) % 2 else [])]
    return list(zip(words[::2], words[1::2], strict=True))
