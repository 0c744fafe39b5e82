"""Says a template problem in a sentence that names the part, the line and the way out."""

import difflib
from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from mailer.engine.content import TemplateProblem

PART_NAMES: Final[dict[str, str | Promise]] = {
    "subject": gettext_lazy("Subject"),
    "preheader": gettext_lazy("Preview text"),
    "html": pgettext_lazy("part of a mail", "HTML"),
    "text": gettext_lazy("Text version"),
}

_SENTENCES: Final[dict[str, str | Promise]] = {
    "syntax": gettext_lazy(
        "The merge expression is not complete. Check the braces {{ }} and {%% %%}."
    ),
    "unknown-field": gettext_lazy("There is no field “%(name)s”."),
    "unknown-filter": gettext_lazy(
        "“%(name)s” cannot be used after the |. Possible are default, upper, lower and date."
    ),
    "bad-filter-argument": gettext_lazy(
        "The value in brackets after “%(name)s” cannot be used. Write it in quotes, for example"
        ' default("Customer").'
    ),
    "not-allowed": gettext_lazy(
        "“%(name)s” is not possible in a mail. Possible are fields, default(…) and {%% if … %%}."
    ),
    "too-long": gettext_lazy("The text is longer than %(name)s characters."),
    "too-deep": gettext_lazy("Too many {%% if %%} stand inside one another."),
    "too-many-expressions": gettext_lazy("There are more than %(name)s merge expressions."),
    "reserved-character": gettext_lazy("There is an invisible character that mail cannot carry."),
    "unsubscribe-not-here": gettext_lazy("The unsubscribe link can only stand in the body."),
    "unquoted-attribute": gettext_lazy(
        "In the <%(name)s> tag a merge field stands without quotation marks around the value."
    ),
    "merge-in-style-or-script": gettext_lazy("Merge fields cannot stand inside <%(name)s>."),
    "condition-in-link": gettext_lazy(
        "A link address cannot contain {%% if %%}. Put the condition around the whole link."
    ),
}
_OTHER: Final = gettext_lazy("The template cannot be used (%(name)s).")


def problem_sentence(problem: TemplateProblem, fields: Iterable[str]) -> str:
    """Return one or two sentences: where, what is wrong, and the nearest field that exists."""
    where = str(PART_NAMES.get(problem.part, problem.part))
    if problem.line:
        where = _("%(part)s, line %(line)s") % {"part": where, "line": problem.line}
    sentence = str(_SENTENCES.get(problem.kind, _OTHER)) % {"name": problem.name or problem.kind}
    hint = _nearest(problem, fields)
    return _("%(where)s: %(sentence)s") % {"where": where, "sentence": sentence} + hint


def _nearest(problem: TemplateProblem, fields: Iterable[str]) -> str:
    if problem.kind != "unknown-field":
        return ""
    names = sorted(fields)
    close = difflib.get_close_matches(problem.name, names, n=1, cutoff=0.5)
    if close:
        return " " + _("Did you mean {{ %(name)s }}?") % {"name": close[0]}
    return " " + _("These fields exist: %(names)s.") % {"names": ", ".join(names)}
