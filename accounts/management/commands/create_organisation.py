"""Create an organisation with its first owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation, OrganisationKind, User
from accounts.services.organisations import SlugTakenError, create_organisation


class Command(BaseCommand):
    help = "Create a live or practice organisation. Its kind can never be changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name for addresses: a-z, 0-9, hyphens")
        parser.add_argument("--name", help="name on the screens; the short name if left out")
        parser.add_argument("--kind", choices=OrganisationKind.values, required=True)
        parser.add_argument("--owner", required=True, help="e-mail address of an existing person")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(email=options["owner"].lower()).first()
        if owner is None:
            raise CommandError(f"{options['owner']}: nobody signs in with this address")
        slug, name = options["slug"], options["name"] or options["slug"]
        try:
            Organisation(name=name, slug=slug, kind=options["kind"]).clean_fields()
            created = create_organisation(
                name=name, slug=slug, kind=options["kind"], owner=owner, now=timezone.now()
            )
        except ValidationError as error:
            raise CommandError(f"{slug}: {' '.join(error.messages)}") from error
        except SlugTakenError as error:
            raise CommandError(f"{slug}: another organisation has this short name") from error
        self.stdout.write(f"{created.slug}: created ({created.kind}), owner {owner.email}.")
