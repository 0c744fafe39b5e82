""".env.example names every variable that the program reads, and no other, with its default."""

import ast
import re

from config.paths import BASE_DIR

READERS = {"text", "integer", "boolean", "words", "choice"}


def variables_read() -> dict[str, str | None]:
    """Return names and constant defaults (None when computed) of all reads in config/."""
    found: dict[str, str | None] = {}
    for path in (BASE_DIR / "config").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_read(node):
                name = node.args[0]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    found[name.value] = found.get(name.value) or _default(node)
    return found


def _is_read(node: ast.Call) -> bool:
    words = ast.unparse(node.func)
    return bool(node.args) and (
        words in {f"env.{reader}" for reader in READERS} or words == "os.environ.get"
    )


def _default(node: ast.Call) -> str | None:
    defaults = [*node.args[1:], *[word.value for word in node.keywords if word.arg == "default"]]
    if not defaults or not isinstance(defaults[0], ast.Constant):
        return None
    value = defaults[0].value
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def variables_listed() -> dict[str, str]:
    text = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_every_variable_is_listed_and_none_else():
    read = {name for name in variables_read() if name.startswith("TODOKU") or "_URL" in name}

    assert set(variables_listed()) == read


def test_listed_default_is_the_real_one():
    listed = variables_listed()

    different = {
        name: (default, listed[name])
        for name, default in variables_read().items()
        if name in listed and default and listed[name] != default
    }

    assert different == {}
