"""Order IDs, and the payment references made of them: ISO 11649 creditor references (R9, R19).

An order ID reads `R-2046-3182`: eight digits, the last of which is a check digit (Damm). Its payment reference is
`RF` + two check digits + the same eight digits, so a person sees that they belong together.
"""

from __future__ import annotations

import re
import unicodedata

from stdnum import damm, iso11649
from stdnum.iso7064 import mod_97_10

from dashboard import chance

_ORDER_ID = re.compile(r"R-([1-9]\d{3})-(\d{4})", re.ASCII)

#: What people and old bank programs write for a letter or digit: Cyrillic that looks or sounds alike, O for 0 …
_LOOK_ALIKES = str.maketrans({"Р": "R", "Ф": "F", "O": "0", "О": "0", "З": "3", "I": "1", "І": "1", "L": "1"})

#: A reference in running text. Banks group it, break it and fill it up with zeros on the left to its full 21 digits.
_GAP = r"[\s.\-/]*"
_REFERENCE = re.compile(
    rf"R{_GAP}F{_GAP}(\d){_GAP}(\d)(?:{_GAP}0){{0,13}}{_GAP}([1-9](?:{_GAP}\d){{7}})(?!\d)", re.ASCII
)


def new_order_id() -> str:
    """A random order ID: short, readable aloud, not sequential (R9). The caller tries again if it is taken."""
    digits = str(chance.source().randrange(1_000_000, 10_000_000))
    digits += damm.calc_check_digit(digits)
    return f"R-{digits[:4]}-{digits[4:]}"


def is_order_id(text: str) -> bool:
    """Whether `text` is an order ID as we write it, check digit included."""
    match = _ORDER_ID.fullmatch(text)
    return match is not None and damm.is_valid("".join(match.groups()))


def order_reference(order_id: str) -> str:
    """The payment reference of an order, without spaces: `RF7620463182` for `R-2046-3182`.

    Raises:
        ValueError: if `order_id` is none.
    """
    if not is_order_id(order_id):
        raise ValueError(f"{order_id!r} is no order ID")
    body = order_id.removeprefix("R-").replace("-", "")
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def find_references(text: str) -> list[str]:
    """Our references in a text typed or mangled by others, compact, each once, in the order of the text.

    Spaces, case, leading zeros and look-alike letters do not matter; a wrong check digit does.
    """
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES)
    found = []
    for match in _REFERENCE.finditer(plain):
        check = match.group(1) + match.group(2)
        body = re.sub(r"\D", "", match.group(3))
        if damm.is_valid(body) and iso11649.is_valid(f"RF{check}{body}"):
            found.append(f"RF{check}{body}")
    return list(dict.fromkeys(found))


def printed(reference: str) -> str:
    """The reference as it is printed: in groups of four."""
    return str(iso11649.format(reference))
