"""The whole product running, as `make run` starts it: web server and worker, with a mail server of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from dashboard.config import ROOT
from tests.smtp import MailServer, free_port, running_mail_server

#: Seconds until the product must answer, and until it must have ended.
PATIENCE = 40

#: Settings of the surroundings that must not reach the tests.
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT"}


@dataclass(frozen=True)
class Site:
    """A running product with a folder of its own."""

    url: str
    smtp: MailServer
    environment: dict[str, str]
    log: Path

    @property
    def data_dir(self) -> Path:
        return Path(self.environment["DATA_DIR"])

    def flask(self, *arguments: str) -> str:
        """Run one of the product's commands on this site's data; what it printed."""
        return flask(self.environment, *arguments)


def flask(environment: dict[str, str], *arguments: str) -> str:
    """Run one of the product's commands.

    Raises:
        AssertionError: if it fails.
    """
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"flask {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def environment_of(data_dir: Path, **settings: str) -> dict[str, str]:
    """Environment of a product that keeps its data in `data_dir`."""
    inherited = {name: value for name, value in os.environ.items() if name in KEPT}
    return {**inherited, "DATA_DIR": str(data_dir), "DEMO": "1", **settings}


#: Does what the demo has left to the worker, so that a test's mail server gets only the test's own letters.
WORK_OFF = """
from dashboard import create_app
from dashboard.outbox.worker import work_off
with create_app().app_context():
    work_off()
"""


def prepare(data_dir: Path) -> str:
    """Bring the demo's data into a new folder; what was printed, addresses and passwords among it."""
    environment = environment_of(data_dir)
    printed = flask(environment, "db", "upgrade") + flask(environment, "demo", "load")
    subprocess.run([sys.executable, "-c", WORK_OFF], cwd=ROOT, env=environment, check=True, capture_output=True)
    return printed


@contextmanager
def running_site(prepared: Path, folder: Path, **settings: str) -> Iterator[Site]:
    """The product on a copy of prepared data, until it is left; then it must end by itself and without a fault."""
    shutil.copytree(prepared, folder / "data")
    port = str(free_port())
    with running_mail_server() as smtp:
        addresses = {"HOST": "127.0.0.1", "PORT": port, "SMTP_URL": smtp.url}
        environment = environment_of(folder / "data", **addresses, **settings)
        site = Site(f"http://127.0.0.1:{port}", smtp, environment, folder / "log")
        with site.log.open("wb") as log:
            command = [sys.executable, "-m", "dashboard.serve"]
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(site, server)
            yield site
        finally:
            server.terminate()
            status = server.wait(timeout=PATIENCE)
        output = site.log.read_text(encoding="utf-8", errors="replace")
        assert status == 0, output
        assert "Traceback" not in output, output


def _wait_for(site: Site, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(site.url, timeout=PATIENCE):
                return
        except HTTPError as error:
            raise AssertionError(f"the start page answers {error.code}:\n{site.log.read_text()}") from error
        except URLError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the product did not start:\n{site.log.read_text()}") from error
            time.sleep(0.1)
