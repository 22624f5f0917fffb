"""The text of an MT940 entry (`:86:`): every group of banks has its own way to put party, reference and purpose there.

Known are the subfields of German and Polish banks (`?20`…`?33`, with the words `EREF+ SVWZ+` inside), the words
between slashes of Dutch and other banks (`/EREF/…/REMI/…`), words with a colon, and plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.banking.rules import Amount, Details, Party
from dashboard.banking.values import BadValue, account_of, amount_of, cleaned, currency_of, given, reference_of

#: Length of a whole line of a field with its tag: such a line was broken wherever it was full.
_FULL_LINE = 65
_FULL_SUBFIELD = 27

#: A plus parts subfields only behind a code: without one, it may belong to a text.
_SUBFIELDS = re.compile(r"\s?(?:(\d{3})(?=[?<>~^|*@#$%&+]\d\d)|(?=[?<>~^|*@#$%&]\d\d))(.)", re.ASCII)
_PURPOSE = {*(f"{number}" for number in range(20, 30)), "60", "61", "62", "63"}
_KNOWN = _PURPOSE | {"00", "10", "30", "31", "32", "33", "34", "35", "36", "37", "38"}

#: Kinds of business (Geschäftsvorfallcode) of payments that came back.
_RETURNS = frozenset({"108", "109", "159", "181", "184"})

_PLUS_WORDS = "EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF"
_PLUS = re.compile(rf"(?:^|(?<=\s))({_PLUS_WORDS})\+")
_PLUS_START = re.compile(rf"({_PLUS_WORDS})\+")

_SLASH = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|ORDP|BENM|CNTP|RTRN|MARF|CSID|ADDR|ISDT|PREF|PURP|INIT|ULTD|ULTC|ULTB|CREF"
    r"|OCMT|CHGS\d?|EXCH|TRCD|SVCL|UDTR|UCRD|ID|IREF)/"
)
_COLON = re.compile(
    r"\b(IBAN|BIC|Naam|Omschrijving|Kenmerk|Betalingskenm\.|Machtiging|Incassant|Valutadatum|Voor): ?", re.IGNORECASE
)
_IBAN_SHAPE = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", re.ASCII)
_MONEY = re.compile(r"([A-Z]{3})\s?(\d+,\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Supplement:
    """What stands on the further lines of `:61:`."""

    text: str = ""
    account: str = ""
    original: Amount | None = None
    charges: Amount | None = None


def read_supplement(lines: list[str]) -> Supplement:
    text = cleaned(" ".join(lines))
    words = _slash_words(text)
    account = account_of(text) if _IBAN_SHAPE.fullmatch(text) else ""
    return Supplement(text, account, _money(words.get("OCMT")), _money(words.get("CHGS")))


def read_details(texts: list[tuple[str, list[str]]]) -> tuple[Details, str]:
    """The details in the fields `:86:` and `:NS:` of an entry, and the bank's kind of business, if it gives one."""
    lines = [line for tag, found in texts if tag == "86" for line in found]
    own = [line for tag, found in texts if tag == "NS" for line in found]
    if not lines and own:
        return _of_numbered_lines(own), ""
    close = "".join(lines)
    if match := _SUBFIELDS.match(close):
        return _of_subfields(close[match.end() - 1 :], match[2], match[1] or "")
    joined = _joined(lines)
    if joined.startswith("/") and _SLASH.match(joined):
        return _of_slash_words(joined), ""
    if len(words := _words(_COLON, joined)) > 1:
        return _of_colon_words(words, joined), ""
    return _of_plus_words(_words(_PLUS, joined), cleaned(joined)), ""


def _joined(lines: list[str]) -> str:
    """The lines as one: where a line was full, the text goes on without a gap."""
    text, previous = "", 0
    for number, line in enumerate(lines):
        length = len(line) + (len(":86:") if number == 0 else 0)
        text += line if number == 0 or previous >= _FULL_LINE else f" {line}"
        previous = length
    return text


def _words(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """What follows each word of a pattern; the first of its kind counts."""
    matches = list(pattern.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)]
    words: dict[str, str] = {}
    for match, end in zip(matches, ends, strict=False):
        words.setdefault(match[1].upper(), text[match.end() : end])
    return words


