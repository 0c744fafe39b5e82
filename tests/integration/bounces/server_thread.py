"""The inbound server in a thread of its own, on a free port."""

import asyncio
import contextlib
import threading
from typing import Any

from bounces import inbound_server


@contextlib.contextmanager
def running_server(*, tls=None):
    """Yield the port."""
    ready = threading.Event()
    box: dict[str, Any] = {}

    async def run():
        server, door = await inbound_server.serve(
            host="127.0.0.1", port=0, hostname="in.example", tls=tls
        )
        box.update(port=server.sockets[0].getsockname()[1], loop=asyncio.get_running_loop())
        box["stop"] = asyncio.Event()
        ready.set()
        await box["stop"].wait()
        server.close()
        await asyncio.sleep(0.1)
        await door.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(5)
    yield box["port"]
    box["loop"].call_soon_threadsafe(box["stop"].set)
    thread.join(10)
