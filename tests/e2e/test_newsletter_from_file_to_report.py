"""The whole story: a shop owner uploads readers, writes, tests, schedules, watches and reads the report."""

import email
from collections import Counter
from email import policy

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation
from tests.e2e.story import (
    Shop,
    both_signatures_verify,
    open_shop,
    prepare_domain,
    reader_file,
    sign_in,
    upload,
)

HTML = """<html lang="ja"><head><style>.big { font-size: 20px; color: #225522 }</style></head><body>
<p class="big">{{ name|default("お客様") }}様、{{ city|default("お近く") }}でも春の花が咲きました。</p>
<p><a href="https://flowers.example/spring">春の花を見る</a></p></body></html>"""
GOOD, GONE, BROKEN = 970, 12, 18


@pytest.fixture(scope="module")
def shop(installation: Installation) -> Shop:
    return open_shop(installation, "hana")


def rows() -> list[tuple[str, str, str]]:
    """Return 1,000 rows: people, people who left their provider, and rows that are no addresses."""
    good = [
        (f"never.reader{number}@{domain}", f"髙橋 花{number}", "札幌市" if number % 3 else "")
        for number in range(GOOD)
        for domain in ["gmail.com" if number % 20 else "aozora-shoji.example"]
    ]
    gone = [
        (f"unknown.reader{number}@gmail.com", f"森 遠{number}", "松本市") for number in range(GONE)
    ]
    broken = [
        (["壊れた行", "a b@example", "@gmail.com"][number % 3], f"不明{number}", "")
        for number in range(BROKEN)
    ]
    return good[:500] + broken + gone + good[500:]


def test_newsletter_reaches_every_reader_exactly_once(page: Page, shop: Shop):
    sign_in(page, shop)
    prepare_domain(page, shop)

    upload(page, shop, "名簿.csv", reader_file(rows(), "cp932"))
    expect(page.get_by_text("982", exact=False).first).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="エラー").first.click()
    errors = download.value.path().read_bytes().decode("cp932")
    assert errors.count("壊れた行") == BROKEN // 3

    compose(page, shop)
    send_test(page, shop)
    schedule_for_tomorrow(page, shop)
    assert shop.received("春の花") == shop.received("[テスト]")  # nothing but the test has left
    bring_the_time_forward(shop)

    page.goto(f"{shop.base}/campaigns/{campaign_id(shop)}/sending/")
    expect(page.get_by_text("完了").first).to_be_visible(timeout=120_000)

    the_record_is_right(shop)
    the_report_is_right(page, shop)


def compose(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.base}/campaigns/new/")
    page.fill("input[name=name]", "春のたより")
    page.get_by_role("button", name="メールを作り始める").click()
    page.wait_for_url("**/campaigns/*/**")
    base = f"{shop.base}/campaigns/{campaign_id(shop)}"
    page.goto(f"{base}/recipients/")
    page.get_by_role("button", name="このリストに決める").click()
    page.goto(f"{base}/sender/")
    page.fill("input[name=from_name]", "そらの花店")
    page.fill("input[name=from_local]", "haru")
    page.fill("input[name=reply_to]", "mise@aozora-shoji.example")
    page.fill("input[name=subject]", "春の花が届きました、{{ name|default('お客様') }}様")
    page.get_by_role("button", name="差出人と件名を保存する").click()
    page.goto(f"{base}/content/")
    page.fill("textarea[name=html]", HTML)
    page.get_by_role("button", name="本文を保存する").click()
    page.wait_for_load_state("networkidle")


def send_test(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.base}/campaigns/{campaign_id(shop)}/preview/")
    page.fill("textarea[name=addresses]", "never.boss@aozora-shoji.example")
    page.get_by_role("button", name="テストを送る").click()
    page.wait_for_load_state("networkidle")
    shop.installation.sandbox.wait_for(lambda: shop.received("[テスト]"), timeout_s=30)


def schedule_for_tomorrow(page: Page, shop: Shop) -> None:
    base = f"{shop.base}/campaigns/{campaign_id(shop)}"
    page.goto(f"{base}/when/")
    page.locator("input[name=timing][value=at]").check()
    page.get_by_role("button", name="明日10:00").click()
    page.get_by_role("button", name="この日時に決める").click()
    page.wait_for_load_state("networkidle")
    page.goto(f"{base}/review/")
    page.get_by_role("button", name="予約する").first.click()
    page.wait_for_load_state("networkidle")
    assert shop.value("Campaign.objects.get(organisation=o).state") == "scheduled"


def bring_the_time_forward(shop: Shop) -> None:
    """Tomorrow comes at once: the same row, the same clockwork."""
    shop.value("Campaign.objects.filter(organisation=o).update(scheduled_at=timezone.now())")


def campaign_id(shop: Shop) -> object:
    return shop.value("Campaign.objects.filter(organisation=o).latest('pk').pk")


def the_record_is_right(shop: Shop) -> None:
    """Assert on what the receivers saw: they share no code with the sender."""
    messages = [m for m in shop.received("春の花") if m not in shop.received("[テスト]")]
    wanted = {address for address, _, _ in rows() if address.startswith("never.reader")}
    counted = Counter(str(m["rcpt_to"][0]) for m in messages)  # type: ignore[index]  # JSON
    assert set(counted) == wanted
    assert set(counted.values()) == {1}
    assert {len(m["rcpt_to"]) for m in messages} == {1}  # type: ignore[arg-type]  # JSON
    for message in messages[:: max(1, len(messages) // 25)]:
        raw = shop.installation.sandbox.raw(int(str(message["id"])))
        assert both_signatures_verify(raw, shop.installation.sandbox.ports.dns)
        parsed = email.message_from_bytes(raw, policy=policy.default)
        assert len(parsed.get_all("To", [])) == 1
        assert parsed["To"].addresses[0].addr_spec == message["rcpt_to"][0]  # type: ignore[index]  # JSON
        assert parsed["Bcc"] is None
        assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        text = parsed.get_body(("plain",))
        assert text is not None
        assert "有限会社そらの花店" in text.get_content()


def the_report_is_right(page: Page, shop: Shop) -> None:
    stopped = shop.value(
        "sorted(o.readers.filter(state='bounced').values_list('address', flat=True))"
    )
    assert stopped == sorted(f"unknown.reader{number}@gmail.com" for number in range(GONE))
    page.goto(f"{shop.base}/campaigns/{campaign_id(shop)}/report/")
    expect(page.get_by_text("宛先なし").first).to_be_visible()
    page.get_by_role("link", name=str(GONE), exact=True).last.click()
    expect(page.get_by_text("unknown.reader0@gmail.com")).to_be_visible()
