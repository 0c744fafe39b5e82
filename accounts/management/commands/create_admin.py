"""Create a system administrator, or give one a new password; the way back in when nobody is left."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.management.passwords import read_password
from accounts.models import Organisation, OrganisationKind, User
from accounts.services.organisations import create_organisation
from accounts.services.people import create_system_admin


class Command(BaseCommand):
    help = "Create a system administrator (or reset one), optionally as owner of an organisation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--password-file", type=Path, help="read the password from this file")
        parser.add_argument("--organisation", help="short name of the organisation to own")
        parser.add_argument("--organisation-name", help="its name, if it has to be created")
        parser.add_argument(
            "--kind", choices=OrganisationKind.values, default=OrganisationKind.PRACTICE
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
            password = read_password(options["password_file"])
            validate_password(password, User(email=email, name=options["name"]))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user = create_system_admin(
            email=email,
            password=password,
            name=options["name"],
            language=settings.LANGUAGE_CODE,
        )
        self.stdout.write(f"{user.email} is a system administrator.")
        if options["organisation"]:
            self._own(user, options)

    def _own(self, user: User, options: dict[str, Any]) -> None:
        slug = options["organisation"]
        found = Organisation.objects.filter(slug=slug).first()
        if found is not None:
            if not found.members.filter(user=user).exists():
                raise CommandError(
                    f"{slug}: exists already. Being system administrator opens no organisation: "
                    "one of its owners has to add you."
                )
            self.stdout.write(f"{slug}: already a member.")
            return
        created = create_organisation(
            name=options["organisation_name"] or slug,
            slug=slug,
            kind=options["kind"],
            owner=user,
            now=timezone.now(),
        )
        self.stdout.write(f"{created.slug}: created ({created.kind}).")
