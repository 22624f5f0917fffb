"""Every route of the running application, as everybody, with objects of one's own, foreign ones and none.

Each walker's faults are planted beside the product (`planted.py`) and must be found there.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator

import pytest

from dashboard.web.access import Permission
from tests.app_wide import answers
from tests.app_wide.conftest import Walked
from tests.app_wide.walker import Visit
from tests.app_wide.walks import Walk
from tests.app_wide.world import Kind, Place, Role, World

pytestmark = pytest.mark.xdist_group("walk")  # one process walks for all


def met(walk: Walk) -> list[Visit]:
    """What everybody got who asked for an address that a rule has, and not for what a page led to."""
    return [*walk.knocks, *walk.looks, *walk.presses]


def paths(faults: Iterable[str]) -> set[str]:
    """The planted pages that faults tell of."""
    words = (word for fault in faults for word in fault.replace(":", " ").split())
    return {word.removeprefix("/planted/").partition("/")[0] for word in words if word.startswith("/planted/")}


def test_the_walk_has_been_everywhere(walked: Walked) -> None:
    walk = walked.product
    assert {visit.rule.rule for visit in walk.knocks} == {rule.rule for rule in walk.rules}
    assert {visit.role for visit in walk.looks} == set(walk.crawls) == set(Role)
    assert {visit.rule.rule for visit in walk.presses} == {
        rule.rule for rule in walk.rules if rule.methods and "POST" in rule.methods
    }
    assert {visit.role for visit in walk.knocks} == set(Role)
    for visits, methods in ((walk.knocks, ("GET", "POST")), (walk.presses, ("POST",))):
        met = {(visit.method, kind, visit.partial) for visit in visits for kind in visit.kinds}
        changing = {("POST", Kind.OWN, True)} if visits is walk.presses else set()  # once is enough for one's own
        assert met == set(itertools.product(methods, Kind, (True, False))) - changing


def test_an_address_for_which_the_world_has_nothing_fails() -> None:
    world = World({}, {"/orders/<order_id>": Place("R-0000-0000")}, [])
    assert world.place("/orders/<order_id>").missing == "R-0000-0000"
    with pytest.raises(AssertionError, match="the walkers' world has nothing for /orders/<order_id>/returns/<number>"):
        world.place("/orders/<order_id>/returns/<number>")


def test_every_permission_is_known_to_the_walkers() -> None:
    assert set(answers.ALLOWED) == set(Permission)


def test_nothing_crashes(walked: Walked) -> None:
    assert list(answers.crashes(walked.product.visits)) == []
    assert paths(answers.crashes(walked.planted.visits)) == {"crash"}


def test_R26_who_may_not_is_told_nothing(walked: Walked) -> None:
    assert list(answers.wrongly_let_in(met(walked.product))) == []
    assert paths(answers.wrongly_let_in(met(walked.planted))) == {"granted"}


def test_who_may_finds_what_is_theirs(walked: Walked) -> None:
    assert list(answers.wrongly_refused([*walked.product.knocks, *walked.product.looks])) == []
    assert paths(answers.wrongly_refused(walked.planted.knocks)) == {"refused"}


def test_R26_a_foreign_object_is_answered_as_a_missing_one(walked: Walked) -> None:
    assert list(answers.told_apart([*walked.product.knocks, *walked.product.presses])) == []
    assert paths(answers.told_apart(walked.planted.knocks)) == {"orders", "drafts"}


def test_what_is_not_there_is_not_found(walked: Walked) -> None:
    assert list(answers.wrongly_found(met(walked.product))) == []
    assert paths(answers.wrongly_found(walked.planted.knocks)) == {"orders", "drafts"}


def test_what_changes_something_is_refused_without_a_token(walked: Walked) -> None:
    assert list(answers.unguarded(walked.product.knocks)) == []
    assert paths(answers.unguarded(walked.planted.knocks)) == {"unguarded"}


def test_R30_a_form_comes_back_as_it_was_filled_and_does_nothing(walked: Walked) -> None:
    """Asked for by the language switch, or by who finds it again after a session's end."""
    switches = walked.product.switches
    assert [f"{visit} {fault}" for visit, found in switches for fault in found] == []
    assert len({visit.rule.rule for visit, _ in switches}) > 30
    planted = [f"{visit} {fault}" for visit, found in walked.planted.switches for fault in found]
    assert paths(planted) == {"forgetful", "hasty"}


def test_every_answer_protects_itself(walked: Walked) -> None:
    assert list(answers.unprotected(walked.product.visits)) == []
    assert paths(answers.unprotected(walked.planted.visits)) == {"kept"}


def weakened(visit: Visit) -> Iterator[Visit]:
    """The same answer with one protection less."""
    for name in (*answers.PROTECTION, "Content-Security-Policy"):
        yield dataclasses.replace(visit, headers={**visit.headers, name: ""})
    policy = visit.headers["Content-Security-Policy"]
    for changed in (policy + "; img-src 'unsafe-inline'", policy.replace("default-src 'none'", "default-src 'self'")):
        yield dataclasses.replace(visit, headers={**visit.headers, "Content-Security-Policy": changed})


def test_a_missing_protection_is_found(walked: Walked) -> None:
    for visit in weakened(walked.product.looks[0]):
        assert len(list(answers.unprotected([visit]))) == 1


def test_lists_take_two_statements_however_long_they_are(walked: Walked) -> None:
    crawled = [visit for visits in walked.product.crawls.values() for visit in visits]
    lists = {visit.rule.rule for visit in walked.product.looks if visit.status == 200}
    assert {"/orders", "/prices", "/licenses", "/staff/orders", "/staff/resellers", "/staff/mail"} <= lists
    assert list(answers.costly([*walked.product.looks, *crawled])) == []
    assert list(answers.growing(walked.product.knocks, walked.product.looks)) == []
    assert (
        paths(answers.costly(walked.planted.looks))
        == paths(answers.growing(walked.planted.knocks, walked.planted.looks))
        == {"rows"}
    )
