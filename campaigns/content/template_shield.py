"""Hides merge expressions (`{{ … }}`, `{% … %}`, `{# … #}`) from HTML tools, which would escape or move them.

Inside tags, comments, styles and text an expression becomes a word of ASCII letters and digits, which no tool
touches. A block tag (`{% if … %}`) that stands between elements becomes a comment: a bare word between `<tr>`s
would be moved out of the table.
"""

import re
from dataclasses import dataclass, field
from typing import Final

# Quoted strings may hold the closing braces. Bounded, and no two alternatives begin with the same character: the time
# grows linearly with the source. Groups are not repeated possessively: Python before 3.11.5 then matches too much
# (python/cpython#106052), and 3.11.2 is what Debian 12 has.
_QUOTES: Final = r"""|"(?:[^"\\]|\\.){0,500}"|'(?:[^'\\]|\\.){0,500}'"""
_EXPRESSION: Final = (
    rf"\{{\{{(?:[^}}\"']{_QUOTES}|\}}(?!\}})){{0,2000}}\}}\}}"
    rf"|\{{%(?:[^%\"']{_QUOTES}|%(?!\}})){{0,2000}}%\}}"
    r"|\{\#(?:[^#]|\#(?!\})){0,5000}\#\}"
)
EXPRESSION: Final = re.compile(_EXPRESSION)

# What a lookahead has found is never tried another way: `inside` is matched once.
_PIECE: Final = re.compile(
    rf"""(?P<expression>{_EXPRESSION})
      | (?P<comment><!--.*?(?:-->|\Z))
      | (?P<raw><(?P<rawname>style|script|title|textarea)\b.*?(?:</(?P=rawname)\s*>|\Z))
      | (?P<tag></?[a-z!](?=(?P<inside>(?:{_EXPRESSION}|[^<>"']|"[^"]*+"|'[^']*+')*))(?P=inside)>)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


@dataclass
class TemplateShield:
    """Hides the expressions of one source and puts them back. `prefix` does not occur in that source."""

    prefix: str
    kept: list[str] = field(default_factory=list)

    @classmethod
    def for_source(cls, source: str) -> "TemplateShield":
        prefix = "tdk"
        while prefix in source.lower():
            prefix += "q"
        return cls(prefix)

    def hide(self, source: str) -> str:
        """Return HTML without expressions."""
        return _PIECE.sub(self._hide_piece, source)

    def hide_plain(self, source: str) -> str:
        """Return text in which every expression is one word, wherever it stands."""
        return EXPRESSION.sub(lambda match: self._word(match[0]), source)

    def restore(self, text: str) -> str:
        """Put every expression back; `=""` after a bare attribute was added by the serialiser."""
        word = rf"{self.prefix}x(\d+)z"
        pattern = re.compile(rf"<!--{word}-->|{word}(?:=\"\")?")
        return pattern.sub(lambda match: self.kept[int(match[1] or match[2])], text)

    def _hide_piece(self, match: re.Match[str]) -> str:
        expression: str | None = match["expression"]
        if expression is None:
            return self.hide_plain(match[0])
        word = self._word(expression)
        return word if expression.startswith("{{") else f"<!--{word}-->"

    def _word(self, expression: str) -> str:
        self.kept.append(expression)
        return f"{self.prefix}x{len(self.kept) - 1}z"
