"""Two workers look at the same moment, on connections of their own."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts.models import AuditEntry
from campaigns.services.start import start_due_campaigns
from mailer.models import Delivery, Mailing
from tests.factories.campaigns import NOW, make_campaign, make_subscriber


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_mailing():
    campaign = make_campaign(state="scheduled", scheduled_at=NOW)
    for number in range(50):
        make_subscriber(campaign.organisation, f"reader{number}@one.example")
    together, failures = Barrier(2), []

    def work():
        try:
            together.wait()
            start_due_campaigns(now=NOW)
        except Exception as error:  # noqa: BLE001  # a thread's error must reach the test
            failures.append(error)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert failures == []
    start_due_campaigns(now=NOW)
    campaign.refresh_from_db()
    mailing = Mailing.objects.get()
    assert campaign.mailing == mailing
    assert (campaign.state, mailing.planned) == ("sending", 50)
    assert Delivery.objects.count() == 50
    assert AuditEntry.objects.filter(verb="campaign.started").count() == 1
