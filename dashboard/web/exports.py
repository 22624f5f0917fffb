"""Files to save: tables as CSV that no spreadsheet takes for a formula, several documents as one ZIP."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from flask import Response
from werkzeug.http import dump_options_header

#: A cell that begins with one of these is run by some spreadsheet programs.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: object) -> str:
    """The cell as text; what would be run as a formula gets an apostrophe before it. Numbers stay numbers."""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.lstrip(" \u00a0").startswith(_RUNS) else text


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a CSV file to save; with the mark that makes spreadsheets read it as UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    response = Response("\ufeff" + file.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    return response


def zip_file(name: str, files: Mapping[str, bytes]) -> Response:
    """The files, by their names, as one ZIP to save. They are stored as they are: PDF is compressed already."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for inside, content in files.items():
            packed.writestr(zipfile.ZipInfo(inside), content)
    response = Response(file.getvalue(), mimetype="application/zip")
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    return response
