"""Server and worker as two children: both are asked to stop once, both are waited for, neither outlives the other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from dashboard import serve
from dashboard.config import ROOT
from tests.smtp import free_port

#: A child that says when it is up, and needs a moment to finish after it is asked to stop.
CHILD = """
import signal, sys, time, pathlib
path = pathlib.Path(sys.argv[1])
def stop(*_):
    path.write_text(path.read_text() + " asked")
    time.sleep(0.3)
    path.write_text(path.read_text() + " done")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
path.write_text("up")
while sys.argv[2] == "stays" or not path.with_name("second").exists():
    time.sleep(0.05)
sys.exit(7)
"""

MAIN = """
import sys
from dashboard import serve
serve.commands = lambda host, port: {
    "web": [sys.executable, "-c", sys.argv[1], sys.argv[2], sys.argv[3]],
    "worker": [sys.executable, "-c", sys.argv[1], sys.argv[4], "stays"],
}
sys.exit(serve.main())
"""


def start(folder: Path, first: str = "stays") -> subprocess.Popen[str]:
    arguments = [CHILD, str(folder / "first"), first, str(folder / "second")]
    addresses = {"HOST": "127.0.0.1", "PORT": str(free_port())}
    environment = {**addresses, "DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments], env=environment, stderr=subprocess.PIPE, text=True
    )


def wait_until_up(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while not all((folder / name).exists() for name in ("first", "second")):
        assert time.monotonic() < deadline, "the children did not start"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_both_finish(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path) as program:
        wait_until_up(tmp_path)
        program.send_signal(number)
        time.sleep(0.1)
        program.send_signal(number)  # an impatient second Ctrl-C ends nothing early
        assert program.wait(timeout=60) == 0
    for name in ("first", "second"):
        assert (tmp_path / name).read_text() == "up asked done"


def test_when_one_ends_the_other_is_stopped(tmp_path: Path) -> None:
    with start(tmp_path, first="ends") as program:
        assert program.wait(timeout=60) == 7
        assert program.stderr is not None
        assert "ended" in program.stderr.read()
    assert (tmp_path / "second").read_text() == "up asked done"


def test_a_port_in_use_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        problem = serve.address_problem("127.0.0.1", port)
    assert problem == (
        f"Cannot listen at 127.0.0.1:{port}: Address already in use. Choose another address with HOST and PORT."
    )
    assert serve.address_problem("127.0.0.1", port) is None


def test_a_web_process_that_dies_is_replaced_and_told_as_an_error_that_is_searched_for(tmp_path: Path) -> None:
    """`docs/operations.md` searches for level=error; the address that it asks goes on answering."""
    port = free_port()
    environment = {"DATA_DIR": str(tmp_path), "PORT": str(port), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    line = serve.commands("127.0.0.1", str(port))["web"]
    with subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:
        wait_until_alive(port)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        for child in children:
            if b"granian" in Path(f"/proc/{child}/cmdline").read_bytes() and b"wsgi:app" in (
                Path(f"/proc/{child}/cmdline").read_bytes()
            ):
                os.kill(int(child), signal.SIGKILL)
        time.sleep(1)
        wait_until_alive(port)
        server.terminate()
        assert server.wait(timeout=30) == 0
        assert server.stderr is not None
        written = server.stderr.read()
    assert "level=ERROR" in written
    assert "Unexpected exit" in written
    assert all(line.startswith("time=") for line in written.splitlines())


def wait_until_alive(port: int) -> None:
    deadline = time.monotonic() + 40
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.1)


def test_one_of_the_two_can_be_started_alone(tmp_path: Path) -> None:
    say = """
import sys
from dashboard import serve
serve.commands = lambda host, port: {name: [sys.executable, "-c", f"print('{name}')"] for name in ("web", "worker")}
sys.exit(serve.main(sys.argv[1:]))
"""
    for arguments, status, printed in [
        (["worker"], 0, "worker\n"),
        (["neither"], 2, "Say one of web, worker, or nothing for both.\n"),
        (["web", "worker"], 2, "Say one of web, worker, or nothing for both.\n"),
    ]:
        done = subprocess.run(
            [sys.executable, "-c", say, *arguments],
            env={"DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout + done.stderr) == (status, printed)
