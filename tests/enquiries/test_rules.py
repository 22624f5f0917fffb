"""What of a mail is the answer, and how enquiries are named (R32): nothing that somebody wrote gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.enquiries.rules import (
    Side,
    State,
    after_message,
    find_numbers,
    find_tokens,
    mark_of,
    number_of,
    reply_address,
    split_reply,
    waiting_for,
)

TOKEN = "0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        ("Yes.", "Yes."),
        ("Yes.\n\n> Do you?\n", "Yes."),
        ("Yes.\n\nOn Fri, Nov 27, 2026 at 3:06 PM Lumivara <sales@x.example> wrote:\n\n> Do you?", "Yes."),
        ("Yes.\n\nOn Fri, Nov 27, 2026 at 3:06 PM Lumivara <sales@x.example>\nwrote:\n\n> Do you?", "Yes."),
        ("Yes.\nOn Fri, Nov 27, 2026 at 3:06 PM Lumivara\n<sales@x.example> wrote:\n> Do you?", "Yes."),
        ("Да.\n\nпт, 27 нояб. 2026 г. в 15:06, Lumivara <sales@x.example>:\n\n> Нужно?", "Да."),
        ('Да.\n\n27.11.2026, 15:06, "Lumivara" <sales@x.example>:\n\n> Нужно?', "Да."),
        ("Да.\n\n27.11.2026 15:06, Lumivara пишет:\n> Нужно?", "Да."),
        ("Да.\n\nМари написала:\n> Нужно?", "Да."),
        ("Yes.\n\n-----Original Message-----\nFrom: Lumivara\nSent: Friday\n\nDo you?", "Yes."),
        ("Yes.\n\n________________________________\nFrom: Lumivara\nSent: Friday\n\nDo you?", "Yes."),
        ("Yes.\n\nFrom: Lumivara\nSent: Friday\nTo: Anna\nSubject: OEM\n\nDo you?", "Yes."),
        ("Да.\n\nОт: Lumivara\nДата: 27.11.2026\nКому: Анна\n\nНужно?", "Да."),
        ("Yes.\n\nwrite above this line. #E-2046-3182#\n\nDo you?", "Yes."),
        ("Yes.\n\n-- \nAnna\nRomashka", "Yes."),
        ("Yes.\n\nSent from my iPhone", "Yes."),
        ("Да.\n\nОтправлено с iPhone", "Да."),
        # Answered between and below: all of it is the answer.
        ("On 27.11.2026 15:06, Mari wrote:\n> Do you?\n\nYes.", "On 27.11.2026 15:06, Mari wrote:\n> Do you?\n\nYes."),
        ("> Do you?\nYes.\n> And how many?\nThree.", "> Do you?\nYes.\n> And how many?\nThree."),
        # No citing line at all, though it ends like one.
        ("The customer wrote:\nthree of them.", "The customer wrote:\nthree of them."),
        ("From: the customer\nthree of them.", "From: the customer\nthree of them."),
        # Nothing but what is cited: rather all than nothing.
        ("> Do you?", "> Do you?"),
        ("-- \nAnna", "-- \nAnna"),
        ("", ""),
    ],
)
def test_R32_what_was_written_is_told_from_what_is_cited(mail: str, text: str) -> None:
    assert split_reply(mail).text == text


LINES = st.lists(
    st.sampled_from(
        ["Yes.", "", "> Do you?", "-- ", "On 27.11.2026 15:06, Mari wrote:", "wrote:", "<a@b.example>:", "From: a",
         "Sent: b", "#E-2046-3182#", "Sent from my phone", "____________", "Три", ">"]
    )
    | st.text(max_size=20)
)  # fmt: skip


@given(LINES)
def test_R32_nothing_of_a_mail_gets_lost(lines: list[str]) -> None:
    """The answer and the rest together are the whole mail; where there are words, the answer has some."""
    mail = "\n".join(lines)
    reply = split_reply(mail)
    kept = [line.strip() for line in f"{reply.text}\n{reply.quoted}".splitlines() if line.strip()]
    assert kept == [line.strip() for line in mail.splitlines() if line.strip()]
    assert bool(reply.text) == bool(mail.strip())


@given(st.integers(10_000_000, 99_999_999))
def test_R32_a_number_is_found_in_a_subject(digits: int) -> None:
    number = number_of(digits)
    for subject in (f"Re: [{number}] OEM", f"FW: {number.lower()}", number.replace("E", "Е").replace("-", " - ")):
        assert find_numbers(subject) == [number]
    assert find_numbers(f"RE-{number[2:]} {number}0 XE{number[1:]}") == []


def test_R32_a_token_is_found_wherever_mail_programs_put_it() -> None:
    address = reply_address("enquiries@partners.example", TOKEN)
    assert address == f"enquiries+{TOKEN}@partners.example"
    for text in (address, f'"Lumivara" <{address}>', address.upper(), f"<abc.{TOKEN}@x.example>", f"<{TOKEN}@x>"):
        assert find_tokens([text]) == [TOKEN]
    assert find_tokens([f"{TOKEN}@x.example", f"enquiries+{TOKEN}0@x.example", "enquiries@x.example"]) == []


def test_R32_a_message_waits_for_the_other_side() -> None:
    for side in Side:
        other = next(one for one in Side if one is not side)
        assert after_message(side) == waiting_for(other) != State.CLOSED
    assert mark_of("E-2046-3182") == "#E-2046-3182#"
