"""Web server and worker as two children of one program: for `make run` and small installations.

Each child has a session of its own, so that Ctrl-C in a terminal reaches only this program, which then asks both to
stop, once: a running request and a running job are finished first.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

#: Seconds in which a child must have finished after it was asked to stop; longer than the web server's own patience.
PATIENCE = 30

#: Seconds that the web server gives its requests to finish.
REQUEST_PATIENCE = 20

#: Threads that answer requests; not more than connections in the database's pool.
THREADS = 4


def main() -> int:
    """Run both children until a signal comes or one of them ends; the exit status is 0 only after a signal."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    if problem := address_problem(host, port):
        print(problem, file=sys.stderr)
        return 1

    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)

    children = [subprocess.Popen(command, start_new_session=True) for command in commands(host, port)]
    try:
        while not signals and all(child.poll() is None for child in children):
            time.sleep(0.1)
    finally:
        ended = [child.returncode for child in children if child.poll() is not None]
        stop(children)
    if signals:
        return 0
    print("The web server or the worker ended; both are stopped.", file=sys.stderr)
    return next((status for status in ended if status > 0), 1)


def commands(host: str, port: str) -> list[list[str]]:
    """The command lines of the web server and of the worker."""
    web = ["granian", "--interface", "wsgi", "--no-ws", "--host", host, "--port", port]
    web += ["--blocking-threads", str(THREADS), "--workers-kill-timeout", str(REQUEST_PATIENCE), "wsgi:app"]
    worker = ["flask", "--app", "wsgi", "worker"]
    return [[sys.executable, "-m", *web], [sys.executable, "-m", *worker]]


def address_problem(host: str, port: str) -> str | None:
    """Why nothing can listen at this address, in one line; None if it is free."""
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return f"PORT must be a number from 1 to 65535, not {port!r}."
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return f"Cannot listen at {host}:{port}: {error.strerror}. Choose another address with HOST and PORT."
    return None


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask every child that still runs to stop, wait for it, and end it if it does not."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


if __name__ == "__main__":
    sys.exit(main())
