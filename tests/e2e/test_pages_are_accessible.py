"""Every page of the product, looked at: axe, the console, the width, where it asks for things.

Each page is seen in two looks that share neither colours nor width nor language; with
TODOKU_E2E_ALL_LOOKS=yes in all eight.
"""

from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e import population
from tests.e2e.eyes import check_openable, open_folds, watched
from tests.e2e.installation import Installation
from tests.e2e.looks import LOOKS, Look, looks_for
from tests.integration.accounts.addresses import Address, all_addresses

ADDRESSES = all_addresses()
STRANGERS_PAGES = ("account_login", "account_signup", "account_reset_password", "invitation")
# Redirects, actions, and the piece of a page that says "stop asking" (htmx).
NOT_FOR_READING = {301, 302, 405, 286}


def paths(address: Address, known: dict[str, Any]) -> list[str]:
    """Return the address with values that exist: campaigns in each of their states."""
    fixed = {
        "organisation": known["organisation"],
        "kind": "accepted",
        **known["invitation"],
    }
    if "pk" not in address.parameters:
        return [address.path_with(fixed)]
    return [address.path_with(fixed | {"pk": pk}) for pk in _rows(address.name, known)]


def _rows(name: str, known: dict[str, Any]) -> list[int]:
    """Return ids of what an address is about, found by the beginning of its name."""
    tables = {
        "campaigns:": list(known["campaigns"].values()),
        "lists:import": [known["import"]],
        "lists:": [known["reader"]],
        "accounts:member": [known["member"]],
        "mailer:domain": [known["domain"]],
        "mailer:mailbox": [known["mail"]],
        "mailer:": [known["source"]],
    }
    return next(rows for start, rows in tables.items() if name.startswith(start))


@pytest.mark.parametrize(
    ("number", "address"), list(enumerate(ADDRESSES)), ids=[each.name for each in ADDRESSES]
)
def test_a_page_has_no_fault(number, address, installation, known, signed_in):
    faults: list[str] = []
    found = {path: _kind(signed_in(LOOKS[0]), installation, path) for path in paths(address, known)}
    assert set(found.values()) != {"missing"}, f"{found}: give the population what it needs"
    pages = [path for path, kind in found.items() if kind == "page"]
    for offset, path in enumerate(pages):
        for look in looks_for(number + offset):
            faults += _faults(signed_in(look), look, urljoin(installation.url, path))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", STRANGERS_PAGES)
def test_a_page_for_strangers_has_no_fault(name, installation, known, strangers):
    number, address = next((n, a) for n, a in enumerate(ADDRESSES) if a.name == name)
    url = urljoin(installation.url, paths(address, known)[0])
    faults = [f for look in looks_for(number) for f in _faults(strangers(look), look, url)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_shell_has_no_fault_with_its_menus_open(look, installation, known, signed_in):
    with watched(signed_in(look), look, installation.url) as eyes:
        eyes.page.goto(f"{installation.url}/account/")
        check_openable(eyes, eyes.page.locator("body"), each=9)
    assert not eyes.faults, "\n".join(eyes.faults)


@pytest.mark.parametrize(("number", "path"), [(0, "/nowhere/"), (1, "/o/nowhere/campaigns/")])
def test_an_error_page_has_no_fault(number, path, installation, signed_in):
    faults = []
    for look in looks_for(number):
        with watched(signed_in(look), look, installation.url) as eyes:
            eyes.page.goto(installation.url + path)
            # The browser itself notes the status of the page.
            eyes.faults = [each for each in eyes.faults if "status of 404" not in each]
            eyes.check()
            eyes.check_narrowest()
        faults += eyes.faults
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_page_for_leaving_has_no_fault(look, installation, known, strangers):
    message = installation.sandbox.messages(recipient="never.sato@gmail.com")[0]
    raw = installation.sandbox.raw(message["id"]).decode("latin-1")
    token = raw.split("/u/", 1)[1].split(">", 1)[0].strip()
    url = f"{installation.tracker_url}/u/{token}"
    assert not (faults := _faults(strangers(look), look, url)), "\n".join(faults)


def test_the_population_reaches_the_practice_internet(installation, known):
    """Otherwise the pages above would have been looked at empty."""
    received = installation.sandbox.messages()
    own = [each["receiver"] for each in received if population.DOMAIN in each["header_from"]]
    assert set(own) >= {"gmail", "docomo", "icloud"}


def _kind(context: BrowserContext, installation: Installation, path: str) -> str:
    """Say what is at the address: a page to look at, something else, or nothing (a draft's report)."""
    answer = context.request.get(urljoin(installation.url, path), max_redirects=0)
    if answer.status == 404:
        return "missing"
    if answer.status in NOT_FOR_READING or "text/html" not in answer.headers["content-type"]:
        return "other"
    assert answer.status == 200, f"{path}: {answer.status}"
    # A newsletter in its frame is seen as part of the page around it.
    is_framed = "sandbox" in answer.headers["content-security-policy"].split("; ")
    return "other" if is_framed or "<html" not in answer.text() else "page"


def _faults(context: BrowserContext, look: Look, url: str) -> list[str]:
    origin = urljoin(url, "/").rstrip("/")
    with watched(context, look, origin) as eyes:
        eyes.page.goto(url)
        open_folds(eyes.page)
        eyes.check()
        eyes.check_narrowest()
        main = eyes.page.locator("main")
        check_openable(eyes, main)
    return [f"{url} {fault}" for fault in eyes.faults]
