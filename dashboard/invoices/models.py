"""Issued papers and the counters of their numbers (R27)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, object_session

from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor
from dashboard.invoices.rules import PaperKind, PaperSnapshot
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller


class NumberSeries(Base):
    """The last number taken in a series and calendar year. Its row is the lock that keeps numbers without gaps."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Paper(Base):
    """A paper that was issued: what it says never changes, only its drawn document is noted (R27)."""

    __tablename__ = "papers"
    __table_args__ = (
        UniqueConstraint("series", "year", "sequence"),
        CheckConstraint("(kind = 'pro_forma') = (sequence IS NULL)", "numbered"),
        CheckConstraint("(sequence IS NULL) = (series IS NULL)", "numbered_in_a_series"),
    )
    __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012  (read once by SQLAlchemy)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    series: Mapped[str | None] = mapped_column(String(20))
    year: Mapped[int]
    sequence: Mapped[int | None]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    order_id: Mapped[str] = mapped_column(ForeignKey(Order.id), index=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    issued_on: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int] = mapped_column(Minor)
    snapshot: Mapped[dict[str, Any]]
    document_digest: Mapped[str | None] = mapped_column(String(64))  #: of the PDF, once it is drawn
    xml_digest: Mapped[str | None] = mapped_column(String(64))  #: of the same in EN 16931 XML, where that fits
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    @property
    def content(self) -> PaperSnapshot:
        """What stands on the paper."""
        return PaperSnapshot.from_json(self.snapshot)

    @property
    def file_name(self) -> str:
        """Under which a browser saves it."""
        return f"{self.number}.pdf"

    @property
    def xml_name(self) -> str:
        """Under which a browser saves its XML."""
        return f"{self.number}.xml"


class ProForma(Paper):
    """A request to pay before delivery; no invoice (R27)."""

    __mapper_args__ = {"polymorphic_identity": PaperKind.PRO_FORMA.value}  # noqa: RUF012


class Invoice(Paper):
    """A tax invoice."""

    __mapper_args__ = {"polymorphic_identity": PaperKind.INVOICE.value}  # noqa: RUF012


class SupplementaryInvoice(Paper):
    """Tax that an invoice did not charge; numbered among the invoices (R29)."""

    __mapper_args__ = {"polymorphic_identity": PaperKind.SUPPLEMENT.value}  # noqa: RUF012


class CreditNote(Paper):
    """An invoice taken back, or its tax alone."""

    __mapper_args__ = {"polymorphic_identity": PaperKind.CREDIT_NOTE.value}  # noqa: RUF012


#: The class of each kind.
PAPERS: dict[PaperKind, type[Paper]] = {
    PaperKind.PRO_FORMA: ProForma,
    PaperKind.INVOICE: Invoice,
    PaperKind.SUPPLEMENT: SupplementaryInvoice,
    PaperKind.CREDIT_NOTE: CreditNote,
}


@event.listens_for(Paper, "before_update", propagate=True)
def _refuse_update(_mapper: Mapper[Any], _connection: Connection, paper: Paper) -> None:
    """What was issued never changes (R27). The service's notes of what is drawn do not come through here."""
    session = object_session(paper)
    if session is None or session.is_modified(paper):
        raise RuntimeError(f"{paper.number} was issued and never changes")


@event.listens_for(Paper, "before_delete", propagate=True)
def _refuse_delete(_mapper: Mapper[Any], _connection: Connection, paper: Paper) -> None:
    raise RuntimeError(f"{paper.number} was issued and is never deleted")
