"""The second factor of signing in: a code of an app on the phone (RFC 6238), or one of ten recovery codes (R1).

An account that has one is signed in by two pages: the password begins a half session (`enter`), which may do nothing
but show a code, and the code makes a session of it (`complete`). A code is taken once: the last step of time whose
code was taken is kept, and so is when a recovery code was used.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete, func, select, update

from dashboard.accounts import limits
from dashboard.accounts.holders import find_user, get_user, held, proven, subject, write_to
from dashboard.accounts.models import RecoveryCode, SecondFactor, User
from dashboard.accounts.rules import (
    CLOCKS_DIFFER,
    RECOVERY_CHARACTERS,
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    WRONG_CODES,
    WRONG_CODES_A_DAY,
    WRONG_CODES_FROM,
    in_groups,
    place_of,
    typed_code,
)
from dashboard.accounts.sealing import hash_token, seal, unseal
from dashboard.accounts.sessions import (
    end_all_sessions,
    half_signed_in,
    start_half_session,
    start_session,
    use_half_session,
)
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.errors import N_, BusinessError, InvalidInput, Refused
from dashboard.extensions import db, insert_once
from dashboard.web.transactions import reading

#: What the keys in the database are sealed for.
AT_REST = "key of a second factor"


class WrongCode(InvalidInput):
    """The code is none of the account's, or not any more."""


class Lapsed(BusinessError):
    """The browser has shown no password, or too long ago."""

    status = 410

    def __init__(self) -> None:
        super().__init__(N_("That took too long. Please sign in again."))


class State(NamedTuple):
    """What an account's owner sees of the second factor."""

    since: datetime
    codes_left: int


def state_of(user_id: int) -> State | None:
    """The second factor of an account; None if it has none."""
    left = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    row = db.session.execute(
        select(SecondFactor.since, left.scalar_subquery()).where(SecondFactor.user_id == user_id)
    ).first()
    return State(*row) if row else None


def enter(user: User) -> bool:
    """Sign this browser in, if the password is enough; else begin a half session. Whether it is signed in."""
    if db.session.get(SecondFactor, user.id):
        start_half_session(user.id)
        return False
    start_session(user.id)
    return True


def awaited() -> None:
    """Make sure that this browser has shown a password and not yet the code.

    Raises:
        Lapsed: if it has not, or too long ago.
    """
    if half_signed_in() is None:
        raise Lapsed


def complete(code: str, address: str) -> None:
    """Sign this browser in by the code that its half session waits for.

    Args:
        code: of the app, or a recovery code.
        address: where the request comes from.

    Raises:
        Lapsed: if there is no half session (any more).
        WrongCode: if it is not the code, or was used before.
        TooMany: if there were too many wrong codes for the account, or from this place.
    """
    with reading():
        user_id = half_signed_in()
    if user_id is None:
        raise Lapsed
    _count_try(user_id, address)
    if use_half_session() != user_id:
        raise Lapsed
    _take(user_id, code, address)
    start_session(user_id)


def new_key() -> str:
    """A key for an app, 160 bits in Base32."""
    return pyotp.random_base32()


def address_of(key: str, email: str) -> str:
    """The otpauth address from which an app learns the key and whose it is."""
    return pyotp.TOTP(key).provisioning_uri(name=email, issuer_name=current_settings().vendor.name)


def picture_of(address: str) -> str:
    """An otpauth address as a QR code: a data address of an SVG, dark on white in both themes."""
    return str(segno.make_qr(address, error="m").svg_data_uri(border=4, light="#fff", omitsize=True))


def switch_on(email: str, password: str, key: str, code: str, address: str) -> list[str]:
    """Give an account its second factor, end all other sessions; the recovery codes, to be shown once.

    Args:
        key: what the app was shown.
        code: what the app made of it.

    Raises:
        WrongCode: if the app does not know the key.
        InvalidInput, TooMany: if the password is wrong, or was too often.
        Refused: if the account has one already.
    """
    step = _step_of(key, typed_code(code))
    if step is None:
        raise WrongCode(WRONG_CODE)
    user = held(email, proven(email, password, address), address)
    if not insert_once(SecondFactor, user_id=user.id, sealed_key=seal(AT_REST, key), last_step=step, since=utcnow()):
        raise Refused(N_("Two-step sign-in is on already."))
    codes = _new_codes(user.id)
    _changed(user, "account_second_factor_on", "account.second_factor_on")
    start_session(user.id)
    return codes


def switch_off(email: str, password: str, code: str, address: str) -> None:
    """Take the second factor from an account, end all other sessions.

    Raises:
        WrongCode, InvalidInput, TooMany: if code or password are wrong, or were too often.
    """
    user = _shown_both(email, password, code, address)
    _remove(user)
    _changed(user, "account_second_factor_off", "account.second_factor_off")
    start_session(user.id)


