"""Pages, styles and scripts leave smaller for browsers that can unpack them; files to be saved are never touched.

The length of a packed page tells of its secrets to whoever has it fetched again and again with words of their own
(BREACH). Cookies do not go along with what another site fetches (`SameSite=Lax`), so that nobody's page is fetched so.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import lru_cache

import brotli
from flask import Flask, Response, request

#: What is read by a browser, not saved.
PACKED = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})

#: Bytes below which it is not worth it: the rest of a network packet is sent empty.
SMALL = 1_000


def pack(response: Response) -> Response:
    """The response in the smallest coding that the browser takes (RFC 9110)."""
    is_saved = "attachment" in response.headers.get("Content-Disposition", "")
    if response.mimetype not in PACKED or response.status_code == 206 or is_saved:
        return response
    response.vary.add("Accept-Encoding")
    is_file = response.direct_passthrough
    if response.is_streamed and not is_file:
        return response
    for coding, compress in (FILE if is_file else PAGE).items():
        if request.accept_encodings[coding]:
            response.direct_passthrough = False
            content = response.get_data()
            if is_file and response.mimetype == "text/css":
                content = without_comments(content)
            if len(content) >= SMALL:
                response.set_data(compress(content))
                response.headers["Content-Encoding"] = coding
            if etag := response.get_etag()[0]:
                response.set_etag(etag, weak=True)
            break
    return response


def without_comments(styles: bytes) -> bytes:
    """Style sheets say much to who reads them, and a tenth of their packed size is that; licenses stay (`/*!`)."""
    return _COMMENT.sub(b"", styles)


@lru_cache(maxsize=32)
def _tightly(content: bytes) -> bytes:
    """Slow, and once: the program's own files are few and asked for again and again."""
    packed: bytes = brotli.compress(content, quality=11)
    return packed


@lru_cache(maxsize=32)
def _once(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


_COMMENT = re.compile(rb"/\*(?!!).*?\*/\n?", re.DOTALL)

Compress = Callable[[bytes], bytes]

#: How the program's own files are packed, and how a page is: the best first.
FILE: dict[str, Compress] = {"br": _tightly, "gzip": _once}
PAGE: dict[str, Compress] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}


def init_app(app: Flask) -> None:
    app.after_request(pack)
