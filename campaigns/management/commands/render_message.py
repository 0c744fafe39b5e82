"""`manage.py render_message CAMPAIGN_ID --reader EMAIL`: the exact octets that this reader gets."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.selectors.audience import field_keys
from campaigns.services.rendering import (
    NotDelivered,
    SenderMissing,
    find_reader,
    render_campaign_message,
)
from campaigns.template_words import problem_sentence
from mailer.engine.content import OutputTooLarge, TemplateProblem
from mailer.services.render import RenderError


class Command(BaseCommand):
    help = (
        "Print the signed RFC 5322 message that one reader gets from a campaign. A campaign that has been"
        " started is printed as it was sent, apart from the date; a draft as it is saved."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", type=int)
        parser.add_argument("--reader", required=True, metavar="EMAIL")

    def handle(self, *_args: Any, **options: Any) -> None:
        campaign = (
            Campaign.objects.select_related("organisation", "list", "sending_domain", "mailing")
            .filter(pk=options["campaign"])
            .first()
        )
        if campaign is None:
            raise CommandError(f"campaign {options['campaign']} does not exist")
        reader = find_reader(organisation=campaign.organisation, address=options["reader"])
        if reader is None:
            raise CommandError(
                f"{options['reader']} is not a reader of {campaign.organisation.slug}"
            )
        try:
            message = render_campaign_message(campaign=campaign, reader=reader, now=timezone.now())
        except TemplateProblem as problem:
            raise CommandError(
                problem_sentence(problem, field_keys(campaign.organisation))
            ) from problem
        except (NotDelivered, SenderMissing, OutputTooLarge, RenderError) as error:
            raise CommandError(str(error)) from error
        # Octets, not text: lines end with CRLF and the signatures cover them.
        self.stdout.flush()
        output = getattr(self.stdout, "buffer", None)
        if output is None:
            self.stdout.write(message.raw.decode("utf-8", "surrogateescape"), ending="")
        else:
            output.write(message.raw)
            output.flush()
