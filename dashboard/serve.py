"""Web server and worker as two children of one program: for `make run` and small installations.

Each child has a session of its own, so that Ctrl-C in a terminal reaches only this program, which then asks both to
stop, once: a running request and a running job are finished first. `python -m dashboard.serve web` and
`… worker` become one of the two instead: for systemd and its like, which look after each by themselves.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from dashboard.config import ROOT, load_settings

#: Seconds in which a child must have finished after it was asked to stop; longer than the web server's own patience.
PATIENCE = 30

#: Seconds that the web server gives its requests to finish.
REQUEST_PATIENCE = 20

#: Has the web server itself write key=value too, so that one search finds every error. Its levels are in capitals: a
#: formatter of ours would bring the whole program into the process that only watches over the others.
LOG_CONFIG = ROOT / "dashboard" / "web" / "granian-logs.json"

#: Threads that answer requests; not more than connections in the database's pool.
THREADS = 4


def main(arguments: Sequence[str] = ()) -> int:
    """Run both children until a signal comes or one of them ends; the exit status is 0 only after a signal.

    Settings that do not allow a start are told here, once, before anything runs.
    """
    settings = load_settings()
    lines = commands(settings.host, str(settings.port))
    if arguments:
        if len(arguments) > 1 or arguments[0] not in lines:
            print(f"Say one of {', '.join(lines)}, or nothing for both.", file=sys.stderr)
            return 2
        os.execv(sys.executable, lines[arguments[0]])  # noqa: S606 (no shell is what we want)
    if problem := address_problem(settings.host, settings.port):
        print(problem, file=sys.stderr)
        return 1
    return run(list(lines.values()))


def run(lines: list[list[str]]) -> int:
    """Run the command lines side by side, until a signal comes or one of them ends."""
    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)

    children = [subprocess.Popen(line, start_new_session=True) for line in lines]
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


def commands(host: str, port: str) -> dict[str, list[str]]:
    """The command lines of the web server and of the worker."""
    web = ["granian", "--interface", "wsgi", "--no-ws", "--host", host, "--port", port]
    web += ["--blocking-threads", str(THREADS), "--workers-kill-timeout", str(REQUEST_PATIENCE)]
    # One process that dies takes no others along; only those that die at their start end the server.
    web += ["--respawn-failed-workers", "--log-config", str(LOG_CONFIG), "wsgi:app"]
    worker = ["flask", "--app", "wsgi", "worker"]
    return {"web": [sys.executable, "-m", *web], "worker": [sys.executable, "-m", *worker]}


def address_problem(host: str, port: int) -> str | None:
    """Why nothing can listen at this address, in one line; None if it is free."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
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
    sys.exit(main(sys.argv[1:]))
