#!/usr/bin/env python3
"""Django's command line, with the embedded servers started on demand."""

import os
import sys

# Commands that never touch the database: they must not start servers. Everything else does.
WITHOUT_SERVERS = {
    "collectstatic",
    "diffsettings",
    "findstatic",
    "help",
    "messages",
    "startapp",
    "version",
}


def needs_servers(arguments: list[str]) -> bool:
    """Say whether the command line may use the database or Redis."""
    command, *options = arguments or ["help"]
    is_offline = command.startswith("-") or command in WITHOUT_SERVERS
    return not (is_offline or "--help" in options)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import EmbeddedServerError, hold_servers

    if needs_servers(sys.argv[1:]):
        try:
            hold_servers()
        except EmbeddedServerError as error:
            sys.exit(str(error))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
