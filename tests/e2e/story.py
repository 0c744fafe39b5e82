"""The people and files of the newsletter story, and what the practice internet recorded about it."""

import csv
import io
from dataclasses import dataclass

import dkim
import dns.message
import dns.query
from playwright.sync_api import Page

from tests.e2e.installation import Installation

PASSWORD = "a quiet morning in spring"

SETUP = """
from django.conf import settings
from django.utils import timezone
from accounts.models import User
from accounts.services.organisations import create_organisation, update_sender_profile
from mailer.services.sources import ensure_practice_pool
now = timezone.now()
owner = User.objects.create_user({email!r}, {password!r}, name="空野 緑")
organisation = create_organisation(name="そらの花店", slug={slug!r}, kind="practice", owner=owner, now=now)
update_sender_profile(organisation=organisation, legal_name="有限会社そらの花店", actor=owner,
    postal_address="東京都千代田区丸の内0-0-0", contact="03-0000-0000")
ensure_practice_pool(node=settings.NODE, daily_cap=50_000, now=now)
"""


@dataclass(frozen=True)
class Shop:
    """One organisation of a story; each test has its own, so that their records never mix."""

    installation: Installation
    slug: str

    @property
    def email(self) -> str:
        return f"owner@{self.slug}.example"

    @property
    def domain(self) -> str:
        return f"mail.{self.slug}.example"

    @property
    def base(self) -> str:
        return f"/o/{self.slug}"

    def received(self, subject: str = "") -> list[dict[str, object]]:
        """Return what the practice receivers accepted from this shop, oldest first."""
        return [
            message
            for message in self.installation.sandbox.messages()
            if str(message["mail_from"]).endswith(self.domain)
            and (not subject or subject in _decoded(str(message["subject"])))
        ]

    def value(self, expression: str) -> object:
        """Evaluate one expression over the shop's organisation `o` inside the installation."""
        return self.installation.evaluate(
            "from accounts.models import Organisation\n"
            "from campaigns.models import Campaign\n"
            "from django.utils import timezone\n"
            "from mailer.models import Delivery, DeliveryState, Mailing\n"
            f"o = Organisation.objects.get(slug={self.slug!r})\nresult = {expression}"
        )


def open_shop(installation: Installation, slug: str) -> Shop:
    shop = Shop(installation, slug)
    installation.sandbox.world(ambient=False, readers=False)
    installation.evaluate(SETUP.format(email=shop.email, password=PASSWORD, slug=slug))
    return shop


def sign_in(page: Page, shop: Shop) -> None:
    page.goto("/account/login/")
    page.fill("input[name=login]", shop.email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{shop.base}/")


def prepare_domain(page: Page, shop: Shop) -> None:
    """Add the sending domain and publish its records, as a person does in practice."""
    page.goto(f"{shop.base}/domains/")
    page.fill("input[name=name]", shop.domain)
    page.get_by_role("button", name="このドメインを追加する").click()
    page.get_by_role("button", name="練習用インターネットに公開する").click()
    page.get_by_role("heading", name="このドメインから配信できます").wait_for()


def upload(page: Page, shop: Shop, name: str, content: bytes) -> None:
    """Upload a reader file with consent and wait for the result page."""
    page.goto(f"{shop.base}/readers/import/")
    page.set_input_files(
        "input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.locator("input[name=basis][value=consent]").check()
    page.fill("textarea[name=evidence]", "店頭の申込書")
    page.get_by_role("button", name="このファイルを取り込む").click()


def reader_file(rows: list[tuple[str, str, str]], encoding: str) -> bytes:
    """Return a CSV of (address, name, city) in an encoding."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([("メールアドレス", "氏名", "市区町村"), *rows])
    return out.getvalue().encode(encoding)


def both_signatures_verify(raw: bytes, dns_port: int) -> bool:
    """Let dkimpy judge the bytes as received, with keys from the practice DNS."""

    def lookup(name: bytes, timeout: int = 5) -> bytes | None:
        query = dns.message.make_query(name.decode(), "TXT")
        answer = dns.query.tcp(query, "127.0.0.1", timeout=timeout, port=dns_port)
        for group in answer.answer:
            for record in group:
                return b"".join(record.strings)
        return None

    verifier = dkim.DKIM(raw)
    return raw.count(b"\r\nDKIM-Signature:") + raw.startswith(b"DKIM-Signature:") == 2 and all(
        verifier.verify(idx=number, dnsfunc=lookup) for number in (0, 1)
    )


def _decoded(subject: str) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(subject)))
