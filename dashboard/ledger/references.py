"""Order IDs, and the payment references made of them: ISO 11649 creditor references (R9, R19).

An order ID reads `R-2046-3182`: eight digits, the last of which is a check digit (Damm). Its payment reference is
`RF` + two check digits + the same eight digits, so a person sees that they belong together. A monthly statement's
reference has ten digits: year and month, the reseller's number, a check digit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from stdnum import damm, iso11649
from stdnum.iso7064 import mod_97_10

from dashboard import chance

_ORDER_ID = re.compile(r"R-([1-9]\d{3})-(\d{4})", re.ASCII)

#: What people and old bank programs write for a letter or digit: Cyrillic that looks or sounds alike, O for 0 …
_LOOK_ALIKES = str.maketrans({"Р": "R", "Ф": "F", "O": "0", "О": "0", "З": "3", "I": "1", "І": "1", "L": "1"})

#: A reference in running text. Banks group it, break it and fill it up with zeros on the left to its full 21 digits.
_GAP = r"[\s.\-/]*"
_HEAD = rf"R{_GAP}F{_GAP}(\d){_GAP}(\d)(?:{_GAP}0){{0,13}}{_GAP}"
_REFERENCES = [re.compile(rf"{_HEAD}([1-9](?:{_GAP}\d){{{digits - 1}}})(?!\d)", re.ASCII) for digits in (8, 10)]
_ORDER_ID_IN_TEXT = re.compile(r"(?<![A-Z0-9])(R?)[\s\-]*([1-9]\d{3})[\s\-]*(\d{4})(?!\d)", re.ASCII)


#: What looks like a reference or an order ID, whatever its check digits say.
_LIKE_AN_ID = re.compile(rf"(?<![A-Z0-9])R(?:{_GAP}F{_GAP}\d{_GAP}\d)?{_GAP}(\d(?:{_GAP}\d){{7}})(?!\d)", re.ASCII)
_LIKE_A_STATEMENTS = re.compile(rf"(?<![A-Z0-9])R{_GAP}F{_GAP}\d{_GAP}\d{_GAP}(\d(?:{_GAP}\d){{9}})(?!\d)", re.ASCII)


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
    return _reference(order_id.removeprefix("R-").replace("-", ""))


def statement_reference(month: date, reseller_id: int) -> str:
    """The payment reference of a monthly statement.

    Raises:
        ValueError: for a reseller whose number has more than five digits.
    """
    if not 0 < reseller_id < 100_000:
        raise ValueError(f"no reference for reseller {reseller_id}")
    body = f"{month:%y%m}{reseller_id:05}"
    return _reference(body + damm.calc_check_digit(body))


def _reference(body: str) -> str:
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def find_references(text: str) -> list[str]:
    """Our references in a text typed or mangled by others, compact, each once, in the order of the text.

    Spaces, case, leading zeros and look-alike letters do not matter; a wrong check digit does.
    """
    plain, found = _plain(text), dict[int, str]()
    for pattern in _REFERENCES:
        for match in pattern.finditer(plain):
            body = re.sub(r"\D", "", match[3])
            reference = f"RF{match[1]}{match[2]}{body}"
            if damm.is_valid(body) and iso11649.is_valid(reference):
                found[match.start()] = reference
    return list(dict.fromkeys(found[place] for place in sorted(found)))


def find_order_ids(text: str, *, bare: bool = False) -> list[str]:
    """Order IDs in a text, each once, with or without dashes; the check digit must be right.

    Args:
        bare: also without their `R`: then one in ten numbers of eight digits looks like one.
    """
    found = (f"R-{match[2]}-{match[3]}" for match in _ORDER_ID_IN_TEXT.finditer(_plain(text)) if match[1] or bare)
    return list(dict.fromkeys(one for one in found if is_order_id(one)))


def near_order_ids(text: str) -> list[str]:
    """Order IDs from which a number in a text differs by one digit, or by two neighbors that changed places: what
    somebody may have meant who mistyped. Ten or so a number, in no order of likelihood.
    """
    return [f"R-{body[:4]}-{body[4:]}" for body in _near(_LIKE_AN_ID, text)]


def near_statement_references(text: str) -> list[str]:
    """References of monthly statements that somebody may have meant who mistyped, as `near_order_ids` does."""
    return [_reference(body) for body in _near(_LIKE_A_STATEMENTS, text)]


def _near(pattern: re.Pattern[str], text: str) -> list[str]:
    """Digits with a right check digit that are those in a text, or nearly."""
    found = dict[str, None]()
    for match in pattern.finditer(_plain(text)):
        digits = re.sub(r"\D", "", match[1])
        found |= dict.fromkeys(one for one in (digits, *_mistyped(digits)) if one[0] != "0" and damm.is_valid(one))
    return list(found)


def _mistyped(digits: str) -> Iterator[str]:
    for place, digit in enumerate(digits):
        yield from (digits[:place] + other + digits[place + 1 :] for other in "0123456789" if other != digit)
    for place in range(len(digits) - 1):
        yield digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().translate(_LOOK_ALIKES)


def printed(reference: str) -> str:
    """The reference as it is printed: in groups of four."""
    return str(iso11649.format(reference))
