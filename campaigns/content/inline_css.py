"""Writes the CSS of `<style>` into the elements, because several mail clients read only `style=""`.

The style elements stay (media queries, hover). Nothing is ever fetched: neither `<link rel=stylesheet>` nor
`@import`.
"""

import logging
import re
import threading
from typing import Any, Final

from cssselect import SelectorError
from lxml import etree

from campaigns.content.template_shield import TemplateShield

MAX_CSS_CHARS: Final = 100_000

_STYLE: Final = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_BOM: Final = "\ufeff"
# cssutils keeps its parser state in the module.
_CSSUTILS_LOCK: Final = threading.Lock()


class CssNotInlined(ValueError):
    """The CSS could not be applied; the mail still carries it in its style element."""


def inline_css(html: str) -> str:
    """Return the document with inlined CSS; merge expressions come out byte for byte. Raises CssNotInlined."""
    styles = _STYLE.findall(html)
    if not any(style.strip() for style in styles):
        return html
    if sum(map(len, styles)) > MAX_CSS_CHARS:
        raise CssNotInlined(f"more than {MAX_CSS_CHARS} characters of CSS")
    # premailer and cssutils take a third of a second to load, and most processes never inline.
    from campaigns.content.offline_premailer import OfflinePremailer

    shield = TemplateShield.for_source(html)
    hidden = shield.hide(html.lstrip(_BOM))
    try:
        with _CSSUTILS_LOCK:
            return shield.restore(
                OfflinePremailer(hidden, **_OPTIONS).transform(pretty_print=False)
            )
    except (
        SelectorError,
        etree.LxmlError,
        AssertionError,
        ValueError,
        TypeError,
        IndexError,
    ) as error:
        # premailer and cssutils meet unknown CSS with any of these; none of them is our caller's fault.
        raise CssNotInlined(str(error)[:200]) from error


_OPTIONS: Final[dict[str, Any]] = {
    "keep_style_tags": True,
    "strip_important": False,  # media queries live by it
    "allow_network": False,
    "allow_loading_external_files": False,
    "disable_link_rewrites": True,
    "disable_validation": True,
    "cache_css_parsing": False,
    "align_floating_images": False,
    "remove_unset_properties": False,
    "cssutils_logging_level": logging.CRITICAL,
    "method": "html",
}
