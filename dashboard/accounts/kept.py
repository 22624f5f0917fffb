"""What was posted when its sender's session had ended, kept for that person until the next sign-in (decision 0013).

The browser's cookie holds the key, the database its hash and what was posted, sealed with that key: neither alone can
be read. Passwords, codes and tokens are never kept, and of files the names alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import delete, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from dashboard.accounts.models import KeptPost, User
from dashboard.accounts.sealing import hash_token, seal, unseal
from dashboard.clock import utcnow
from dashboard.extensions import db
from dashboard.outbox import service as outbox
from dashboard.web.access import GuardedRule, actor
from dashboard.web.error_pages import way_back
from dashboard.web.transactions import transaction

LIFETIME = timedelta(hours=1)

#: So many are kept for one person, and for one browser; the oldest make room.
MOST = 5

#: Characters; no form of ours takes more.
LONGEST = 1_000_000

#: Outbox effect: what has been kept for an hour is deleted.
FORGET = "forget_kept_posts"

#: Where a browser's cookie holds the keys of what it has kept, and where a form says which of them it sends again.
KEPT, FIELD = "kept", "_kept"

#: Where flask-wtf looks for a form's token, in the form and in the session, and what it signs tokens with.
_TOKEN, _SALT = "csrf_token", "wtf-csrf-token"

#: Fields that are not kept: whoever signs in again types a secret again.
SECRET = frozenset({_TOKEN, "password", "present", "_language", FIELD})

#: Blueprint in whose forms a code is one that signs somebody in.
_CODES = "second_factor"


@dataclass(frozen=True)
class Post:
    """A form as it was sent."""

    address: str
    fields: list[tuple[str, str]]
    files: list[str]  #: names of what has to be chosen again
    page: str = ""  #: address of the page that it stood on
    key: str = ""

    @property
    def rule(self) -> Rule | None:
        """The route that it goes to; None if there is none of this address."""
        adapter = current_app.url_map.bind("")
        try:
            return adapter.match(self.address.partition("?")[0], "POST", return_rule=True)[0]
        except HTTPException:
            return None

    @property
    def is_open(self) -> bool:
        """Whether the present person may send it."""
        return isinstance(self.rule, GuardedRule) and actor.may(self.rule.requires)

    @property
    def shows_form(self) -> bool:
        """Whether its address is a page with a form, which can be shown again filled as it was, with nothing done."""
        return bool(self.rule and self.rule.methods and "GET" in self.rule.methods)

    @property
    def words(self) -> str:
        """What a person knows it by: the longest texts that were typed."""
        texts = {value.strip() for _name, value in self.fields if " " in value.strip() or "@" in value}
        return " · ".join(sorted(texts, key=len, reverse=True)[:3])


def name_person(user_id: int) -> None:
    """Forms of this browser's pages carry from now on whom they were made for, in their token."""
    session[_TOKEN] = f"{secrets.token_hex(20)}.{user_id}"
    g.pop(_TOKEN, None)


def posted() -> Post | None:
    """What the present request posts; None if it does not come from a page of ours, is too large, or was sent by a
    mailed link: its address is a secret, and the link still opens its form.
    """
    if request.method != "POST" or "token" in (request.view_args or {}) or not _is_ours():
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if not _is_secret(name)]
    if sum(len(value) for _name, value in fields) > LONGEST:
        return None
    files = [file.filename for file in request.files.values() if file.filename]
    return Post(request.full_path.rstrip("?"), fields, files, way_back())


def made_for() -> int | None:
    """The person for whom the page was made that the present request was sent from; None if for a visitor."""
    _, _, person = (_signed() or "").partition(".")
    return int(person) if person.isdecimal() else None


def _is_ours() -> bool:
    """Whether a form of ours was sent: its token is this browser's, or it is one of ours and the browser says that
    the page is.
    """
    try:
        token = _signed()
    except HTTPException:  # too large to be read
        return False
    if token is None:
        return False
    generate_csrf()  # a browser without a token gets one, which is another
    return secrets.compare_digest(token, session[_TOKEN]) or _comes_from_here()


