"""The twelve main tasks, in each language, by each hand, with scripts and without, through each interruption: nothing
typed is lost, nothing is done twice. `make prove` walks every combination.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from tests.browser.hands import KeyboardHand, MouseHand
from tests.browser.tasks import buying, staffing
from tests.browser.tasks.interruptions import INTERRUPTIONS, Submit
from tests.browser.tasks.stage import Backstage, Stage
from tests.site import Site, running_site

TASKS: dict[str, Callable[[Stage], Iterator[Submit]]] = {
    "order": buying.orders_from_the_price_list,
    "order-again": buying.orders_again,
    "bulk": buying.orders_in_bulk,
    "quote": buying.quotes_and_orders,
    "correct": buying.corrects_a_customer,
    "certificate": buying.brings_a_certificate,
    "invite": buying.invites_a_colleague,
    "pay": buying.looks_up_what_to_pay,
    "license": buying.fetches_a_license,
    "bank-file": staffing.books_a_bank_file,
    "match": staffing.confirms_a_match,
    "decide": staffing.decides_and_answers,
}
HANDS = {"mouse": MouseHand, "keyboard": KeyboardHand}
WAYS: tuple[tuple[str, ...], ...] = (("ru", "en"), ("mouse", "keyboard"), ("scripted", "plain"), tuple(INTERRUPTIONS))


class Run(NamedTuple):
    """One walk through one task."""

    task: str
    language: str
    hand: str
    scripts: str
    interruption: str


def every() -> list[Run]:
    return [Run(*values) for values in itertools.product(TASKS, *WAYS)]


def few(count: int = 14) -> list[Run]:
    """So many runs in which every task stands, and all values of any two ways meet."""
    wanted = {pair for one in itertools.product(*WAYS) for pair in _pairs(one)}
    runs: list[Run] = []
    tasks = itertools.cycle(TASKS)
    while len(runs) < count:
        met = [run[1:] for run in runs]
        best = max(
            itertools.product(*WAYS), key=lambda one: (len(wanted & _pairs(one)), -met.count(one), met.count(one))
        )
        wanted -= _pairs(best)
        runs.append(Run(next(tasks), *best))
    assert not wanted, wanted
    return runs


def _pairs(values: tuple[str, ...]) -> set[tuple[tuple[int, str], ...]]:
    return set(itertools.combinations(enumerate(values), 2))


#: What `make prove` asks for.
IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
RUNS = every() if IS_THOROUGH else few()


@pytest.fixture(scope="module")
def site(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all runs of a process: each has a company of its own."""
    with running_site(prepared_data, tmp_path_factory.mktemp("tasks")) as running:
        yield running


@pytest.fixture(scope="module")
def backstage(site: Site) -> Iterator[Backstage]:
    behind = Backstage(site)
    yield behind
    behind.close()


@pytest.fixture
def language(run: Run) -> str:
    return run.language


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(run, id="-".join(run), marks=pytest.mark.xdist_group(f"tasks-{number % 2}"))
        for number, run in enumerate(RUNS)
    ],
)
def test_a_task_is_done_once_and_nothing_typed_is_lost(
    run: Run, backstage: Backstage, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    stage = Stage(
        backstage, new_page, tmp_path, language=run.language, hand=HANDS[run.hand], scripts=run.scripts == "scripted"
    )
    with backstage.app.app_context():
        for step in TASKS[run.task](stage):
            INTERRUPTIONS[run.interruption](stage, step)


def test_the_few_runs_meet_every_task_and_every_two_ways() -> None:
    assert {run.task for run in few()} == set(TASKS)
    assert len(every()) == 480
