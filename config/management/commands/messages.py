"""`manage.py messages`: keep the words of the screens complete, without GNU gettext."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.messages import catalogues, check
from config.messages.extract import extract


class Command(BaseCommand):
    help = "Extract, check and compile the message catalogues in locale/."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--compile", action="store_true", help="write .mo files")
        action.add_argument(
            "--update", action="store_true", help="bring .po files up to the source"
        )
        action.add_argument("--check", action="store_true", help="fail if a translation is missing")
        parser.add_argument(
            "--merge", nargs="*", default=[], metavar="FILE",
            help="with --update: take Japanese translations from these .po files",
        )  # fmt: skip

    def handle(self, *_args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        if options["compile"]:
            self._compile(root)
        elif options["update"]:
            self._update(root, [Path(name) for name in options["merge"]])
        else:
            self._check(root)

    def _compile(self, root: Path) -> None:
        for language in catalogues.languages(root):
            path = catalogues.path_of(root, language)
            if path.exists() and catalogues.compile_catalogue(path, language):
                self.stdout.write(f"compiled {path.relative_to(root)}")

    def _update(self, root: Path, additions: list[Path]) -> None:
        template = extract(root)
        for language in catalogues.languages(root):
            path = catalogues.path_of(root, language)
            sources = [catalogues.read(path, language)]
            if language == catalogues.SOURCE_LANGUAGE:
                catalogues.write(path, sources[0])
                continue
            sources += [catalogues.read(addition, language) for addition in additions]
            catalogue = catalogues.merge(template, *sources)
            catalogues.write(path, catalogue)
            self.stdout.write(f"{path.relative_to(root)}: {len(catalogue)} messages")

    def _check(self, root: Path) -> None:
        template = extract(root)
        same = check.read_same_as_source(root)
        found = [
            f"{language}: {fault}"
            for language in catalogues.languages(root)
            if language != catalogues.SOURCE_LANGUAGE
            for fault in check.faults(
                template, catalogues.read(catalogues.path_of(root, language), language), same
            )
        ]
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"{len(template)} messages, all translated")
