"""Build static/icons.svg from the npm package lucide-static: only the icons listed in tools/icons.txt.

    npm pack lucide-static && tar xzf lucide-static-*.tgz
    python tools/icons.py package

The sprite is committed, so that running Todoku needs neither npm nor a network. A name that the
package does not know stops the build.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPRITE = HERE.parent / "static" / "icons.svg"
NOTICE = (
    "<!-- Lucide icons, ISC License, Copyright (c) Lucide Icons and Contributors; some derived from "
    "Feather (MIT). The full text stands in icons.LICENSE.txt. -->"
)


class UnknownIconError(Exception):
    """tools/icons.txt names an icon that the package does not have."""


def names() -> list[str]:
    """Return the listed icon names, sorted, without comments and blank lines."""
    lines = (HERE / "icons.txt").read_text(encoding="utf-8").splitlines()
    return sorted({line.split("#")[0].strip() for line in lines} - {""})


def symbol(package: Path, name: str) -> str:
    """Return one <symbol>; size and stroke come from the class "icon" in our CSS."""
    file = package / "icons" / f"{name}.svg"
    if not file.is_file():
        raise UnknownIconError(f"{name}: not an icon of {package}")
    inner = re.sub(r"^.*?<svg.*?>|</svg>\s*$", "", file.read_text(encoding="utf-8"), flags=re.S)
    shapes = " ".join(line.strip() for line in inner.splitlines() if line.strip())
    return f'  <symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def build(package: Path) -> int:
    """Write the sprite and the licence beside it; return the number of icons."""
    symbols = [symbol(package, name) for name in names()]
    lines = [NOTICE, '<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""]
    SPRITE.write_text("\n".join(lines), encoding="utf-8")
    licence = (package / "LICENSE").read_text(encoding="utf-8")
    SPRITE.with_name("icons.LICENSE.txt").write_text(licence, encoding="utf-8")
    return len(symbols)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    count = build(Path(sys.argv[1]))
    sys.stdout.write(f"{count} icons written to {SPRITE}\n")
