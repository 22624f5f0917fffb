"""Tax rates, each with the day from which it holds."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.extensions import Base


class TaxRate(Base):
    """The rate of one place from a day on, in parts per million; `applies` says whether our goods are taxed there."""

    __tablename__ = "tax_rates"

    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    state: Mapped[str] = mapped_column(String(2), primary_key=True, default="")
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[int]
    applies: Mapped[bool]


class ZipRate(Base):
    """The rate of a ZIP code of the US from a day on, all local taxes in it, in parts per million. Whether our goods
    are taxed at all is the state's to say (`TaxRate.applies`).
    """

    __tablename__ = "zip_tax_rates"

    state: Mapped[str] = mapped_column(String(2), primary_key=True)  #: a few ZIP codes lie in two states
    zip_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[int]
