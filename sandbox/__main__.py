"""Start the practice internet and run until SIGINT or SIGTERM."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
import uvloop

from sandbox.control import Control
from sandbox.internet import Internet, PortTaken
from sandbox.options import OptionError, Options, parse

log = logging.getLogger("sandbox")


class _Server(uvicorn.Server):
    """Leaves signals to us: the other parts have to end in order, too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(options: Options) -> None:
    """Serve until a signal comes. Raises PortTaken."""
    internet = Internet(options)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    try:
        listener = _listen(options.http_port)
        await internet.start()
        config = uvicorn.Config(
            Control(internet, options.token), lifespan="off", log_config=None, access_log=False
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        log.info(
            "sandbox_started dns=%d smtp=%d http=%d inbound=%d seed=%d speed=%g",
            options.dns_port,
            options.smtp_port,
            options.http_port,
            options.inbound_port,
            options.seed,
            options.speed,
        )
        await stopped.wait()
        server.should_exit = True
        await serving
    finally:
        await internet.stop()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        sentence = f"TODOKU_SANDBOX_HTTP_PORT={port}: cannot listen there ({error.strerror})"
        raise PortTaken(sentence) from error
    return listener


def main() -> int:
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel("WARNING")
    try:
        options = parse(sys.argv[1:], os.environ)
        uvloop.run(run(options))
    except (OptionError, PortTaken) as error:
        log.error("sandbox_refused %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
