"""The footer that 特定電子メール法 §4 (and its 規則 §§7–9) asks of every advertising mail.

(a) the responsible sender's name, (b) the address that takes refusals, (c) the words that refusal is possible,
directly beside (b), (d) the postal address, (e) where complaints and questions go. Here always in the order
(a), (c)+(b), (d), (e). Parts that the author has already written are left out.
"""

import html
import re
from dataclasses import dataclass
from typing import Final, Literal

from campaigns.content.text_part import visible_text

Language = Literal["ja", "en"]

UNSUBSCRIBE: Final = re.compile(r"\{\{-?\s*unsubscribe_url\s*-?\}\}")
# Words that say "you can refuse"; looked for beside the author's own link.
_REFUSAL: Final = re.compile(
    r"配信(?:の|を)?(?:停止|解除|中止)|購読(?:の|を)?(?:解除|停止|中止)|受信(?:の|を)?(?:拒否|停止)|退会"
    r"|解除|unsubscribe|opt[ -]?out|stop receiving",
    re.IGNORECASE,
)
_NEAR_CHARS: Final = 200  # of source on each side of the link: "directly before or after"

_WORDS: Final[dict[str, dict[str, str]]] = {
    "ja": {
        "reason": "このメールは、配信を希望された方にお送りしています。"
        "今後の配信を希望されない場合は、いつでも停止できます。",
        "link": "配信を停止する",
        "text_link": "配信停止",
        "contact": "お問い合わせ",
        "colon": "：",
    },
    "en": {
        "reason": "You get this e-mail because you asked for it. You can stop it at any time.",
        "link": "Unsubscribe",
        "text_link": "Unsubscribe",
        "contact": "Questions and complaints",
        "colon": ": ",
    },
}

_STYLE: Final = (
    "margin:0;padding:24px 16px;background-color:#ffffff;color:#4a4a4a;font-size:13px;line-height:1.7;"
    "font-family:'Hiragino Kaku Gothic ProN','Hiragino Sans','BIZ UDPGothic',Meiryo,'Noto Sans JP',sans-serif"
)
_LINK_STYLE: Final = "color:#1a4d7a;text-decoration:underline"
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)
_HTML_END: Final = re.compile(r"</html\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class SenderInfo:
    """What the law wants to be shown, from the organisation's sender profile."""

    legal_name: str
    postal_address: str
    contact: str


@dataclass(frozen=True)
class _Missing:
    """Which parts the author has not written."""

    name: bool
    refusal: bool
    address: bool
    contact: bool

    @property
    def anything(self) -> bool:
        return self.name or self.refusal or self.address or self.contact


def with_html_footer(source: str, sender: SenderInfo, language: Language) -> str:
    """Return the document with the missing parts before `</body>`."""
    missing = _missing(source, visible_text(source), sender)
    if not missing.anything:
        return source
    footer = _html_footer(missing, sender, _WORDS[language])
    ends = list(_BODY_END.finditer(source)) or list(_HTML_END.finditer(source))
    place = ends[-1].start() if ends else len(source)
    return f"{source[:place]}{footer}\n{source[place:]}"


def with_text_footer(source: str, sender: SenderInfo, language: Language) -> str:
    """Return the text with the missing parts below a line."""
    missing = _missing(source, " ".join(source.split()), sender)
    if not missing.anything:
        return source
    words = _WORDS[language]
    lines = ["-" * 36]
    if missing.name:
        lines.append(_literal(sender.legal_name))
    if missing.refusal:
        lines += [words["reason"], f"{words['text_link']}{words['colon']}", "{{ unsubscribe_url }}"]
    if missing.address:
        lines.append(_literal(sender.postal_address))
    if missing.contact:
        lines.append(f"{words['contact']}{words['colon']}{_literal(sender.contact)}")
    body = source.rstrip()
    return "\n".join([*([body, ""] if body else []), *lines, ""])


def says_refusal_is_possible(source: str) -> bool:
    """Tell whether an unsubscribe link stands in the source with words about refusing beside it."""
    for link in UNSUBSCRIBE.finditer(source):
        around = source[max(0, link.start() - _NEAR_CHARS) : link.end() + _NEAR_CHARS]
        if _REFUSAL.search(UNSUBSCRIBE.sub(" ", around)):
            return True
    return False


def _missing(source: str, shown: str, sender: SenderInfo) -> _Missing:
    return _Missing(
        name=_is_missing(sender.legal_name, shown),
        refusal=not says_refusal_is_possible(source),
        address=_is_missing(sender.postal_address, shown),
        contact=_is_missing(sender.contact, shown),
    )


def _is_missing(value: str, shown: str) -> bool:
    wanted = "".join(value.split())
    return bool(wanted) and wanted not in "".join(shown.split())


def _html_footer(missing: _Missing, sender: SenderInfo, words: dict[str, str]) -> str:
    rows: list[str] = []
    if missing.name:
        rows.append(_escaped(sender.legal_name))
    if missing.refusal:
        rows.append(
            f"{words['reason']}<br>"
            f'<a href="{{{{ unsubscribe_url }}}}" style="{_LINK_STYLE}">{words["link"]}</a>'
        )
    if missing.address:
        rows.append(_escaped(sender.postal_address))
    if missing.contact:
        rows.append(f"{words['contact']}{words['colon']}{_contact_link(sender.contact)}")
    body = "".join(f'<p style="margin:0 0 8px">{row}</p>' for row in rows)
    return f'<div style="{_STYLE}">{body}</div>'


def _contact_link(contact: str) -> str:
    shown = _escaped(contact)
    contact = contact.strip()
    if re.fullmatch(r"https?://[^\s\"'<>{}]+", contact):
        return f'<a href="{shown}" data-no-track style="{_LINK_STYLE}">{shown}</a>'
    if re.fullmatch(r"[^\s@\"'<>{}]+@[^\s@\"'<>{}]+", contact):
        return f'<a href="mailto:{shown}" style="{_LINK_STYLE}">{shown}</a>'
    return shown


def _escaped(value: str) -> str:
    """Escape for HTML and for the merge language."""
    return html.escape(value.strip()).replace("{", "&#123;").replace("}", "&#125;")


def _literal(value: str) -> str:
    """Take the meaning for the merge language away from text: `{{` becomes `{ {`."""
    return re.sub(r"\{(?=[{%#])", "{ ", value.strip())
