"""Look whether every port is free before anything is started."""

import errno
import socket
from collections.abc import Iterable

from config.processes import Port, Process


def taken(processes: Iterable[Process]) -> list[str]:
    """Return a sentence for every port that cannot be used."""
    faults = []
    for process in processes:
        for port in process.ports:
            reason = _reason(port)
            if reason is not None:
                faults.append(
                    f"Port {port.number} for {process.name} ({process.does}) {reason}. "
                    f"Set {port.variable} to another number, or stop what uses it."
                )
    return faults


def _reason(port: Port) -> str | None:
    kind = socket.SOCK_DGRAM if port.is_udp else socket.SOCK_STREAM
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if not port.is_udp:
            # Connections of the last run that linger (TIME_WAIT) do not count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
            if not port.is_udp:
                probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is taken by another program"
            return f"cannot be opened on {port.host} ({error.strerror})"
    return None
