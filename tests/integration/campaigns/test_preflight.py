"""What the checks find, and how they say it."""

from datetime import timedelta

import pytest
from django.utils import translation

from campaigns.check_words import check_sentence, check_title
from campaigns.models import Timing
from campaigns.preflight import preflight
from mailer.models import DomainState
from tests.factories.campaigns import (
    HTML,
    NOW,
    make_sender_organisation,
    make_subscriber,
)

pytestmark = pytest.mark.django_db


def blocking(campaign):
    return [check.code for check in preflight(campaign, now=NOW).of("block")]


def warnings(campaign):
    return [check.code for check in preflight(campaign, now=NOW).of("warn")]


def test_a_complete_campaign_may_go(campaign):
    result = preflight(campaign, now=NOW)

    assert result.may_go
    assert (result.recipients, result.of("block")) == (1, [])
    assert [check.code for check in result.of("warn")] == ["not-tested"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"list": None}, "no-list"),
        ({"sending_domain": None}, "no-sender"),
        ({"from_local": ""}, "no-sender"),
        ({"subject": "  "}, "no-subject"),
        ({"html": "", "text": " "}, "no-body"),
        ({"html": "<p>{{ nmae }}</p>"}, "template-problem"),
        ({"html": "<p>{% for a in b %}{% endfor %}</p>"}, "template-problem"),
        ({"subject": "{{ name.x }}"}, "template-problem"),
        (
            {"html": "{% if name %}配信停止 {{ unsubscribe_url }}{% endif %}"},
            "unsubscribe-conditional",
        ),
        ({"html": '<a href="javascript:alert(1)">x</a>'}, "bad-link"),
        ({"timing": ""}, "no-time"),
        ({"timing": Timing.AT, "scheduled_at": NOW - timedelta(hours=1)}, "past"),
    ],
)
def test_what_must_be_corrected_blocks(campaign, changes, code):
    for name, value in changes.items():
        setattr(campaign, name, value)

    assert blocking(campaign) == [code]


def test_the_sender_of_another_organisation_blocks(campaign):
    campaign.sending_domain = make_sender_organisation().sending_domains.get()

    assert blocking(campaign) == ["foreign-domain"]


def test_a_domain_whose_records_are_gone_blocks(campaign):
    campaign.sending_domain.state = DomainState.FAILING

    assert blocking(campaign) == ["domain-not-verified"]


def test_a_missing_sender_profile_names_the_law(campaign):
    campaign.organisation.sender_profile.delete()
    campaign.organisation.refresh_from_db()

    check = preflight(campaign, now=NOW).of("block")[0]

    assert (check.code, check.fix) == ("no-profile", "profile")
    assert "特定電子メール法" in check_sentence(check)


def test_empty_fields_are_counted_and_named(campaign):
    make_subscriber(campaign.organisation, name="")
    make_subscriber(campaign.organisation, name="　")
    campaign.html = "<p>{{ name }} さま</p>"

    check = preflight(campaign, now=NOW).of("block")[0]

    assert (check.code, check.params) == ("empty-field", {"field": "name", "number": 2})
    with translation.override("en"):
        assert 'name|default("…")' in check_sentence(check)


def test_a_field_with_a_fallback_may_be_empty(campaign):
    make_subscriber(campaign.organisation, name="")

    assert blocking(campaign) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"from_name": ""}, "no-sender-name"),
        ({"subject": "長" * 31}, "long-subject"),
        ({"html": HTML.replace("冬ブレンド", "○○")}, "placeholder"),
        ({"html": HTML.replace("冬ブレンド", "Lorem ipsum")}, "placeholder"),
        ({"html": '<img src="https://a.example/a.png" alt="">'}, "only-images"),
        ({"html": HTML + '<img src="https://a.example/a.png">'}, "no-alt"),
        ({"html": HTML.replace("</body>", "<!--" + "x" * 95_000 + "--></body>")}, "large"),
        ({"html": HTML.replace("https://", "http://")}, "http-link"),
        ({"html": HTML.replace("https://shop", "shop")}, "bad-link"),
        ({"timing": Timing.AT, "scheduled_at": NOW + timedelta(hours=11)}, "night"),
    ],
)
def test_what_may_stay_is_warned_about(campaign, changes, code):
    for name, value in changes.items():
        setattr(campaign, name, value)

    assert warnings(campaign) == [code, "not-tested"]
    assert blocking(campaign) == []


def test_a_change_after_the_test_is_noticed(campaign):
    campaign.tested_at, campaign.tested_revision, campaign.content_revision = NOW, 1, 2
    assert warnings(campaign) == ["changed-since-test"]

    campaign.tested_revision = 2
    assert warnings(campaign) == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_finding_has_words(campaign, language):
    campaign.organisation.sender_profile.delete()
    campaign.organisation.refresh_from_db()
    campaign.html = "<p>[ ] {{ nmae }}</p>"
    with translation.override(language):
        for check in preflight(campaign, now=NOW).checks:
            assert check_title(check)
            assert "%(" not in check_sentence(check)


def test_an_unknown_field_is_answered_with_the_nearest_one(campaign):
    campaign.html = "<p>\n{{ nmae }}</p>"

    with translation.override("en"):
        sentence = check_sentence(preflight(campaign, now=NOW).of("block")[0])

    assert sentence == "HTML, line 2: There is no field “nmae”. Did you mean {{ name }}?"
