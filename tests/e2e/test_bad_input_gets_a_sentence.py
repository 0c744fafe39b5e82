"""Files, templates and domains that are wrong: what happened, what stayed safe, what to do; in Japanese."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation
from tests.e2e.marathon import Run, call, furnish
from tests.e2e.story import Shop, open_shop, sign_in, upload

SAFE = "読者は1人も変わっていません"
HEAD = "メールアドレス,氏名\r\n"
HALF_BROKEN = HEAD + "".join(
    f"never.guest{n}@gmail.com,客{n}\r\n" if n % 2 else f"壊れた行{n},客{n}\r\n" for n in range(20)
)
# Not one of the encodings we know: é of ISO 8859-1 before a line end is no character in any of them.
UNKNOWN_ENCODING = "email,name\r\nnever.jose@gmail.com,José\r\n".encode("latin-1")
NO_ADDRESSES = "氏名,市区町村\r\n髙橋 花,札幌市\r\n森 遠,松本市\r\n".encode("cp932")

FILES = [
    (UNKNOWN_ENCODING, ["このファイルの文字を読み取れませんでした", "CSV UTF-8"]),
    (NO_ADDRESSES, ["メールアドレスの列が見つかりませんでした", "「メールアドレス」"]),
]
TEMPLATES = [
    ("<p>{{ nickname }}様</p>", ["HTML 1行目", "「nickname」という項目はありません", "name"]),
    ("<p>{% for x in name %}{{ x }}{% endfor %}</p>", ["HTML 1行目", "「for」", "使えません"]),
    ("<p>\n{{ name.__class__ }}</p>", ["HTML 2行目", "使えません", "使えるのは項目"]),
]


@pytest.fixture(scope="module")
def shop(installation: Installation) -> Shop:
    shop = open_shop(installation, "machigai")
    furnish(shop, ["never.first@gmail.com"])
    return shop


@pytest.mark.parametrize(("content", "sentences"), FILES)
def test_a_file_that_cannot_be_read_changes_nobody(
    page: Page, shop: Shop, content: bytes, sentences: list[str]
):
    before = readers(shop)
    sign_in(page, shop)
    upload(page, shop, "名簿.csv", content)
    for sentence in ["ファイルを取り込めませんでした", *sentences, SAFE]:
        expect(page.get_by_text(sentence).first).to_be_visible(timeout=60_000)
    assert readers(shop) == before


def test_half_broken_rows_are_named_and_the_good_ones_come_in(page: Page, shop: Shop):
    before = readers(shop)
    sign_in(page, shop)
    upload(page, shop, "半分.csv", HALF_BROKEN.encode("cp932"))
    row = page.get_by_role("row", name="壊れた行0")
    expect(row.get_by_text("＠がありません")).to_be_visible(timeout=60_000)
    expect(row.get_by_role("cell").first).to_have_text("2")  # the line in the file
    assert readers(shop) == before + 10


@pytest.mark.parametrize(("html", "sentences"), TEMPLATES)
def test_a_template_that_cannot_be_filled_is_explained_and_never_goes_out(
    page: Page, shop: Shop, html: str, sentences: list[str]
):
    campaign = call(shop.installation, "draft", shop.slug, "ひな形")
    sign_in(page, shop)
    page.goto(f"{shop.base}/campaigns/{campaign}/content/")
    page.fill("textarea[name=html]", html)
    page.get_by_role("button", name="本文を保存する").click()
    page.wait_for_url("**/when/")
    page.goto(f"{shop.base}/campaigns/{campaign}/review/")
    for sentence in sentences:
        expect(page.get_by_text(sentence).first).to_be_visible()
    expect(page.get_by_role("button", name="配信する")).to_be_disabled()
    state = shop.value(f"[c.state for c in Campaign.objects.filter(pk={campaign}, mailing=None)]")
    assert state == ["draft"]


def test_domains_that_take_no_mail_and_a_silent_name_server_are_told_apart(page: Page, shop: Shop):
    call(
        shop.installation,
        "add_readers",
        shop.slug,
        ["a@nomail.example", "b@nothing-here.example", "c@slow-dns.example"],
    )
    campaign = call(shop.installation, "start_at_rate", shop.slug, "宛先いろいろ", "google", 50)
    run = Run(shop, campaign, "宛先いろいろ")
    shop.installation.sandbox.wait_for(lambda: run.figures()["ledger"].get("failed") == 2, 60)

    sign_in(page, shop)
    people = f"{shop.base}/campaigns/{campaign}/people"
    page.goto(f"{people}/failed/")
    for address in ("a@nomail.example", "b@nothing-here.example"):
        row = page.get_by_role("row", name=address)
        expect(row.get_by_text("ドメインなし")).to_be_visible()
        expect(row.get_by_text("つづりを確かめて")).to_be_visible()
    page.goto(f"{people}/waiting/")
    row = page.get_by_role("row", name="c@slow-dns.example")
    expect(row.get_by_text("応答がありません")).to_be_visible()
    expect(row.get_by_text("自動で")).to_be_visible()

    asked = {address.partition("@")[2] for address in run.recipients()}
    assert asked == {"gmail.com"}
    assert run.figures()["ledger"]["unresolved"] == 1  # the silent one waits, and is not given up


def readers(shop: Shop) -> int:
    number = shop.value("o.readers.count()")
    assert isinstance(number, int)
    return number
