"""Whether a text may be published as it is written."""

from __future__ import annotations

import re

from dashboard.errors import N_, InvalidInput
from dashboard.prose import markup
from dashboard.prose.rules import HOLES, LONGEST, PLACES, Kind, sum_of_money


def check(kind: Kind, text: str) -> None:
    """See that a text is sound.

    Raises:
        InvalidInput: if not; the message says what to write instead.
    """
    if not text.strip():
        raise InvalidInput(N_("The text is empty; it must have words in both languages."))
    if len(text) > LONGEST:
        raise InvalidInput(N_("Write at most %(max)s characters."), max=LONGEST)
    if markup.is_open(text):
        raise InvalidInput(N_("A block of code is opened with ``` and not closed."))
    known = sorted(f"%({name})s" for name in HOLES[kind])
    for hole in sorted(markup.holes(text).difference(known)):
        raise InvalidInput(N_("Nothing fills %(hole)s here. Known are: %(known)s"), hole=hole, known=", ".join(known))
    for target in sorted(markup.targets(text)):
        if not markup.may_lead_to(markup.HOLE.sub(_example, target)):
            raise InvalidInput(
                N_(
                    "“%(target)s” is no address for a link. One begins with https://, mailto:, / for a page of this "
                    "site, or # for a place of this text."
                ),
                target=target,
            )
    for place in PLACES.get(kind, ()):
        if not any(block.anchor == place for block in markup.parse(text)):
            raise InvalidInput(
                N_("There is no section for %(place)s. Begin it with a heading: ## … %(place)s"), place=f"{{#{place}}}"
            )
    if kind is Kind.INSTRUCTIONS and (found := sum_of_money(text)):
        raise InvalidInput(N_("End customers read this text, so no sum may stand in it: “%(sum)s”."), sum=found)


def _example(hole: re.Match[str]) -> str:
    """What may stand in an address for a hole: only the forum's is a whole address."""
    return "https://x" if hole[1] == "forum_url" else "x"