def _comes_from_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site else request.headers.get("Origin") == request.host_url.rstrip("/")


def _signed() -> str | None:
    """What stands in the token of the posted form, if it is one of ours."""
    serializer = URLSafeTimedSerializer(str(current_app.secret_key), salt=_SALT)
    try:
        return str(serializer.loads(request.form.get(_TOKEN, "")))
    except BadData:
        return None


def _is_secret(name: str) -> bool:
    last = name.rpartition("-")[2]
    return last in SECRET or (last == "code" and request.blueprint == _CODES)


def keep(post: Post, user_id: int) -> None:
    """Keep what was posted for a person who signs in in this browser within the hour; in a transaction of its own."""
    key, now = secrets.token_urlsafe(32), utcnow()
    content = json.dumps([post.address, post.fields, post.files, post.page])
    with transaction(of_actor=False):
        forget()
        if db.session.get(User, user_id) is None:  # of an earlier demo
            return
        theirs = select(KeptPost.id).where(KeptPost.user_id == user_id).order_by(KeptPost.id.desc())
        surplus = db.session.scalars(theirs.offset(MOST - 1)).all()
        db.session.execute(delete(KeptPost).where(KeptPost.id.in_(surplus)))
        db.session.add(
            KeptPost(
                key_hash=hash_token(key), user_id=user_id, sealed=seal(_purpose(key), content),
                expires_at=now + LIFETIME,
            )
        )  # fmt: skip
        outbox.put_later(FORGET, f"{FORGET}:{hash_token(key)}", now + LIFETIME)
    session[KEPT] = [*_keys(), key][-MOST:]


def found() -> list[Post]:
    """What this browser has kept for the present person, the newest first."""
    keys = {hash_token(key): key for key in _keys()}
    if not keys:
        return []
    living = KeptPost.key_hash.in_(keys), KeptPost.user_id == actor.user_id, KeptPost.expires_at > utcnow()
    rows = db.session.scalars(select(KeptPost).where(*living).order_by(KeptPost.id.desc()))
    return list(_opened(rows, keys))


def _opened(rows: Iterable[KeptPost], keys: dict[str, str]) -> Iterator[Post]:
    for row in rows:
        key = keys[row.key_hash]
        if content := unseal(_purpose(key), row.sealed):
            address, fields, files, page = json.loads(content)
            yield Post(address, [(name, value) for name, value in fields], files, page, key)


def leave_to(user_id: int) -> list[str]:
    """Of what this browser has kept, what is the person's who signs in; what is somebody else's is deleted."""
    keys = {hash_token(key): key for key in _keys()}
    if not keys:
        return []
    db.session.execute(delete(KeptPost).where(KeptPost.key_hash.in_(keys), KeptPost.user_id != user_id))
    left = set(db.session.scalars(select(KeptPost.key_hash).where(KeptPost.key_hash.in_(keys))))
    return [key for hashed, key in keys.items() if hashed in left]


def give(keys: list[str]) -> None:
    """Let the browser keep on having these."""
    if keys:
        session[KEPT] = keys


def is_kept() -> bool:
    """Whether this browser has kept something, for whomever."""
    return bool(_keys())


def used(key: str) -> None:
    """What was kept was sent again: it is kept no longer; in a transaction of its own."""
    if key in _keys():
        with transaction():
            theirs = KeptPost.key_hash == hash_token(key), KeptPost.user_id == actor.user_id
            db.session.execute(delete(KeptPost).where(*theirs))


def forget() -> None:
    """Delete what has been kept for an hour."""
    db.session.execute(delete(KeptPost).where(KeptPost.expires_at <= utcnow()))


def _keys() -> list[str]:
    return list(session.get(KEPT, []))


def _purpose(key: str) -> str:
    return f"kept post {key}"
