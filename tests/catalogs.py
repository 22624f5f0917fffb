"""Compiled catalogs of a test's own, which the application uses in the place of the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask


@contextmanager
def speaking(app: Flask, folder: Path, compiled: Catalog | bytes, language: str = "ru") -> Iterator[None]:
    """Within the context, the only catalog that the application has is this one.

    Args:
        folder: where it may be written.
        compiled: a catalog, or the bytes of its file.
    """
    root = Path(mkdtemp(dir=folder))  # catalogs are read once
    path = root / language / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    if isinstance(compiled, bytes):
        path.write_bytes(compiled)
    else:
        with path.open("wb") as file:
            write_mo(file, compiled)
    real = app.config["TRANSLATIONS"]
    app.config["TRANSLATIONS"] = root
    try:
        yield
    finally:
        app.config["TRANSLATIONS"] = real
