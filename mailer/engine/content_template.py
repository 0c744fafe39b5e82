"""The merge language: Jinja2's syntax, of which only this is understood.

    {{ name }}  {{ name|default("お客様") }}  {{ name|upper }}  {{ unsubscribe_url }}
    {{ day|date("YYYY年M月D日(W)") }}
    {% if a and not b or c == "x" %} … {% elif … %} … {% else %} … {% endif %}

The syntax tree is walked against this list and translated into our own program (see
`content_program`). Everything else is refused by name: loops, calls, attributes, subscripts,
arithmetic, set, include, macros.
"""

import unicodedata
from collections.abc import Set as AbstractSet
from typing import Final, Literal

from jinja2 import Environment, TemplateSyntaxError, nodes

from mailer.engine.content_program import Cond, Op, Ops, Value

Part = Literal["subject", "preheader", "html", "text"]

UNSUBSCRIBE_NAME: Final = "unsubscribe_url"
MAX_SOURCE_CHARS: Final[dict[Part, int]] = {
    "subject": 500,
    "preheader": 500,
    "html": 500_000,
    "text": 200_000,
}
MAX_EXPRESSIONS: Final = 2_000
MAX_DEPTH: Final = 20
MAX_CONSTANT_CHARS: Final = 500
# Noncharacters of Unicode: they mark places while links are collected, so the source may not hold
# them.
RESERVED: Final = "\ufdd0\ufdd1\ufdd2\ufdd3"

_TEXT_FILTERS: Final = {"upper": "upper", "lower": "lower"}
_DEFAULT_FILTERS: Final = ("default", "fallback")


class TemplateProblem(ValueError):
    """What is wrong, where. `kind` is stable and translated above; `name` is the offending word.

    Kinds: syntax, unknown-field, unknown-filter, bad-filter-argument, not-allowed, too-long,
    too-deep, too-many-expressions, reserved-character, unsubscribe-not-here, unquoted-attribute,
    merge-in-style-or-script, condition-in-link, too-many-links.
    """

    def __init__(self, kind: str, part: str, line: int = 0, name: str = "") -> None:
        super().__init__(f"{part} line {line}: {kind} {name}".rstrip())
        self.kind = kind
        self.part = part
        self.line = line
        self.name = name


def field_name(text: str) -> str:
    """Return the form in which field names are compared (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def parse_part(part: Part, source: str, fields: AbstractSet[str], used: set[str]) -> Ops:
    """Return the part's program and add the fields it uses to `used`; or raise TemplateProblem."""
    if len(source) > MAX_SOURCE_CHARS[part]:
        raise TemplateProblem("too-long", part, 0, str(MAX_SOURCE_CHARS[part]))
    for character in RESERVED + "\0":
        if character in source:
            line = source[: source.index(character)].count("\n") + 1
            raise TemplateProblem("reserved-character", part, line)
    try:
        tree = Environment(keep_trailing_newline=True, autoescape=False).parse(source)  # noqa: S701 - only parsed, never rendered
        return _Walker(part, fields, used).ops(tree.body, 0)
    except TemplateSyntaxError as error:
        raise TemplateProblem("syntax", part, error.lineno, error.message or "") from error
    except RecursionError as error:
        raise TemplateProblem("too-deep", part) from error
    except (ValueError, OverflowError) as error:
        if isinstance(error, TemplateProblem):
            raise
        raise TemplateProblem("syntax", part) from error


