"""The tables point one way: from later features to earlier ones; and nothing is loaded behind one's back."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from dashboard.config import ROOT
from dashboard.extensions import Base

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
#: Features in their order; what is not among them is the ground floor, below all.
FEATURES: list[str] = next(contract["features"] for contract in CONTRACTS if contract["type"] == "features")


def floor_of(model: type) -> int:
    feature = model.__module__.split(".")[1]
    return FEATURES.index(feature) if feature in FEATURES else -1


def faults(models: Iterable[type[DeclarativeBase]]) -> Iterator[str]:
    by_table = {model.__table__: model for model in models}
    for model in by_table.values():
        for key in model.__table__.foreign_keys:
            if floor_of(by_table[key.column.table]) > floor_of(model):
                yield f"{model.__name__}.{key.parent.name} points to the later {by_table[key.column.table].__name__}"
        for relation in model.__mapper__.relationships:
            if relation.lazy != "raise":
                yield f"{model.__name__}.{relation.key} is loaded behind one's back"
            if floor_of(relation.mapper.class_) > floor_of(model):
                yield f"{model.__name__}.{relation.key} knows the later {relation.mapper.class_.__name__}"


def test_tables_point_to_earlier_features_only() -> None:
    models = [mapper.class_ for mapper in Base.registry.mappers]
    assert len(models) > 10
    assert list(faults(models)) == []


def test_each_planted_fault_is_found() -> None:
    class Planted(DeclarativeBase):
        pass

    class Late(Planted):
        __tablename__ = "late"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Early(Planted):
        __tablename__ = "early"
        id: Mapped[int] = mapped_column(primary_key=True)
        late_id: Mapped[int] = mapped_column(ForeignKey(Late.id))
        late = relationship(Late)

    Late.__module__, Early.__module__ = "dashboard.checkout.models", "dashboard.catalog.models"
    assert list(faults([Late, Early])) == [
        "Early.late_id points to the later Late",
        "Early.late is loaded behind one's back",
        "Early.late knows the later Late",
    ]
