"""A slot as a process of its own, for tests that kill it. Reads its options as JSON from the command line."""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    options = json.loads(sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    settings.SANDBOX_DNS_PORT = options["dns_port"]
    settings.SANDBOX_SMTP_PORT = options["smtp_port"]
    settings.JOURNAL_DIR = Path(options["journal_dir"])
    settings.SPOOL_DIR = Path(options["spool_dir"])
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = options["database"]

    from mailer import ports
    from mailer.slots.runtime import Runtime
    from mailer.slots.slice import runtime_options
    from tests.integration.mailer.conftest import ClosesWhoIsGone, PlainSource

    ports.register_message_source("plain", PlainSource())
    ports.register_cleaning_policy(ClosesWhoIsGone())
    if options.get("no_outcomes"):
        # Replies are received and written to the journal, and never reach the database.
        from mailer.slots.recorder import Recorder

        async def never(self) -> None:
            import asyncio

            await asyncio.sleep(3600)

        Recorder.flush = never  # type: ignore[method-assign]  # the test needs exactly this hole
    runtime = Runtime(runtime_options())
    runtime.start()
    print("started", runtime.slot_id, flush=True)  # noqa: T201 the test waits for this line
    while True:
        runtime.work(5)


if __name__ == "__main__":
    main()
