"""Names a method as a step of a history, and draws steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

Step = tuple[str, dict[str, Any]]
F = TypeVar("F", bound=Callable[..., Any])


def step(weight: int = 2, **arguments: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Let a method be a step that happens `weight` times as often as one of weight 1, with arguments drawn so.

    The method raises `Nothing` if there is nothing that it could be done with.
    """

    def mark(method: F) -> F:
        method.step = (weight, arguments)  # type: ignore[attr-defined]
        return method

    return mark


def steps_of(history: type) -> st.SearchStrategy[Step]:
    """Any step of a class, each with its arguments. (Hypothesis's own choice among rules leaves most of them out of
    each run: good for finding faults with many runs, useless for few and long ones.)
    """
    marked = {name: found for name in dir(history) if (found := getattr(getattr(history, name), "step", None))}
    names = sorted(marked, key=lambda name: -marked[name][0])  # the most frequent one is the simplest
    draws = {name: st.tuples(st.just(name), st.fixed_dictionaries(marked[name][1])) for name in names}
    return st.sampled_from([name for name in names for _ in range(marked[name][0])]).flatmap(draws.__getitem__)
