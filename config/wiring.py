"""The one place where ports declared low are given their implementations from above."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from accounts.models import Organisation


class WiringConfig(AppConfig):
    name = "config"
    label = "wiring"

    def ready(self) -> None:
        # Importing registers the checks, and makes our Celery the one that enqueue modules reach.
        from config import celery, checks  # noqa: F401 - registers itself by being imported

        # Importing alone makes it current in this thread only; the web process has others.
        celery.app.set_default()
        _wire_delivery()
        _wire_organisations()
        _wire_readers()
        _wire_home()
        _wire_search()


def _wire_delivery() -> None:
    from bounces.policy import ReaderCleaningPolicy
    from bounces.ports import register_unsubscriber
    from campaigns.source import SOURCE_NAME, CampaignSource
    from mailer import ports
    from tracking.services.unsubscribe import unsubscribe_by_mail

    ports.register_message_source(SOURCE_NAME, CampaignSource())
    ports.register_cleaning_policy(ReaderCleaningPolicy())
    register_unsubscriber(unsubscribe_by_mail)


def _wire_organisations() -> None:
    from accounts.services.organisations import register_birth_hook
    from accounts.setup_steps import register_step
    from campaigns.selectors import setup as campaign_setup
    from lists.selectors import setup as reader_setup
    from mailer.selectors import setup as domain_setup

    register_birth_hook(_give_default_list)
    register_step("domain", domain_setup.domain_step, url_name="mailer:domains")
    register_step("readers", reader_setup.readers_step, url_name="lists:readers")
    register_step("campaign", campaign_setup.campaign_step, url_name="campaigns:list")
    register_step("send", campaign_setup.send_step, url_name="campaigns:list")


def _wire_readers() -> None:
    from campaigns.selectors.names import campaign_names
    from lists.ports import register_mailing_namer, register_timeline_source
    from tracking.timeline import reader_engagement

    register_mailing_namer(campaign_names)
    register_timeline_source(reader_engagement)


def _wire_home() -> None:
    from accounts.home_panels import register_attention, register_panel
    from campaigns.selectors import home as campaign_home
    from lists.selectors import home as reader_home
    from mailer.selectors import setup as domain_setup

    register_attention(domain_setup.domain_attention)
    register_attention(campaign_home.campaign_attention)
    register_attention(reader_home.import_attention)
    register_panel(campaign_home.now_panel, place=10)
    register_panel(campaign_home.recent_panel, place=20)
    register_panel(reader_home.growth_panel, place=30)


def _wire_search() -> None:
    from accounts.search import register_search
    from campaigns.selectors.search import search_campaigns
    from lists.selectors.search import search_readers

    register_search(search_campaigns, place=10)
    register_search(search_readers, place=20)


def _give_default_list(organisation: "Organisation", _now: datetime) -> None:
    from lists.services.default_list import ensure_default_list

    ensure_default_list(organisation)
