"""Measure the main pages of the demo with Lighthouse, as a slow phone sees them; signed-in pages too. `make lighthouse`

Prints the median of five runs a page; the status is 1 if a page is below the bar. Lighthouse comes from npm into
`.build/`; with arguments only the pages are measured whose names are given.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from dashboard.demo.accounts import DemoAccount
from tests.browser.chromium import ARGUMENTS
from tests.programs import program
from tools.main_pages import PAGES, MainPage, address_of, chromium, demo, signed_in

VERSION = "12.8.2"
FOLDER = Path(".build/lighthouse")

#: What every page must reach, of 100.
BAR = {"performance": 95, "accessibility": 100, "best-practices": 100}

#: What is measured, of `main_pages`.
NAMES = (
    *("sign-in", "programme", "home", "prices", "order-form", "orders", "order-to-pay", "statements", "licenses-sold"),
    *("licenses", "desk", "staff-orders"),
)

Scores = dict[str, float]


def _install() -> Path:
    """The program, installed once in this version."""
    package = FOLDER / "node_modules" / "lighthouse" / "package.json"
    if not package.exists() or json.loads(package.read_text(encoding="utf-8"))["version"] != VERSION:
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [program("npm"), "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--silent"]
        subprocess.run([*command, f"lighthouse@{VERSION}"], check=True)
    return FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"


def _cookies(browser: Browser, site: str, who: DemoAccount | None) -> str:
    """The header of somebody's signed-in browser."""
    state = signed_in(browser, site, who, "en")
    return "; ".join(f"{one.get('name')}={one.get('value')}" for one in state.get("cookies", []))


def _addresses(browser: Browser, site: str, pages: list[MainPage]) -> dict[MainPage, tuple[str, str]]:
    """Address and cookies of each page."""
    found: dict[MainPage, tuple[str, str]] = {}
    for who in dict.fromkeys(page.who for page in pages):
        cookies = _cookies(browser, site, who)
        with browser.new_context(base_url=site, extra_http_headers={"Cookie": cookies} if cookies else {}) as context:
            window = context.new_page()
            found |= {page: (site + address_of(window, page), cookies) for page in pages if page.who is who}
    return found


def _run(lighthouse: Path, url: str, cookies: str) -> tuple[Scores, list[str]]:
    """One measurement: the scores of 100, and what was found wanting."""
    headers, result = FOLDER / "headers.json", FOLDER / "result.json"
    headers.write_text(json.dumps({"Cookie": cookies} if cookies else {}), encoding="utf-8")
    flags = " ".join(["--headless=new", *ARGUMENTS])
    command = [
        program("node"), str(lighthouse), url, "--quiet", "--output=json", f"--output-path={result}",
        f"--only-categories={','.join(BAR)}", f"--extra-headers={headers}", f"--chrome-flags={flags}",
    ]  # fmt: skip
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": program("chromium")}, timeout=180)
    report = json.loads(result.read_text(encoding="utf-8"))
    assert report["finalDisplayedUrl"].partition("?")[0] == url.partition("?")[0], report["finalDisplayedUrl"]
    scores = {name: 100 * category["score"] for name, category in report["categories"].items()}
    wanting = [
        audit["title"]
        for name in ("accessibility", "best-practices")
        for audit in (report["audits"][one["id"]] for one in report["categories"][name]["auditRefs"] if one["weight"])
        if audit["score"] is not None and audit["score"] < 1
    ]
    return scores, wanting


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"names of pages; all of {', '.join(NAMES)} without")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--site", default="", help="address of a running demo; else one is started")
    wanted = parser.parse_args()
    lighthouse = _install()
    pages = [page for page in PAGES if page.name in (wanted.names or NAMES)]
    if wanted.site:
        return _measure(lighthouse, wanted.site.rstrip("/"), pages, wanted.runs)
    with demo() as site:
        return _measure(lighthouse, site.url, pages, wanted.runs)


def _measure(lighthouse: Path, site: str, pages: list[MainPage], runs: int) -> int:
    with chromium() as browser:
        addresses = _addresses(browser, site, pages)
    print(f"{'page':<16}{''.join(f'{name:>17}' for name in BAR)}", flush=True)
    is_below = False
    for page, (url, cookies) in addresses.items():
        results = [_run(lighthouse, url, cookies) for _ in range(runs)]
        scores = {name: round(median(one[name] for one, _ in results)) for name in BAR}
        below = [name for name, bar in BAR.items() if scores[name] < bar]
        print(f"{page.name:<16}{''.join(f'{scores[name]:>17}' for name in BAR)}{'   BELOW' * bool(below)}", flush=True)
        for audit in sorted({one for _, audits in results for one in audits}):
            print(f"    {audit}", flush=True)
        is_below |= bool(below)
    return int(is_below)


if __name__ == "__main__":
    sys.exit(main())
