"""How Chromium is started in tests."""

from __future__ import annotations

#: What keeps Chromium from calling home, and lets root start it.
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
