"""Receive bounces, complaints and mail to unsubscribe addresses, until stopped."""

import asyncio
import logging
import signal
import ssl
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bounces.inbound_server import serve


class Command(BaseCommand):
    help = "Receive bounces, complaints and mail to unsubscribe addresses over SMTP, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        # aiosmtpd tells every command it hears.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        asyncio.run(self._run())

    async def _run(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            server, door = await serve(
                host=settings.BIND_ADDRESS,
                port=settings.INBOUND_PORT,
                hostname=settings.INBOUND_HOST,
                tls=_tls_context(),
            )
        except OSError as error:
            raise CommandError(
                f"{settings.BIND_ADDRESS}:{settings.INBOUND_PORT}: cannot listen ({error.strerror})"
            ) from error
        self.stdout.write(f"inbound SMTP on {settings.BIND_ADDRESS}:{settings.INBOUND_PORT}")
        await stop.wait()
        server.close()
        await door.close()


def _tls_context() -> ssl.SSLContext | None:
    if not settings.INBOUND_TLS_CERT:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.INBOUND_TLS_CERT, settings.INBOUND_TLS_KEY or None)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(
            f"TODOKU_INBOUND_TLS_CERT={settings.INBOUND_TLS_CERT}: {error}"
        ) from error
    return context
