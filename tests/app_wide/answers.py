"""What every answer must be, whoever asked: these functions find what is wrong with visits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from flask import Flask

from dashboard.web.access import Permission
from tests.app_wide.trees import elements, parsed, strings
from tests.app_wide.walker import NOWHERE, TOKEN, Visit, local, rule_of
from tests.app_wide.world import MEMBERS, Kind, Role

SIGNED_IN = frozenset(Role) - {Role.VISITOR}
CONFIRMED = SIGNED_IN - {Role.UNCONFIRMED}
STAFF = frozenset({Role.STAFF})
_READERS = frozenset(MEMBERS)
_BUYERS = _READERS - {Role.ACCOUNTANT, Role.VIEWER}

#: Who may do what, said once more and independently of the product. A new permission is added here too.
ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.PUBLIC: frozenset(Role),
    Permission.SIGNED_IN: SIGNED_IN,
    Permission.HAVE_SECOND_FACTOR: CONFIRMED,
    Permission.CONFIRMED: CONFIRMED,
    Permission.VIEW_OWN_LICENSES: CONFIRMED,
    Permission.VIEW_OWN_COMPANY: _READERS,
    Permission.EDIT_OWN_COMPANY: _BUYERS - {Role.BUYER, Role.BOTH},
    Permission.MANAGE_TEAM: _BUYERS - {Role.BUYER, Role.BOTH},
    Permission.UPLOAD_CERTIFICATES: _READERS - {Role.VIEWER},
    Permission.ACCEPT_POLICY: _BUYERS,
    Permission.VIEW_PARTNER_PRICES: _READERS,
    Permission.VIEW_OWN_ORDERS: _READERS,
    Permission.PLACE_ORDERS: _BUYERS,
    Permission.VIEW_OWN_ENQUIRIES: _READERS,
    Permission.WRITE_ENQUIRIES: _READERS - {Role.VIEWER},
    Permission.REVIEW_RESELLERS: STAFF,
    Permission.VIEW_ALL_ORDERS: STAFF,
    Permission.CONFIRM_PAYMENTS: STAFF,
    Permission.CANCEL_ANY_ORDER: STAFF,
    Permission.RELEASE_LICENSES: STAFF,
    Permission.VIEW_MAIL: STAFF,
    Permission.EDIT_TEXTS: STAFF,
    Permission.ANSWER_ENQUIRIES: STAFF,
    Permission.VIEW_AS_OTHERS: STAFF,
    Permission.EDIT_CATALOG: STAFF,
    Permission.VIEW_REPORTS: STAFF,
    Permission.VIEW_SETTINGS: STAFF,
    Permission.TRANSLATE: STAFF,
}


def crashes(visits: Iterable[Visit]) -> Iterator[str]:
    """Nothing is a fault of ours, whatever is asked for."""
    yield from (str(visit) for visit in visits if visit.status >= 500)


def wrongly_let_in(visits: Iterable[Visit]) -> Iterator[str]:
    """Who may not learns nothing: visitors are to sign in, the unconfirmed to confirm, others get what is not there."""
    for visit in visits:
        requires = visit.rule.requires
        assert requires is not None
        if visit.role not in ALLOWED[requires] and not _is_turned_away(visit):
            yield f"{visit}, though {visit.role} may not {requires.name}"


def _is_turned_away(visit: Visit) -> bool:
    if visit.role is Role.VISITOR:
        if visit.partial:
            return visit.status == 401 and b'href="/sign-in' in visit.body
        return urlsplit(_leads_to(visit)).path == "/sign-in" and visit.status == 303
    if visit.role is Role.UNCONFIRMED:
        return _leads_to(visit) == "/confirm" and visit.status == 303
    return visit.status == 404


def _leads_to(visit: Visit) -> str:
    return visit.headers.get("Location", "")


#: Pages that some may ask for and have nothing on.
NOT_FOR: Mapping[str, frozenset[Role]] = {
    "/": frozenset({Role.UNCONFIRMED}),  # confirms first
    "/check-mail": frozenset(Role),  # after a form that had a letter sent
    "/sign-in/code": frozenset(Role),  # after a password
    "/application": CONFIRMED - {Role.APPLICANT},
    "/_components": frozenset(Role),  # in the demo only
    "/logo.png": frozenset(Role),  # of a vendor that has one
    "/sign-in/provider": frozenset(Role),  # of a vendor that has one
    "/sign-in/provider/back": frozenset(Role),
    "/company/logo/picture": frozenset({Role.NEWCOMER, Role.SUSPENDED}),  # who have none
}


def wrongly_refused(visits: Iterable[Visit]) -> Iterator[str]:
    """Who may, finds what is theirs."""
    for visit in visits:
        requires = visit.rule.requires
        assert requires is not None
        theirs = visit.role in ALLOWED[requires] - NOT_FOR.get(visit.rule.rule, frozenset())
        asked = visit.method == "GET" and set(visit.kinds) <= {Kind.OWN}
        if theirs and asked and (visit.status in {404, 410} or _is_turned_away(visit)):
            yield f"{visit}, though {visit.role} may {requires.name}"


def told_apart(visits: Iterable[Visit]) -> Iterator[str]:
    """A foreign object is answered exactly as one that is not there (R26): status, body and where it leads."""
    groups: dict[object, dict[tuple[Kind, ...], Visit]] = defaultdict(dict)
    for visit in visits:
        key = (visit.role, visit.language, visit.rule.rule, visit.method, visit.partial, visit.sends_token)
        groups[key][visit.kinds] = visit
    for answers in groups.values():
        for kinds, visit in answers.items():
            if Kind.FOREIGN in kinds:
                missing = answers[tuple(Kind.MISSING if kind is Kind.FOREIGN else kind for kind in kinds)]
                if visit.told != missing.told:
                    yield f"{visit}, but → {missing.status} for {missing.path}{_difference(visit, missing)}"


def _difference(one: Visit, other: Visit) -> str:
    """The first line that tells them apart."""
    lines = zip(one.told[2].split("\n"), other.told[2].split("\n"), strict=False)
    return next((f": {mine.strip()[:200]}" for mine, theirs in lines if mine != theirs), "")


def wrongly_found(visits: Iterable[Visit]) -> Iterator[str]:
    """What is foreign or not there answers 404, and a dead link 410."""
    for visit in visits:
        requires = visit.rule.requires
        if requires and visit.role in ALLOWED[requires] and set(visit.kinds) - {Kind.OWN}:
            refused = {404, 410} if visit.method == "GET" or visit.sends_token else {400}
            first = _may_nothing_yet(visit) or (visit.role is Role.UNCONFIRMED and _is_turned_away(visit))
            if visit.status not in refused and not first:
                yield str(visit)


def _may_nothing_yet(visit: Visit) -> bool:
    """Prices and ordering are closed to a reseller that is not active: every draft alike (R5)."""
    return visit.role in {Role.NEWCOMER, Role.SUSPENDED} and visit.status == 403 and "/order/" in visit.path


def unguarded(visits: Iterable[Visit]) -> Iterator[str]:
    """What changes something is refused without the token of a form of ours."""
    for visit in visits:
        requires = visit.rule.requires
        blind = visit.method != "GET" and not visit.sends_token
        if blind and requires and visit.role in ALLOWED[requires] and visit.status != 400:
            yield f"{visit} without a token"


#: What each answer says to the browser, whatever it is.
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


#: The same for everybody; and the answer that ends a session.
LASTING = {"static", "accounts.sign_out"}


def unprotected(visits: Iterable[Visit]) -> Iterator[str]:
    for visit in visits:
        if visit.crash:
            continue
        policy = visit.headers.get("Content-Security-Policy", "")
        rules = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
        if rules.get("default-src") != ["'none'"] or rules.get("frame-ancestors") != ["'none'"] or "unsafe" in policy:
            yield f"{visit}: Content-Security-Policy {policy!r}"
        for name, value in PROTECTION.items():
            if visit.headers.get(name) != value:
                yield f"{visit}: {name} {visit.headers.get(name)!r}"
        kept = visit.headers.get("Cache-Control", "")
        if visit.role is not Role.VISITOR and visit.rule.endpoint not in LASTING and kept != "no-store":
            yield f"{visit}: Cache-Control {kept!r}"
        if visit.headers.get("Set-Cookie", "").startswith("session=") and "HttpOnly" not in visit.headers["Set-Cookie"]:
            yield f"{visit}: a session cookie that scripts can read"


def growing(few: Iterable[Visit], many: Iterable[Visit]) -> Iterator[str]:
    """Pages that take more statements when there are more rows."""
    before = {(visit.role, visit.path): visit for visit in few if visit.method == "GET" and not visit.partial}
    for visit in many:
        earlier = before.get((visit.role, visit.path))
        if earlier and earlier.status == visit.status == 200 and visit.statements > earlier.statements:
            yield f"{visit}: {earlier.statements} statements, {visit.statements} with more rows"


#: Pages that tell of many things at once, not one list; a rehearsal reckons the statements of a page of resellers.
MANIFOLD = {
    "/account", "/account/export", "/company", "/company/team", "/order", "/profile", "/quotes/new",
    "/staff/statements/rehearsal",
}  # fmt: skip


def costly(visits: Iterable[Visit], most: int = 2) -> Iterator[str]:
    """Lists, and what else a person signs in for that is not about one object, with more than `most` statements."""
    for visit in visits:
        listing = visit.rule.requires is not Permission.PUBLIC and "<" not in visit.rule.rule
        if listing and visit.status == 200 and visit.rule.rule not in MANIFOLD and visit.statements > most:
            yield f"{visit}: {visit.statements} statements"


def dead_ends(
    visits: Iterable[Visit], role: Role, app: Flask, *, also: frozenset[Permission] = frozenset()
) -> Iterator[str]:
    """Links that lead nowhere, to a refusal, or to a place that the page does not have; forms that nothing takes.

    Args:
        also: what this person may besides what the role may.
    """
    crawled = list(visits)
    yield from (f"{one} by a link of {one.source}" for one in crawled if one.source and _is_dead(one))
    trees = {one.path: parsed(one.html) for one in crawled if one.is_page}
    ids = {path: set(strings(tree, "//@id")) for path, tree in trees.items()}
    for path, tree in trees.items():
        for link in strings(tree, "//a/@href"):
            target, name = local(path, link), urlsplit(link).fragment
            if name and target in ids and name not in ids[target]:
                yield f"{path}: a link leads to {link}, and the page has no such place"
        for form in elements(tree, "//form[translate(@method, 'POST', 'post')='post']"):
            actions = [form.get("action") or path, *strings(form, ".//@formaction")]
            for action in [*actions, *strings(form, ".//@data-hx-post | self::*/@data-hx-post")]:
                rule = rule_of(app, "POST", local(path, action))
                if (
                    rule is None
                    or rule.requires is None
                    or (role not in ALLOWED[rule.requires] and rule.requires not in also)
                ):
                    yield f"{role}: a form of {path} posts to {action}"


def _is_dead(visit: Visit) -> bool:
    return visit.status >= 400 or visit.rule is NOWHERE


def leaks(visits: Iterable[Visit], secrets: re.Pattern[str]) -> Iterator[str]:
    """Answers with something in them that the person must not learn: in any byte of body or header."""
    for visit in visits:
        told = f"{visit.body.decode('utf-8', 'replace')}\n{visit.headers}".replace(visit.path, "…")
        if found := secrets.search(TOKEN.sub(r"\1", told)):
            yield f"{visit}: {found.group()!r}"
