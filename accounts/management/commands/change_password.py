"""Set a new password for a person who has forgotten theirs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.management.passwords import read_password
from accounts.models import User
from accounts.services.people import change_password


class Command(BaseCommand):
    help = "Set a new password; the person is signed out everywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password-file", type=Path, help="read the password from this file")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"{options['email']}: nobody signs in with this address")
        password = read_password(options["password_file"])
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        change_password(user=user, password=password, now=timezone.now())
        self.stdout.write(f"{user.email}: the new password holds from now on.")
