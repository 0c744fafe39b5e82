"""Pictures of every page of a running installation: `make screenshots` beside `make run`.

Signs in as the demo's owner, follows the links from the home page, and writes each kind of page into
screenshots/ as light, dark, phone and English. Nothing is pressed and nothing is sent.
"""

import argparse
import os
import sys
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import django
from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
# Name of the picture → arguments of the context, language.
LOOKS: dict[str, tuple[dict[str, Any], str]] = {
    "light": ({"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"}, "ja"),
    "dark": ({"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"}, "ja"),
    "phone": ({"viewport": {"width": 390, "height": 844}, "color_scheme": "light"}, "ja"),
    "en": ({"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"}, "en"),
}
# The same page with other data is worth a second picture (a draft, a sent campaign), not a third.
EACH = 2
STRANGERS_PAGES = ("account_login", "account_signup", "account_reset_password")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    from campaigns.demo.build import EMAIL

    options = _options(settings.BASE_URL, EMAIL, settings.DEMO_PASSWORD)
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # As root Chromium has no sandbox of its own; the pages it opens here are ours.
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=options.chromium or None, args=flags)
        state = _sign_in(browser.new_context(), options)
        first = browser.new_context(storage_state=state)
        pages = [each for each in _crawl(first, f"{options.url}/") if options.only in each[0]]
        for look, (arguments, language) in LOOKS.items():
            context = browser.new_context(storage_state=state, **arguments)
            stranger = browser.new_context(**arguments)
            for each in (context, stranger):
                each.add_cookies(
                    [{"name": "django_language", "value": language, "url": options.url}]
                )
            for name, url in pages:
                _picture(context, url, options.out / f"{name}-{look}.png")
            for name, url in _strangers_pages(options):
                _picture(stranger, url, options.out / f"{name}-{look}.png")
        browser.close()
    sys.stdout.write(f"{len(pages)} pages, {len(LOOKS)} pictures each: {options.out}\n")
    return 0


def _options(url: str, email: str, password: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write pictures of every page.")
    parser.add_argument("--url", default=url, help="of the running installation")
    parser.add_argument("--email", default=email)
    parser.add_argument("--password", default=password)
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="pages whose name contains this")
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", ""))
    return parser.parse_args()


def _sign_in(context: BrowserContext, options: argparse.Namespace) -> Any:
    page = context.new_page()
    page.goto(f"{options.url}/account/login/")
    page.fill("#id_login", options.email)
    page.fill("#id_password", options.password)
    page.click("form[action='/account/login/'] .btn-primary")
    page.wait_for_url("**/o/**")
    state = context.storage_state()
    context.close()
    return state


def _crawl(context: BrowserContext, start: str) -> Iterator[tuple[str, str]]:
    """Yield (name, address) of each page reached by links, a few of every kind."""
    waiting, seen, taken = deque([start]), {start}, Counter[str]()
    shown: set[str] = set()  # "/" leads to a page that has its own address
    page = context.new_page()
    while waiting:
        url = waiting.popleft()
        name = _view_name(url)
        if not name or taken[name] >= EACH or not _is_page(context, url):
            continue
        page.goto(url)
        name = _view_name(page.url) or name
        if page.url in shown:
            continue
        shown.add(page.url)
        taken[name] += 1
        yield _file_name(name, taken[name]), page.url
        for link in _links(page):
            if link not in seen and link.startswith(start):
                seen.add(link)
                waiting.append(link)
    page.close()


def _is_page(context: BrowserContext, url: str) -> bool:
    answer = context.request.get(url)
    return answer.ok and "text/html" in answer.headers.get("content-type", "")


def _links(page: Page) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)")
    return [urldefrag(link).url for link in found]


def _view_name(url: str) -> str:
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def _strangers_pages(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    from django.urls import reverse

    for name in STRANGERS_PAGES:
        if options.only in name:
            yield name, urljoin(options.url, reverse(name))


def _file_name(view_name: str, number: int) -> str:
    return view_name.replace(":", "-") + (f"-{number}" if number > 1 else "")


def _picture(context: BrowserContext, url: str, path: Path) -> None:
    page = context.new_page()
    page.goto(url)
    page.screenshot(path=path, full_page=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
