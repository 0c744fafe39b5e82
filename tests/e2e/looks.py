"""The eight ways in which a page is looked at: colours, width, language."""

import os
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, cast

Colours = Literal["light", "dark"]

HEIGHTS = {1360: 900, 390: 844}
# Yes: every page in all eight looks. Otherwise each page in two that share nothing.
ALL_LOOKS = os.environ.get("TODOKU_E2E_ALL_LOOKS", "").lower() in {"1", "yes", "true"}


@dataclass(frozen=True)
class Look:
    colours: Colours
    width: int
    language: str

    def __str__(self) -> str:
        return f"{self.colours}-{self.width}-{self.language}"

    @property
    def is_phone(self) -> bool:
        return self.width < 800

    @property
    def context(self) -> dict[str, Any]:
        """Arguments of `Browser.new_context`."""
        return {
            "viewport": {"width": self.width, "height": HEIGHTS[self.width]},
            "color_scheme": self.colours,
            "locale": self.language,
            "has_touch": self.is_phone,
            "timezone_id": "Asia/Tokyo",
            # A dialog that is still fading in has other contrasts than it is designed with.
            "reduced_motion": "reduce",
        }


LOOKS = tuple(
    Look(cast(Colours, colours), width, language)
    for colours, width, language in product(("light", "dark"), (1360, 390), ("ja", "en"))
)


def looks_for(number: int) -> tuple[Look, ...]:
    """Return the looks of the page with this number: all, or one and its opposite in everything.

    Over four pages every look comes up; each single page is seen light and dark, wide and narrow,
    in Japanese and in English.
    """
    if ALL_LOOKS:
        return LOOKS
    index = number % (len(LOOKS) // 2)
    return LOOKS[index], LOOKS[len(LOOKS) - 1 - index]
