"""Import contracts that import-linter's own kinds cannot say: what may import what inside and between features.

`lint-imports` loads the classes from here and their options from `pyproject.toml`. Every contract looks at direct
imports only: what each module may import is so narrow that chains of allowed imports stay allowed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

#: `pages` holds what several views of one feature show; `…_views` are views of a part of the feature.
ENTRY_POINTS = frozenset({"views", "staff_views", "pages", "jobs", "cli"})

#: A module with a name of its own (`licenses/keys.py`) is a part of its feature's service.
PART = "part"

#: `balances` is the reading half of a service that is large enough for two.
SERVICE = frozenset({"service", "balances"})
ROLES = ENTRY_POINTS | SERVICE | {"forms", "models", "rules"}

#: What a module may import in its own feature, by the roles of both.
OWN: dict[str, frozenset[str]] = {
    **dict.fromkeys(ENTRY_POINTS, SERVICE | {"pages", "forms", PART, "rules"}),
    "forms": frozenset({PART, "rules"}),
    "service": frozenset({"balances", PART, "models", "rules"}),
    "balances": frozenset({"models", "rules"}),
    PART: frozenset({PART, "models", "rules"}),
    "models": frozenset({"rules"}),
}

#: What it may import in a feature that stands before its own in the list, …
EARLIER: dict[str, frozenset[str]] = {
    **dict.fromkeys(ENTRY_POINTS, SERVICE | {PART, "rules"}),
    "forms": frozenset({"rules"}),
    **dict.fromkeys((*SERVICE, PART), SERVICE | {PART, "models", "rules"}),
    "models": frozenset({"models", "rules"}),
}

#: … and in one that stands after it.
LATER: dict[str, frozenset[str]] = dict.fromkeys(ENTRY_POINTS, SERVICE | {"rules"})


@dataclass(frozen=True)
class Place:
    """Where a module stands: its feature and its role there; the role of the package itself is empty."""

    feature: str
    role: str


class FeatureContract(Contract):
    """The features, in the order in which they may build upon each other.

    Options:
        package: the root of our code.
        features: their names, earliest first; one that does not exist yet is no fault.
    """

    type_name = "features"

    package = fields.StringField()
    features = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        faults = list(self._faults(graph))
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        _render(check)

    def _faults(self, graph: ImportGraph) -> Iterator[str]:
        order = {str(name): number for number, name in enumerate(_list(self.features))}
        for importer, imported in _internal_imports(graph):
            here, there = self._place(importer), self._place(imported)
            if here.feature not in order or there.feature not in order:
                continue  # the ground floor is kept by the layers contract
            if here.feature == there.feature:
                allowed = OWN
            else:
                allowed = EARLIER if order[there.feature] < order[here.feature] else LATER
            if there.role not in allowed.get(here.role, frozenset()):
                yield _line(graph, importer, imported)

    def _place(self, module: str) -> Place:
        feature, _, inside = module.removeprefix(f"{self.package}.").partition(".")
        role = inside.partition(".")[0]
        if role.endswith("_views"):
            role = "views"
        return Place(feature, role if not role or role in ROLES else PART)


class PureContract(Contract):
    """Modules that import nothing but the standard library and a few named modules.

    Options:
        modules: names, `*` standing for any part of a name.
        allowed: modules of ours that they may import all the same.
    """

    type_name = "pure"

    modules = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        faults = [
            _line(graph, importer, imported)
            for importer in sorted(graph.modules)
            if any(fnmatchcase(importer, pattern) for pattern in _list(self.modules))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported not in _list(self.allowed) and imported.split(".")[0] not in sys.stdlib_module_names
        ]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        _render(check)


class UnimportedContract(Contract):
    """Modules (not what stands below them) that no module of ours imports: the application factory.

    Every chain of imports through the factory would reach everything.
    """

    type_name = "unimported"

    modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        faults = [
            _line(graph, importer, imported)
            for imported in _list(self.modules)
            if imported in graph.modules
            for importer in sorted(graph.find_modules_that_directly_import(imported))
        ]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        _render(check)


def _list(value: object) -> list[str]:
    """The value of a list option: import-linter leaves an absent one None."""
    return [str(item) for item in value] if isinstance(value, list) else []


def _internal_imports(graph: ImportGraph) -> Iterator[tuple[str, str]]:
    for importer in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            if not graph.is_module_squashed(imported):
                yield importer, imported


def _line(graph: ImportGraph, importer: str, imported: str) -> str:
    numbers = sorted(
        {detail["line_number"] for detail in graph.get_import_details(importer=importer, imported=imported)}
    )
    where = f" (l.{', l.'.join(map(str, numbers))})" if numbers else ""
    return f"{importer} is not allowed to import {imported}{where}"


def _render(check: ContractCheck) -> None:
    for fault in check.metadata["faults"]:
        output.print_error(fault, bold=False)
        output.new_line()
