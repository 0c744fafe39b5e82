"""Pause, unsubscribe and cancel during a run: the receivers' own record says when it stopped."""

import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation
from tests.e2e.marathon import call, furnish, one_click_url, start
from tests.e2e.story import Shop, open_shop, sign_in

READERS = [f"never.walker{number}@icloud.com" for number in range(150)]
PROVIDER = "apple"
SLOW = (PROVIDER, 3.0)  # from each of two addresses: 150 messages take 25 seconds
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(scope="module")
def shop(installation: Installation) -> Iterator[Shop]:
    shop = open_shop(installation, "aruku")
    furnish(shop, READERS)
    yield shop
    call(installation, "limit_rate", PROVIDER, None)


def test_a_paused_run_sends_nothing_more_within_two_seconds_and_goes_on(page: Page, shop: Shop):
    run = start(shop, "一時停止のたより", *SLOW)
    sign_in(page, shop)
    page.goto(run.page)
    run.wait_for(10)
    page.get_by_role("button", name="一時停止").click()
    pressed_at = time.time()
    expect(page.get_by_text("配信は一時停止中です").first).to_be_visible()

    time.sleep(max(0.0, pressed_at + 2 - time.time()))
    after_two = run.count()
    time.sleep(3)

    assert 10 <= after_two < len(READERS)
    assert run.count() == after_two
    assert max(float(m["received_at"]) for m in run.received()) < pressed_at + 2
    assert run.figures()["ledger"].keys() == {"accepted", "ready"}

    page.get_by_role("button", name="配信を再開する").click()
    run.wait_for(after_two + 10)
    cancel(page)
    run.wait_for_state("cancelled")


def test_a_cancelled_run_keeps_what_was_accepted_and_counts_the_rest(page: Page, shop: Shop):
    run = start(shop, "取り消すたより", *SLOW)
    sign_in(page, shop)
    page.goto(run.page)
    run.wait_for(10)
    cancel(page)
    pressed_at = time.time()

    found = run.wait_for_state("cancelled")
    time.sleep(max(0.0, pressed_at + 5 - time.time()))
    found = run.figures()

    assert max(float(m["received_at"]) for m in run.received()) < pressed_at + 2
    assert found["accepted"] == run.count() < len(READERS)
    assert found["accepted"] + found["cancelled"] == found["planned"] == len(READERS)
    assert found["ledger"] == {"accepted": found["accepted"], "cancelled": found["cancelled"]}
    assert set(run.recipients().values()) == {1}


def test_a_reader_who_leaves_during_the_run_is_passed_over(page: Page, shop: Shop):
    earlier = start(shop, "先週のたより", *SLOW)
    earlier.wait_for(20)
    shop.installation.evaluate(
        "from django.utils import timezone\nfrom campaigns.models import Campaign\n"
        "from mailer.services.control import cancel_mailing\n"
        f"mailing = Campaign.objects.get(pk={earlier.campaign}).mailing_id\n"
        "cancel_mailing(mailing_id=mailing, now=timezone.now())"
    )
    mails = {str(mail["rcpt_to"][0]): mail for mail in earlier.received()}

    run = start(shop, "今週のたより", *SLOW)
    run.wait_for(10)
    leaving = str(
        shop.value(
            "Delivery.objects.filter(mailing_id=Campaign.objects.get("
            f"pk={run.campaign}).mailing_id, state=DeliveryState.READY,"
            f" address__in={sorted(mails)!r}).order_by('-rank', '-id')[0].address"
        )
    )
    url = one_click_url(shop.installation.sandbox.raw(int(mails[leaving]["id"])))

    assert httpx.get(url).status_code == 200  # a mail scanner follows the link
    assert state_of(shop, leaving) == "active"
    assert leaving not in run.recipients()
    answer = httpx.post(url, data=ONE_CLICK)
    assert answer.status_code == 200
    assert state_of(shop, leaving) == "unsubscribed"

    call(shop.installation, "limit_rate", PROVIDER, 50)
    found = run.wait_for_state("sent")
    assert leaving not in run.recipients()
    assert found["ledger"] == {"accepted": len(READERS) - 1, "skipped": 1}
    assert run.recipients() == {address: 1 for address in READERS if address != leaving}
    the_screens_say_so(page, shop, run.campaign, leaving)


def the_screens_say_so(page: Page, shop: Shop, campaign: int, leaving: str) -> None:
    sign_in(page, shop)
    page.goto(f"{shop.base}/readers/?q={leaving}")
    expect(page.get_by_role("row", name=leaving).get_by_text("配信停止")).to_be_visible()
    page.goto(f"{shop.base}/campaigns/{campaign}/people/skipped/")
    expect(page.get_by_text(leaving)).to_be_visible()


def state_of(shop: Shop, address: str) -> object:
    return shop.value(f"o.readers.get(address={address!r}).state")


def cancel(page: Page) -> None:
    page.get_by_role("button", name="残りを取り消す").first.click()
    page.get_by_role("dialog").get_by_role("button", name="残りを取り消す").click()
    page.wait_for_load_state("networkidle")
