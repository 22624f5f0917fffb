"""`make bench`: run the benchmarks, each in a process and on a database of its own, and print their figures.

python -m tests.bench [--db=postgresql] [NAME …]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.benchmarks import BENCHMARKS, work
from tests.postgres import PostgresServer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Run the benchmarks.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which; all, if none is named")
    parser.add_argument("--db", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "FOLDER", "DATABASE"), help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=2, metavar=("FOLDER", "DATABASE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(Path(options.work[0]), options.work[1])
        return 0
    if options.one:
        return _one(*options.one)
    return max(_in_a_process(name, options.db) for name in options.names or BENCHMARKS)


def _one(name: str, folder: str, database: str) -> int:
    """Run one benchmark here; the status is 1 if a figure is above its limit."""
    status = 0
    for figure in BENCHMARKS[name](Path(folder), database):
        print(figure if figure.holds else f"{figure}   TOO MUCH", flush=True)
        status |= not figure.holds
    return status


def _in_a_process(name: str, kind: str) -> int:
    print(f"\n{name}, {kind}: {BENCHMARKS[name].__doc__}")
    server = PostgresServer.start() if kind == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            if server:
                for database in ("bench", "bench10", "bench1000"):
                    server.execute(f"CREATE DATABASE {database}")
            address = server.url("bench") if server else f"sqlite:///{folder}/bench.sqlite"
            return subprocess.call([sys.executable, "-m", "tests.bench", "--one", name, folder, address])
    finally:
        if server:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
