"""Which test keeps which rule: every rule of the specification is named by a test."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent


def named_rules(sources: list[str]) -> set[int]:
    """Numbers in the names of test functions: `test_R12_R22_…` names two."""
    names = (name for source in sources for name in re.findall(r"def (test_\w+)", source))
    return {int(number) for name in names for number in re.findall(r"_R(\d\d)(?=_)", name)}


def test_every_rule_has_a_test_that_names_it() -> None:
    sources = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    assert set(range(1, 34)) - named_rules(sources) == set()


def test_a_rule_without_a_test_is_found() -> None:
    assert named_rules(["def test_R12_R22_both() -> None: ...", "def helper_R09_(): ...", "R08"]) == {12, 22}
