"""What a Celery worker of a test includes: the ports' stand-ins, registered on import."""

from mailer import ports
from tests.integration.mailer.conftest import ClosesWhoIsGone, PlainSource

ports.register_message_source("plain", PlainSource())
ports.register_cleaning_policy(ClosesWhoIsGone())
