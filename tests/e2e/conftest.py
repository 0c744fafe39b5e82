"""Browser tests need Chromium: `CHROMIUM`, or one on the path. Without it each is skipped by name.

Under continuous integration (CI=true) a missing browser is a failure: nobody would see the skips.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.installation import Installation, running_installation
from tools import chromium

REASON = "there is no Chromium: set CHROMIUM, or install the package chromium"


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
