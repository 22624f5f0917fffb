"""The import contracts of `pyproject.toml` can fail: each is shown a made-up program with one forbidden import."""

from __future__ import annotations

from typing import Any

import pytest
from grimp import ImportGraph
from importlinter import Contract, configuration
from importlinter.application.use_cases import read_user_options
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

from dashboard.config import ROOT
from tools.contracts import ROLES, FeatureContract, PureContract, UnimportedContract

KINDS: dict[str, type[Contract]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "features": FeatureContract,
    "pure": PureContract,
    "unimported": UnimportedContract,
}
configuration.configure()
OPTIONS: list[dict[str, Any]] = read_user_options(str(ROOT / "pyproject.toml")).contracts_options

LAYERS = "The ground floor knows no feature"
FEATURES = "Features build upon earlier ones, through services"
PRICE_FREE = "The customer's side cannot reach a price (R25)"
PURE = "Rules are pure"
UNIMPORTED = "Nobody imports the application"

#: Features that know prices: nothing of the customer's side may reach them, not even through others (R25).
PRICED = {
    *("catalog", "resellers", "tax", "ledger", "orders", "invoices", "payments"),
    *("banking", "statements", "fulfilment", "checkout", "quotes"),
}


def options(name: str) -> dict[str, Any]:
    return next(dict(contract) for contract in OPTIONS if contract["name"] == name)


def names_of_layers() -> list[str]:
    return [part.strip(" ()") for layer in options(LAYERS)["layers"] for part in layer.replace("|", ":").split(":")]


def breaks(name: str, *imports: tuple[str, str], modules: tuple[str, ...] = ()) -> bool:
    """Whether a contract breaks for a program that has all declared modules and just these imports."""
    graph = ImportGraph()
    for top in names_of_layers():
        graph.add_module(f"dashboard.{top}")
    for feature in options(FEATURES)["features"]:
        for role in [*ROLES, "files"]:
            graph.add_module(f"dashboard.{feature}.{role}")
    for module in ("dashboard", "dashboard.web.formats", *modules):
        graph.add_module(module)
    for external in ("decimal", "sqlalchemy"):
        graph.add_module(external, is_squashed=True)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported, line_number=1, line_contents="planted")
    contract = KINDS[options(name)["type"]](name, {"root_packages": ["dashboard"]}, options(name))
    return not contract.check(graph, verbose=False).kept


@pytest.mark.parametrize("name", [contract["name"] for contract in OPTIONS])
def test_a_program_without_imports_keeps_every_contract(name: str) -> None:
    assert not breaks(name)


@pytest.mark.parametrize(
    ("name", "importer", "imported"),
    [
        (LAYERS, "dashboard.web.formats", "dashboard.orders.models"),
        (LAYERS, "dashboard.mail", "dashboard.accounts.service"),
        (LAYERS, "dashboard.web", "dashboard.outbox"),
        (LAYERS, "dashboard.extensions", "dashboard.config"),
        (LAYERS, "dashboard.migrations", "dashboard.audit"),
        (FEATURES, "dashboard.orders.views", "dashboard.orders.models"),
        (FEATURES, "dashboard.orders.views", "dashboard.orders.staff_views"),
        (FEATURES, "dashboard.orders.service", "dashboard.orders.forms"),
        (FEATURES, "dashboard.orders.models", "dashboard.orders.service"),
        (FEATURES, "dashboard.orders.rules", "dashboard.orders.models"),
        (FEATURES, "dashboard.orders.files", "dashboard.orders.service"),
        (FEATURES, "dashboard.orders.views", "dashboard.orders"),
        (FEATURES, "dashboard.orders.views", "dashboard.catalog.models"),
        (FEATURES, "dashboard.orders.views", "dashboard.catalog.views"),
        (FEATURES, "dashboard.orders.views", "dashboard.fulfilment.files"),
        (FEATURES, "dashboard.orders.service", "dashboard.fulfilment.service"),
        (FEATURES, "dashboard.orders.service", "dashboard.fulfilment.rules"),
        (FEATURES, "dashboard.orders.files", "dashboard.fulfilment.models"),
        (FEATURES, "dashboard.orders.models", "dashboard.checkout.models"),
        (FEATURES, "dashboard.orders.models", "dashboard.catalog.service"),
        (FEATURES, "dashboard.orders.rules", "dashboard.tax.rules"),
        (FEATURES, "dashboard.orders.forms", "dashboard.resellers.service"),
        (FEATURES, "dashboard.home.service", "dashboard.demo.files"),
        (FEATURES, "dashboard.demo.files", "dashboard.orders.views"),
        (PRICE_FREE, "dashboard.customers.views", "dashboard.money"),
        (PRICE_FREE, "dashboard.licenses.jobs", "dashboard.orders.service"),
        (PURE, "dashboard.orders.rules", "sqlalchemy"),
        (PURE, "dashboard.orders.rules", "dashboard.clock"),
        (PURE, "dashboard.money", "dashboard.config"),
        (UNIMPORTED, "dashboard.orders.service", "dashboard"),
    ],
)
def test_one_forbidden_import_breaks_the_contract(name: str, importer: str, imported: str) -> None:
    assert breaks(name, (importer, imported))


def test_the_customers_side_cannot_reach_a_price_through_others() -> None:
    """R25"""
    assert breaks(
        PRICE_FREE,
        ("dashboard.customers.views", "dashboard.accounts.service"),
        ("dashboard.accounts.service", "dashboard.web.formats"),
        ("dashboard.web.formats", "dashboard.money"),
    )


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("dashboard.orders.views", "dashboard.orders.forms"),
        ("dashboard.orders.views", "dashboard.fulfilment.service"),
        ("dashboard.orders.views", "dashboard.catalog.rules"),
        ("dashboard.orders.service", "dashboard.catalog.models"),
        ("dashboard.orders.service", "dashboard.orders.files"),
        ("dashboard.fulfilment.service", "dashboard.licenses.files"),
        ("dashboard.orders.models", "dashboard.resellers.models"),
        ("dashboard.demo.cli", "dashboard.demo.files"),
        ("dashboard.demo.files", "dashboard.orders.models"),
    ],
)
def test_what_the_house_allows_keeps_the_contract(importer: str, imported: str) -> None:
    assert not breaks(FEATURES, (importer, imported))


def test_an_undeclared_folder_breaks_the_contract() -> None:
    assert breaks(LAYERS, modules=("dashboard.helpers",))


def test_the_contracts_speak_of_the_same_features() -> None:
    layers = names_of_layers()
    assert set(options(FEATURES)["features"]) == set(layers[: layers.index("mail")]) - {"serve"}


def test_every_feature_that_knows_prices_is_closed_to_the_customers_side() -> None:
    """R25"""
    present = {folder.name for folder in (ROOT / "dashboard").iterdir() if (folder / "__init__.py").exists()}
    expected = {f"dashboard.{name}" for name in (PRICED & present) | {"money"}}
    assert set(options(PRICE_FREE)["forbidden_modules"]) == expected
