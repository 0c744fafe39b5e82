"""The remote server's own words inside a report, without the phrases that reporting servers put around everything."""

import re
from typing import Final

_INTRODUCED: Final = re.compile(
    r"""(?: \bsaid(?:\[[^\]\n]{0,40}\])? | \bsays | remote[ ]host[ ]said(?:\[[^\]\n]{0,40}\])?
      | (?:error|response)[^:\n]{0,60}[ ](?:returned[ ])?was | \bthe[ ]response[ ]was
      | (?:server|host)[^:\n]{0,80}[ ](?:said|responded|returned|replied)(?:[ ]with)?
      | error[ ]message[ ]below | responded[ ]as[ ]follows | diagnostic[ ]information[^:\n]{0,40}
      | refused[ ]to[ ]talk[ ]to[ ]me
    )\s*:\s* | \berror\s+(?=[45]\d\d-') """,
    re.IGNORECASE | re.VERBOSE,
)
# Said by the reporting server whatever the reason was: these must not be taken for it.
_PHRASES: Final = re.compile(
    r"""i.m[ ]not[ ]going[ ]to[ ]try[ ]again;[ ]this\s+message[ ]has[ ]been[ ]in[ ]the[ ]queue[ ]too[ ]long\.?
      | this[ ]is[ ]a[ ]permanent[ ]error;[ ]i.ve[ ]given[ ]up\.(?:[ ]sorry[ ]it[ ]didn.t[ ]work[ ]out\.)?
      | giving[ ]up[ ]on[ ]\S+
      | we[ ]recommend[ ]contacting[^.]{0,160}\.
      | google[ ]tried[ ]to[ ]deliver[ ]your[ ]message,[ ]but[ ]it[ ]was[ ]rejected[ ]by[ ][^.:]{0,120}
      | (?:interscan|viruswall|antivirus)[ ][\w. -]{0,40}
      | please[ ]check[ ]the[ ](?:address|recipient)[^.]{0,80}
      | verify[ ]that[ ]the[ ]recipient[ ]address[^.]{0,40}
      | this[ ](?:e-?mail|message)[^.]{0,60}\bconfidential[^\0]*
      | for[ ](?:further|more)[ ](?:assistance|information)[^.]{0,160}\. | see[ ]https?://\S+
      | (?:envelope-)?sender:?[ ]\S+@\S+ | if[ ]you[ ]do[ ]so,[^.]{0,80}\.
      | [ ]please[ ](?:do[ ]not[ ]reply|include[ ]this)[^.]{0,80}""",
    re.IGNORECASE | re.VERBOSE,
)


def remote_words(text: str) -> str:
    """Return what follows the last introduction of a quote, or nothing where there is none."""
    quotes = list(_INTRODUCED.finditer(text))
    return text[quotes[-1].end() :] if quotes else ""


def without_phrases(text: str) -> str:
    return " ".join(_PHRASES.sub(" ", text).split())
