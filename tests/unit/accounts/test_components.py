"""The rules of templates/ that no renderer checks."""

import re
from pathlib import Path

import pytest

from accounts.navigation import ENTRIES
from accounts.stamps import STAMPS

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates" / "ui").glob("*.html"))
SPRITE = set(re.findall(r'symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text("utf-8")))
TAG = re.compile(r"<c-([\w-]+)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>", re.S)


def code(template: Path) -> str:
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", template.read_text("utf-8"), flags=re.S)


def declared(component: str) -> set[str]:
    found = re.search(r"<c-vars ([^>]*)/>", code(ROOT / f"templates/ui/{component}.html"))
    return set(re.findall(r"([\w-]+)=", found[1])) if found else set()


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_begins_by_saying_what_it_takes(component):
    text = component.read_text("utf-8")
    assert text.startswith("{% comment %}\n")
    head = text.split("{% endcomment %}")[0]
    missing = {name for name in declared(component.stem) if not re.search(rf"\b{name}\b", head)}
    assert not missing - {"class", "control_class", "for", "action"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_passes_only_what_components_know_and_escapes_what_they_pass_on(template):
    """A raw `:name` value that the component does not declare would reach the page unescaped."""
    for name, attributes in TAG.findall(code(template)):
        if name in {"vars", "slot"}:
            continue
        known = declared(name.replace("-", "_"))
        dynamic = set(re.findall(r"(?:^|\s):([\w-]+)=", attributes))
        assert dynamic <= known, f"<c-{name}> does not declare {dynamic - known}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_carries_no_inline_style_or_script(template):
    text = code(template)
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*src=)", text)


def test_every_icon_that_is_named_is_in_the_sprite():
    named = {entry.icon for entry in ENTRIES} | {stamp.icon for stamp in STAMPS.values()}
    for template in TEMPLATES:
        for name, attributes in TAG.findall(code(template)):
            key = "name" if name == "icon" else "icon"
            found = re.search(rf'(?:^|\s){key}="([\w-]+)"', attributes)
            named |= {found[1]} if found else set()
    assert named - SPRITE == set()


def test_the_sprite_has_exactly_the_listed_icons():
    listed = {
        line.split("#")[0].strip() for line in (ROOT / "tools/icons.txt").read_text().splitlines()
    }
    assert listed - {""} == SPRITE
