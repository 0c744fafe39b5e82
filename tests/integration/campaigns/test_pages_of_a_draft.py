"""Writing a campaign in the browser: what is saved, what is refused, what two people see."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.views.preview import FRAME_POLICY
from mailer.models import Mailing
from tests.factories.campaigns import client_of, make_campaign, make_colleague


@pytest.fixture
def client(campaign):
    return client_of(make_colleague(campaign.organisation, language="en"))


def address(campaign, name, *more):
    return reverse(f"campaigns:{name}", args=[campaign.organisation.slug, campaign.pk, *more])


def sender(campaign, **changes):
    defaults = {
        "revision": campaign.revision,
        "from_name": "花子の店",
        "from_local": "hanako",
        "sending_domain": campaign.sending_domain_id,
        "reply_to": "",
        "subject": "冬",
        "preheader": "",
    }
    return {**defaults, **changes}


def test_a_new_campaign_leads_through_its_parts_to_the_review(campaign, client):
    slug = campaign.organisation.slug
    made = client.post(reverse("campaigns:new", args=[slug]), {"name": "12月のたより"})
    draft = Campaign.objects.get(name="12月のたより")
    assert made.headers["Location"] == address(draft, "hub")

    steps = [
        ("recipients", {"list": draft.list_id}, "sender"),
        ("sender", sender(draft), "content"),
        ("content", {"html": "<p>本文</p>", "text": ""}, "when"),
        ("when", {"timing": "now"}, "review"),
    ]
    for name, data, following in steps:
        draft.refresh_from_db()
        saved = client.post(address(draft, name), {**data, "revision": draft.revision})
        assert saved.headers["Location"] == address(draft, following)

    page = client.get(address(draft, "review")).content.decode()
    assert "Everything is ready" in page
    assert "Send 1 mail" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"from_name": "x\r\nBcc: everybody@one.example"},
        {"subject": "x\nBcc: everybody@one.example"},
        {"preheader": "x\x0by"},
        {"from_local": "a b"},
        {"from_local": "a@evil.example"},
        {"from_local": ".a"},
        {"reply_to": "a@b.example\r\nBcc: c@d.example"},
        {"reply_to": "nobody"},
        {"subject": " "},
    ],
)
def test_nothing_that_could_begin_a_header_is_saved(campaign, client, changes):
    page = client.post(address(campaign, "sender"), sender(campaign, **changes))

    assert page.status_code == 422
    campaign.refresh_from_db()
    assert campaign.revision == 1


def test_the_second_of_two_people_sees_both_versions_and_decides(campaign, client):
    client.post(address(campaign, "sender"), sender(campaign, subject="先の件名"))

    late = client.post(address(campaign, "sender"), sender(campaign, subject="後の件名"))

    assert late.status_code == 409
    page = late.content.decode()
    assert "Somebody else has changed this campaign" in page
    assert 'value="後の件名"' in page
    assert "先の件名" in page
    assert Campaign.objects.get().subject == "先の件名"
    assert '<input type="hidden" name="revision" value="2"' in page
    again = client.post(
        address(campaign, "sender"), sender(campaign, subject="後の件名", revision=2)
    )
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("<p>雪あかり</p>".encode("cp932"), "<p>雪あかり</p>"),
        ("\ufeff<p>雪</p>".encode(), "<p>雪</p>"),
    ],
)
def test_an_html_file_replaces_the_html(campaign, client, content, html):
    upload = SimpleUploadedFile("mail.html", content, "text/html")

    client.post(
        address(campaign, "content"),
        {"revision": 1, "html": "<p>古い</p>", "text": "", "html_file": upload},
    )

    campaign.refresh_from_db()
    assert campaign.html == html


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\0\x1a", b"<p>" + b"x" * 1_100_000, b"no tags at all", b"<p>\x81\xff\xff</p>"],
)
def test_a_file_that_is_no_html_changes_nothing(campaign, client, content):
    upload = SimpleUploadedFile("mail.html", content, "text/html")

    page = client.post(
        address(campaign, "content"),
        {"revision": 1, "html": "<p>新しい</p>", "text": "", "html_file": upload},
    )

    assert page.status_code == 422
    assert "新しい" in page.content.decode()
    campaign.refresh_from_db()
    assert (campaign.revision, "新しい" in campaign.html) == (1, False)


def test_the_time_is_read_in_the_zone_of_the_organisation(campaign, client):
    campaign.organisation.time_zone = "America/New_York"
    campaign.organisation.save()

    client.post(
        address(campaign, "when"),
        {"revision": 1, "timing": "at", "date": "2026-12-01", "time": "10:00"},
    )

    campaign.refresh_from_db()
    assert campaign.scheduled_at.isoformat() == "2026-12-01T15:00:00+00:00"


def test_a_time_without_a_date_is_refused(campaign, client):
    page = client.post(address(campaign, "when"), {"revision": 1, "timing": "at", "time": "10:00"})

    assert page.status_code == 422


def test_the_authors_html_is_only_ever_in_the_isolated_frame(client, campaign):
    campaign.html = '<p onclick="x()">&lt;<script>alert("own page")</script></p>'
    campaign.name = campaign.subject = '<img src=x onerror="alert(1)">'
    campaign.save()

    for name in ("hub", "preview", "review", "sender", "content"):
        page = client.get(address(campaign, name)).content.decode()
        assert '<script>alert("own page")' not in page, name
        assert "<img src=x" not in page, name
    frame = client.get(address(campaign, "preview_frame"))
    assert frame.headers["Content-Security-Policy"] == FRAME_POLICY
    assert "sandbox" in FRAME_POLICY.split("; ")
    assert "script-src" not in FRAME_POLICY
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    page = client.get(address(campaign, "preview"))
    assert 'sandbox=""' in page.content.decode()
    assert page.headers["X-Frame-Options"] == "DENY"


def test_the_preview_shows_the_chosen_readers_fields_and_measures_nothing(client, campaign):
    reader = campaign.organisation.readers.get()

    frame = client.get(f"{address(campaign, 'preview_frame')}?reader={reader.pk}").content.decode()
    text = client.get(f"{address(campaign, 'preview')}?view=text").content.decode()
    headers = client.get(f"{address(campaign, 'preview')}?view=headers").content.decode()

    assert "佐藤 花子 さま" in frame
    assert "https://shop.example/winter" in frame
    assert "/c/" not in frame
    assert "佐藤 花子 さま" in text
    assert "DKIM-Signature: v=1; a=rsa-sha256" in headers


def test_a_broken_template_is_explained_where_the_mail_would_be(client, campaign):
    campaign.html = "<p>{{ nmae }}</p>"
    campaign.save()

    page = client.get(address(campaign, "preview")).content.decode()

    assert "HTML, line 1: There is no field “nmae”. Did you mean {{ name }}?" in page
    assert "<iframe" not in page


def test_a_test_is_sent_from_the_preview(client, campaign):
    good = client.post(address(campaign, "test"), {"addresses": "a@one.example, b@one.example"})
    bad = client.post(address(campaign, "test"), {"addresses": "no address"})

    assert (good.status_code, bad.status_code) == (302, 422)
    assert Mailing.objects.get().planned == 2
    assert "is not an e-mail address" in bad.content.decode()


def test_the_list_asks_the_database_the_same_number_of_questions(
    client, campaign, django_assert_max_num_queries
):
    url = reverse("campaigns:list", args=[campaign.organisation.slug])
    for number in range(30):
        make_campaign(campaign.organisation, name=f"配信{number}")

    with django_assert_max_num_queries(12):
        page = client.get(url).content.decode()

    assert "配信29" in page
    assert "配信4<" not in page
    older = client.get(f"{url}?before={Campaign.objects.get(name='配信5').pk}").content.decode()
    assert "配信4" in older
    assert "配信29" not in older