class _Walker:
    def __init__(self, part: Part, fields: AbstractSet[str], used: set[str]) -> None:
        self.part = part
        self.fields = fields
        self.used = used
        self.count = 0

    def ops(self, body: list[nodes.Node], depth: int) -> Ops:
        if depth > MAX_DEPTH:
            raise self._problem("too-deep", body[0])
        out: Ops = []
        for node in body:
            if isinstance(node, nodes.Output):
                out.extend(self._output(child) for child in node.nodes)
            elif isinstance(node, nodes.If):
                out.append(self._if(node, depth))
            else:
                raise self._not_allowed(node)
        return out

    def _output(self, node: nodes.Node) -> Op:
        if isinstance(node, nodes.TemplateData):
            return node.data
        if isinstance(node, nodes.Name) and node.name == UNSUBSCRIBE_NAME:
            if self.part not in ("html", "text"):
                raise self._problem("unsubscribe-not-here", node)
            return ["unsubscribe"]
        return ["out", self._value(node)]

    def _if(self, node: nodes.If, depth: int) -> Op:
        branches: list[tuple[Cond, Ops]] = [
            (self._condition(node.test), self.ops(node.body, depth + 1))
        ]
        for other in node.elif_:
            branches.append((self._condition(other.test), self.ops(other.body, depth + 1)))
        return ["if", [[test, body] for test, body in branches], self.ops(node.else_, depth + 1)]

    def _condition(self, node: nodes.Node) -> Cond:
        if isinstance(node, nodes.Not):
            return ["not", self._condition(node.node)]
        if isinstance(node, nodes.And):
            return ["and", self._condition(node.left), self._condition(node.right)]
        if isinstance(node, nodes.Or):
            return ["or", self._condition(node.left), self._condition(node.right)]
        if isinstance(node, nodes.Compare):
            return self._comparison(node)
        return ["has", self._value(node)]

    def _comparison(self, node: nodes.Compare) -> Cond:
        if len(node.ops) != 1 or node.ops[0].op not in ("eq", "ne"):
            raise self._problem("not-allowed", node, node.ops[0].op)
        constant = node.ops[0].expr
        if not isinstance(constant, nodes.Const) or not isinstance(constant.value, str | int):
            raise self._problem("not-allowed", node, "comparison")
        return [node.ops[0].op, self._value(node.expr), self._constant(constant)]

    def _value(self, node: nodes.Node) -> Value:
        """Translate a field with its filters into `[field, [filter, argument], …]`."""
        self.count += 1
        if self.count > MAX_EXPRESSIONS:
            raise self._problem("too-many-expressions", node, str(MAX_EXPRESSIONS))
        if isinstance(node, nodes.Name):
            name = field_name(node.name)
            if name not in self.fields:
                raise self._problem("unknown-field", node, node.name)
            self.used.add(name)
            return [name]
        if isinstance(node, nodes.Filter) and node.node is not None:
            return [*self._value(node.node), self._filter(node)]
        raise self._not_allowed(node)

    def _filter(self, node: nodes.Filter) -> list[str]:
        if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) > 1:
            raise self._problem("bad-filter-argument", node, node.name)
        argument = self._filter_argument(node) if node.args else None
        if node.name in _DEFAULT_FILTERS and argument is not None:
            return ["default", argument]
        if node.name in _TEXT_FILTERS and argument is None:
            return [_TEXT_FILTERS[node.name]]
        if node.name == "date":
            return ["date", argument or "YYYY-MM-DD"]
        known = node.name in _DEFAULT_FILTERS or node.name in _TEXT_FILTERS
        raise self._problem("bad-filter-argument" if known else "unknown-filter", node, node.name)

    def _filter_argument(self, node: nodes.Filter) -> str:
        argument = node.args[0]
        if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str | int):
            raise self._problem("bad-filter-argument", node, node.name)
        return self._constant(argument)

    def _constant(self, node: nodes.Const) -> str:
        text = str(node.value)
        if len(text) > MAX_CONSTANT_CHARS or any(c in text for c in RESERVED):
            raise self._problem("bad-filter-argument", node)
        return text

    def _not_allowed(self, node: nodes.Node) -> TemplateProblem:
        name = getattr(node, "name", None)
        return self._problem(
            "not-allowed", node, name if isinstance(name, str) else type(node).__name__
        )

    def _problem(self, kind: str, node: nodes.Node, name: str = "") -> TemplateProblem:
        return TemplateProblem(kind, self.part, node.lineno or 0, name)
