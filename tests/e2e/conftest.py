"""Browser tests need Chromium: `CHROMIUM`, or one on the path. Without it each is skipped by name.

Under continuous integration (CI=true) a missing browser is a failure: nobody would see the skips.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.installation import Installation, running_installation
from tests.e2e.looks import Look
from tools import chromium

SENT_TIMEOUT_S = 60
REASON = "there is no Chromium: set CHROMIUM, or install the package chromium"

Contexts = Callable[[Look], BrowserContext]


@pytest.fixture(scope="session", autouse=True)
def chromium_path() -> str:
    """The browser's program."""
    path = chromium.find()
    if path is None and os.environ.get("CI", "").lower() == "true":
        pytest.fail(REASON)
    if path is None:
        pytest.skip(REASON)
    return path


@pytest.fixture(scope="session")
def browser_arguments(chromium_path: str) -> dict[str, object]:
    """Arguments of `playwright.chromium.launch`."""
    # As root Chromium has no sandbox of its own; the pages it opens here are ours.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": chromium_path, "args": arguments}


@pytest.fixture(scope="session")
def browser(browser_arguments: dict[str, Any]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browser_arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation without the demo, shared by the whole run."""
    directory = tmp_path_factory.mktemp("installation")
    with running_installation(directory / "var", directory / "launch.log") as running:
        yield running


@pytest.fixture
def context(browser: Browser, installation: Installation) -> Iterator[BrowserContext]:
    """A fresh profile of somebody in Japan."""
    context = browser.new_context(
        base_url=installation.url, locale="ja-JP", timezone_id="Asia/Tokyo", accept_downloads=True
    )
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test when the console reports an error; a breach of the CSP is one."""
    problems: list[str] = []
    page = context.new_page()
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.close()
    # A form that is refused answers 422, which the browser logs.
    assert [text for text in problems if "status of 422" not in text] == []


@pytest.fixture(scope="session")
def known(installation: Installation) -> dict[str, Any]:
    """The populated installation; its first campaign has been sent."""
    made: dict[str, Any] = installation.evaluate(
        "from tests.e2e.population import populate; result = populate()"
    )
    code = (
        f"from tests.e2e.population import is_sent; result = is_sent({made['campaigns']['sent']})"
    )
    installation.sandbox.wait_for(lambda: installation.evaluate(code), SENT_TIMEOUT_S)
    return made | {"mail": _own_mail(installation)}


def _own_mail(installation: Installation) -> int:
    return int(installation.sandbox.messages(recipient="never.sato@gmail.com")[0]["id"])


@pytest.fixture(scope="session")
def signed_in(
    browser: Browser, installation: Installation, known: dict[str, Any]
) -> Iterator[Contexts]:
    """A context for each look, all signed in as the owner, who is system administrator too."""
    first = browser.new_context()
    page = first.new_page()
    page.goto(f"{installation.url}/account/login/")
    page.fill("#id_login", known["email"])
    page.fill("#id_password", known["password"])
    page.click("form[action='/account/login/'] .btn-primary")
    page.wait_for_url(f"**/o/{known['organisation']}/")
    state = first.storage_state()
    first.close()
    yield from _contexts(browser, installation, state)


@pytest.fixture(scope="session")
def strangers(browser: Browser, installation: Installation) -> Iterator[Contexts]:
    yield from _contexts(browser, installation, None)


def _contexts(browser: Browser, installation: Installation, state: Any) -> Iterator[Contexts]:
    made: dict[Look, BrowserContext] = {}

    def of(look: Look) -> BrowserContext:
        if look not in made:
            made[look] = browser.new_context(storage_state=state, **look.context)
            made[look].add_cookies(
                [{"name": "django_language", "value": look.language, "url": installation.url}]
            )
        return made[look]

    yield of
    for context in made.values():
        context.close()
