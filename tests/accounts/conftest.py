"""What the tests of accounts share: people with a password, and the letters that reached an address."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import passwords, service
from dashboard.accounts.models import User
from dashboard.mail.models import Letter

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Received:
    """A letter as its reader sees it."""

    kind: str
    language: str
    text: str

    @property
    def path(self) -> str:
        """The path of its first link into the site."""
        found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", self.text)
        assert found, self.text
        return found.group(1)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm without its cost."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._hash_of_nobody.cache_clear()


@pytest.fixture
def anna(db: scoped_session[Session]) -> User:
    """A confirmed account with `PASSWORD`."""
    user = service.add_user("Anna@Romashka.example", "Anna", PASSWORD)
    db.commit()
    return user


@pytest.fixture
def letters(db: scoped_session[Session], work: Callable[[], int]) -> Callable[[str], list[Received]]:
    """Let the worker work; the letters to an address, oldest first."""

    def sent_to(address: str) -> list[Received]:
        work()
        query = select(Letter).where(Letter.recipient == address).order_by(Letter.id)
        return [Received(letter.kind, letter.language, letter.text) for letter in db.scalars(query)]

    return sent_to
