"""Compiled catalogs of a test's own, which the application uses in the place of the real ones."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask

from dashboard.config import ROOT
from dashboard.translators import po


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


@dataclass(frozen=True)
class Said:
    """One text of the program, as compiled catalogs hold them: source, or singular and plural."""

    sources: tuple[str, ...]
    context: str | None

    @property
    def key(self) -> bytes:
        context = f"{self.context}\x04" if self.context is not None else ""
        return context.encode() + "\0".join(self.sources).encode()


@cache
def all_said() -> tuple[Said, ...]:
    """Every text of the program."""
    template = po.read((ROOT / "translations" / "messages.pot").read_bytes())
    return tuple(Said(text.sources, text.context) for text in template.texts)


HEADER = "Content-Type: text/plain; charset=utf-8\nPlural-Forms: nplurals=3; plural=(n!=1);\n"


def compiled(translate: Callable[[Said], Sequence[str]], header: str = HEADER) -> bytes:
    """The bytes of a catalog in which every text of the program is translated so, whatever comes of it.

    Args:
        translate: gives the forms of a text.
        header: what the file says of itself.
    """
    entries = {b"": header.encode()} | {
        said.key: "\0".join(translate(said)).encode("utf-8", "surrogatepass") for said in all_said()
    }
    keys = sorted(entries)
    where = 28 + 16 * len(keys)
    tables, data, end = ([], []), [], where
    for table, strings in zip(tables, (keys, [entries[key] for key in keys]), strict=True):
        for string in strings:
            table.append(struct.pack("<II", len(string), end))
            data.append(string)
            end += len(string) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0)
    return b"".join([head, *tables[0], *tables[1], *(string + b"\0" for string in data)])


def forms(said: Said, text: Callable[[str], str]) -> list[str]:
    """As many forms as Russian has, each made of the source that it follows."""
    return [text(said.sources[-1])] * (3 if len(said.sources) > 1 else 1)
