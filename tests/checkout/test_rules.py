"""Lines of a draft: pure."""

from __future__ import annotations

import pytest

from dashboard.checkout.rules import MAX_LINES, MAX_QUANTITY, Contents, merged, quantity_of
from dashboard.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("1", 1), ("9999", 9999), ("007", 7)]
    + [(text, None) for text in ("", "0", "10000", "-1", "1.5", "1e3", "x", "５", "²", "9" * 5000, " 1")],
)
def test_a_quantity_is_a_whole_number_of_pieces(text: str, quantity: int | None) -> None:
    assert quantity_of(text) == quantity


def test_the_same_sku_twice_is_one_line() -> None:
    assert merged([("A", 1), ("B", 2), ("A", 3)]) == (("A", 4), ("B", 2))
    assert Contents(lines=(("A", 1),)).adding("A").lines == (("A", 2),)


def test_an_order_ends_at_its_limits() -> None:
    full = [(f"SKU{number}", MAX_QUANTITY) for number in range(MAX_LINES)]
    assert len(merged(full)) == MAX_LINES
    with pytest.raises(InvalidInput):
        merged([*full, ("ONE-MORE", 1)])
    with pytest.raises(InvalidInput):
        merged([*full, ("SKU0", 1)])