def renew_codes(email: str, password: str, code: str, address: str) -> list[str]:
    """New recovery codes, to be shown once; the old ones work no longer.

    Raises:
        WrongCode, InvalidInput, TooMany: if code or password are wrong, or were too often.
    """
    user = _shown_both(email, password, code, address)
    audit.record("account.recovery_codes_renewed", subject(user))
    return _new_codes(user.id)


def reset(email: str) -> None:
    """Take the second factor from somebody who has lost it: the operator has made sure who asks.

    Raises:
        Refused: if there is no such account, or it has no second factor.
    """
    user = find_user(email)
    if user is None or not _remove(user):
        raise Refused(N_("No account with the address %(email)s has two-step sign-in."), email=email)
    limits.forget(WRONG_CODES, str(user.id))
    limits.forget(WRONG_CODES_A_DAY, str(user.id))
    _changed(user, "account_second_factor_off", "account.second_factor_reset")


def reseal(old_secret_key: str) -> int:
    """Seal the keys that an earlier `SECRET_KEY` has sealed with the present one; how many there were.

    Raises:
        Refused: if there is none that it has sealed.
    """
    count = 0
    for factor in db.session.scalars(select(SecondFactor).with_for_update()):
        if key := unseal(AT_REST, factor.sealed_key, secret_key=old_secret_key):
            factor.sealed_key = seal(AT_REST, key)
            count += 1
    if not count:
        raise Refused(N_("This key has sealed nobody's two-step sign-in."))
    return count


WRONG_CODE = N_("The code is not right. Enter the newest one, and check the phone's clock.")
USED_CODE = N_("This code was used already. Wait for the next one.")


def _step_of(key: str, code: str) -> int | None:
    """The step of time, near the present one, whose code this is."""
    try:
        return pyotp.TOTP(key).verify_and_get_timecode(code, for_time=utcnow(), valid_window=CLOCKS_DIFFER)
    except OTPVerificationError:
        return None


def _count_try(user_id: int, address: str) -> None:
    whom = str(user_id)
    limits.take((WRONG_CODES, whom), (WRONG_CODES_A_DAY, whom), (WRONG_CODES_FROM, place_of(address)))


def _take(user_id: int, code: str, address: str) -> None:
    """Use a code up; the row is locked, so that nobody else can use it at the same time."""
    locking = select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update()
    factor = db.session.scalar(locking.execution_options(populate_existing=True))
    if factor is None:
        raise WrongCode(WRONG_CODE)
    typed = typed_code(code)
    if len(typed) == RECOVERY_LENGTH:
        _take_recovery_code(user_id, typed)
    else:
        key = unseal(AT_REST, factor.sealed_key)
        step = _step_of(key, typed) if key else None
        if step is None or step <= factor.last_step:
            raise WrongCode(WRONG_CODE if step is None else USED_CODE)
        factor.last_step = step
    limits.forget(WRONG_CODES, str(user_id))
    limits.forget(WRONG_CODES_A_DAY, str(user_id))
    limits.give_back(WRONG_CODES_FROM, place_of(address))


def _take_recovery_code(user_id: int, code: str) -> None:
    unused = (RecoveryCode.user_id == user_id) & RecoveryCode.used_at.is_(None)
    use = update(RecoveryCode).where(unused, RecoveryCode.code_hash == hash_token(code)).values(used_at=utcnow())
    if db.session.scalar(use.returning(RecoveryCode.user_id)) is None:
        raise WrongCode(N_("This is none of your recovery codes, or it was used already."))
    user = get_user(user_id)
    left = db.session.scalar(select(func.count()).where(unused))
    audit.record("account.recovery_code_used", subject(user), left=left)
    write_to(user, "account_recovery_code", left=left)


def _shown_both(email: str, password: str, code: str, address: str) -> User:
    """The account, locked, whose password and code were shown."""
    expected = proven(email, password, address)
    with reading():
        user = find_user(email)
    if user:
        _count_try(user.id, address)
    user = held(email, expected, address)
    _take(user.id, code, address)
    return user


def _new_codes(user_id: int) -> list[str]:
    """Recovery codes instead of those that there were, as people read them."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(code_hash=hash_token(code), user_id=user_id) for code in codes)
    return [in_groups(code, "-") for code in codes]


def _recovery_code() -> str:
    return "".join(secrets.choice(RECOVERY_CHARACTERS) for _ in range(RECOVERY_LENGTH))


def _remove(user: User) -> bool:
    """Delete the second factor with its codes; whether there was one."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    gone = delete(SecondFactor).where(SecondFactor.user_id == user.id).returning(SecondFactor.user_id)
    return db.session.scalar(gone) is not None


def _changed(user: User, letter: str, action: str) -> None:
    """What every change of the second factor brings: all browsers signed out, the owner told, a note of it."""
    end_all_sessions(user.id)
    write_to(user, letter)
    audit.record(action, subject(user))
