"""What settings and the vendor's facts are checked by; whatever cannot be used ends the start with one line."""

from __future__ import annotations

import re
import tomllib
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit


class SettingsError(SystemExit):
    """The settings do not allow a start: however the program was started, it ends with this one line and status 1."""


def read_toml(path: Path, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{where} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{where} is not TOML: {' '.join(str(error).split())}") from error


def checked_address(name: str, address: str, schemes: set[str]) -> SplitResult:
    """The parts of an address; the message of a refusal leaves the address out: it may hold a password."""
    try:
        url = urlsplit(address)
        sound = url.scheme in schemes and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or re.search(r"\s", address):
        begin = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        raise SettingsError(f"{name} must be an address that begins with {begin}")
    return url


def checked_email(name: str, address: str) -> str:
    try:
        sound = not address or bool(Address(addr_spec=address).domain)
    except (ValueError, IndexError):
        sound = False
    if not sound:
        raise SettingsError(f"{name} must be an e-mail address, not {address!r}")
    return address
