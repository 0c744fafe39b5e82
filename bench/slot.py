"""One sender slot of the benchmark: the production task, again and again, in a process of its own.

    python -m bench.slot NUMBER

Prints `ready` when Django is loaded, begins when a line comes on standard input, ends when it closes.
"""

import sys
import threading

import django


def main(number: int) -> None:
    django.setup()
    from bench.source import register
    from mailer.slots.slice import drain_runtime
    from mailer.tasks import run_slice

    register()
    print("ready", flush=True)
    sys.stdin.readline()
    is_over = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        is_over.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    while not is_over.is_set():
        run_slice.run(slot=number)
    drain_runtime()


if __name__ == "__main__":
    main(int(sys.argv[1]))
