"""Take pictures of all main pages of the demo, in both languages: light, dark and on a phone. `make screenshots`

They are for looking at: `.build/screenshots/index.html` shows them side by side. With arguments only the pages are
taken whose names are given; with `--site ADDRESS` they are those of a demo that runs already.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tools.main_pages import LANGUAGES, PAGES, Language, MainPage, address_of, chromium, demo, signed_in

FOLDER = Path(".build/screenshots")

#: How a page is looked at; heights grow with the page.
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
}

_SHEET = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Pictures</title>
<style>body{font:14px sans-serif;margin:16px;background:#888}section{display:flex;flex-wrap:wrap;gap:12px}
figure{margin:0;width:320px}figure.phone{width:160px}img{width:100%%;max-height:640px;object-fit:cover;object-position:top}
</style>%s</html>"""


@contextmanager
def _site(address: str) -> Iterator[str]:
    if address:
        yield address
    else:
        with demo() as running:
            yield running.url


def _take(browser: Browser, site: str, language: Language, pages: list[MainPage]) -> None:
    """Pictures of pages in one language."""
    for who in dict.fromkeys(page.who for page in pages):
        state = signed_in(browser, site, who, language)
        addresses: dict[str, str] = {}
        for look, options in LOOKS.items():
            with browser.new_context(
                base_url=site, locale=language, storage_state=state, bypass_csp=True, **options
            ) as context:
                window = context.new_page()
                for page in (page for page in pages if page.who is who):
                    address = addresses.setdefault(page.name, "") or address_of(window, page)
                    addresses[page.name] = address
                    window.goto(address)
                    window.wait_for_load_state("networkidle")
                    window.add_style_tag(content="* { content-visibility: visible !important; }")
                    window.screenshot(path=FOLDER / f"{page.name}-{language}-{look}.png", full_page=True)


def _write_sheet() -> None:
    """One page with all pictures that there are."""
    figures = [
        f'<figure class="{name.stem.rpartition("-")[2]}"><a href="{escape(name.name)}"><img loading="lazy" '
        f'src="{escape(name.name)}" alt="{escape(name.stem)}"></a><figcaption>{escape(name.stem)}</figcaption></figure>'
        for name in sorted(FOLDER.glob("*-*-*.png"))
    ]
    (FOLDER / "index.html").write_text(_SHEET % f"<section>{''.join(figures)}</section>", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="names of pages; all without")
    parser.add_argument("--site", default="", help="address of a running demo; else one is started")
    wanted = parser.parse_args()
    pages = [page for page in PAGES if not wanted.names or page.name in wanted.names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _site(re.sub(r"/$", "", wanted.site)) as site, chromium() as browser:
        for language in LANGUAGES:
            _take(browser, site, language, pages)
    _write_sheet()
    print(f"{len(pages) * len(LANGUAGES) * len(LOOKS)} pictures: {FOLDER / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