def _of_subfields(text: str, sign: str, code: str) -> tuple[Details, str]:
    """`?00…?20…?32…`: what is no known subfield belongs to the text before it."""
    pieces = re.split(rf"{re.escape(sign)}(\d\d)", text, flags=re.ASCII)
    fields: dict[str, str] = {}
    order: list[tuple[str, str]] = []
    for number, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if number in _KNOWN and number not in fields:
            order.append((number, value))
            fields[number] = value
        elif order:
            before, written = order.pop()
            fields[before] = f"{written}{sign}{number}{value}"
            order.append((before, fields[before]))
    purpose = [value for number, value in order if number in _PURPOSE]
    words, rest = _plus_subfields(purpose)
    details = _of_plus_words(words, rest)
    account = account_of(fields.get("31", "")) or account_of(fields.get("38", "")) or details.party.account
    name = fields.get("32", "")
    name += ("" if len(name) >= _FULL_SUBFIELD else " ") + fields.get("33", "")
    return Details(
        party=Party(cleaned(name) or details.party.name, account, cleaned(fields.get("30")) or details.party.bank),
        end_to_end_id=details.end_to_end_id,
        text=details.text or cleaned(fields.get("00")) or cleaned(text),
        original=details.original,
        charges=details.charges,
        is_return=code in _RETURNS or details.is_return,
    ), code


def _plus_subfields(subfields: list[str]) -> tuple[dict[str, str], str]:
    """Words that begin a subfield, with all that follows up to the next one; and what stands before the first."""
    words: dict[str, str] = {}
    rest, name, previous = "", "", ""
    for subfield in subfields:
        gap = "" if len(previous) >= _FULL_SUBFIELD else " "
        match = _PLUS_START.match(subfield)
        if match and match[1] not in words:
            name = match[1]
            words[name] = subfield[match.end() :]
        elif name:
            words[name] += gap + subfield
        else:
            rest += gap + subfield
        previous = subfield
    return words, cleaned(rest)


def _of_plus_words(words: dict[str, str], whole: str) -> Details:
    """`EREF+… SVWZ+…`; without any such word the whole text is the purpose."""
    told = " ".join(filter(None, (cleaned(words.get(name)) for name in ("SVWZ", "ABWA"))))
    return Details(
        party=Party(account=account_of(words.get("IBAN", "")), bank=cleaned(words.get("BIC"))),
        end_to_end_id=given(words.get("EREF")) or given(words.get("KREF")),
        text=told or whole,
        original=_money(words.get("OAMT")),
        charges=_money(words.get("COAM")),
        is_return="RREF" in words,
    )


def _slash_words(text: str) -> dict[str, str]:
    words = {name: value.strip("/ ") for name, value in _words(_SLASH, text).items()}
    charges = next((value for name, value in words.items() if name.startswith("CHGS")), "")
    return words | {"CHGS": charges}


def _of_slash_words(text: str) -> Details:
    words = _slash_words(text)
    account, bank, name = words.get("IBAN", ""), words.get("BIC", ""), words.get("NAME", "")
    if "CNTP" in words:  # account, BIC, name, town
        account, bank, name = [*words["CNTP"].split("/"), "", "", ""][:3]
    remittance = words.get("REMI", "")
    references: tuple[str, ...] = ()
    if remittance.startswith("STRD/"):
        reference = reference_of(remittance.rpartition("/")[2])
        references = (reference,) if reference else ()
    remittance = remittance.removeprefix("USTD/").strip("/ ")
    return Details(
        party=Party(cleaned(name), account_of(account), cleaned(bank)),
        end_to_end_id=given(words.get("EREF")),
        references=references,
        text=cleaned(remittance) or cleaned(words.get("TRTP")) or cleaned(text),
        original=_money(words.get("OCMT")),
        charges=_money(words.get("CHGS")),
        is_return="RTRN" in words,
    )


def _of_colon_words(words: dict[str, str], text: str) -> Details:
    purpose = " ".join(filter(None, (cleaned(words.get(name)) for name in ("OMSCHRIJVING", "BETALINGSKENM."))))
    account = words.get("IBAN", "").split()
    return Details(
        party=Party(cleaned(words.get("NAAM")), account_of("".join(account)), cleaned(words.get("BIC"))),
        end_to_end_id=given(words.get("KENMERK")),
        text=purpose or cleaned(text),
    )


def _of_numbered_lines(lines: list[str]) -> Details:
    """`:NS:` with numbered lines: 01 to 14 the purpose, 15 and 16 the name; else plain text."""
    numbered = [(line[:2], line[2:]) for line in lines]
    purpose = [text for number, text in numbered if number.isdigit() and 1 <= int(number) <= 14]
    name = [text for number, text in numbered if number in {"15", "16"}]
    return Details(party=Party(name=cleaned(" ".join(name))), text=cleaned(" ".join(purpose or lines)))


def _money(text: str | None) -> Amount | None:
    """A sum for information; one that cannot be read is left out, since nothing is booked by it."""
    match = _MONEY.match(cleaned(text))
    try:
        return amount_of(match[2].replace(",", "."), currency_of(match[1])) if match else None
    except BadValue:
        return None
