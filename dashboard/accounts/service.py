"""Accounts: made, confirmed, signed in, claimed; their password, address, language and theme (R1, R21, R30)."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields

from sqlalchemy import select, update

from dashboard.accounts import limits, passwords
from dashboard.accounts.holders import (
    WRONG_PAIR,
    account_of,
    find_user,
    get_user,
    held,
    locked,
    proven,
    subject,
    write_to,
)
from dashboard.accounts.models import Identity, User
from dashboard.accounts.rules import (
    LETTERS,
    LETTERS_FROM,
    WRONG_PASSWORDS,
    Claims,
    Profile,
    Purpose,
    email_key,
    place_of,
)
from dashboard.accounts.second_factor import enter
from dashboard.accounts.sessions import end_all_sessions, start_session
from dashboard.accounts.tokens import Opened, cancel_links, mailed_link, open_link, use_link
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.errors import N_, Refused
from dashboard.extensions import db, insert_once
from dashboard.outbox import service as outbox
from dashboard.web.transactions import reading

__all__ = ["find_user", "get_user", "mailed_link", "open_link"]  # besides what stands here


def profile_of(user_id: int) -> Profile:
    """What a person has chosen."""
    user = get_user(user_id)
    return Profile(**{field.name: getattr(user, field.name) for field in fields(Profile)})


def add_user(
    email: str, name: str, password: str, *, staff: bool = False, translator: bool = False, confirmed: bool = True,
    language: str = "en",
) -> User:  # fmt: skip
    """An account made by the vendor: the demo's, and staff's (`flask staff add`).

    Raises:
        InvalidInput: if the password is too short or too long.
        Refused: if the address has an account.
    """
    return add_hashed_user(
        email, name, passwords.hash_password(password), staff=staff, translator=translator, confirmed=confirmed,
        language=language,
    )  # fmt: skip


def add_hashed_user(
    email: str, name: str, hashed: str, *, staff: bool = False, translator: bool = False, confirmed: bool = True,
    language: str = "en",
) -> User:  # fmt: skip
    """As `add_user`, with a password that is hashed already: many accounts of one password take no time.

    Raises:
        Refused: if the address has an account.
    """
    new = insert_once(
        User, email=email, email_key=email_key(email), name=name, password_hash=hashed, language=language,
        is_staff=staff, is_translator=translator, confirmed_at=utcnow() if confirmed else None,
    )  # fmt: skip
    if not new:
        raise Refused(N_("There is an account with the address %(email)s."), email=email)
    user = account_of(email)
    audit.record("account.added", subject(user), staff=staff, translator=translator)
    return user


def set_rights(email: str, *, staff: bool | None = None, translator: bool | None = None) -> User:
    """Make an account one of staff or of translators, or no longer; what is None stays as it is. All its sessions end.

    Raises:
        Refused: if the address has no account.
    """
    if find_user(email) is None:
        raise Refused(N_("There is no account with the address %(email)s."), email=email)
    user = account_of(email)
    user.is_staff = user.is_staff if staff is None else staff
    user.is_translator = user.is_translator if translator is None else translator
    end_all_sessions(user.id)
    audit.record("account.rights_changed", subject(user), staff=user.is_staff, translator=user.is_translator)
    return user


def register(name: str, email: str, password: str, language: str, address: str) -> None:
    """Make an account and mail the link that confirms its address (R1).

    If the address has an account, its owner is told so by mail; to the visitor both look alike.

    Args:
        address: where the request comes from.

    Raises:
        InvalidInput: if the password is too short or too long.
        TooMany: if the address was mailed, or letters were asked for from this place, too often.
    """
    limits.take((LETTERS, f"register {email_key(email)}"), (LETTERS_FROM, place_of(address)))
    hashed = passwords.hash_password(password)
    new = insert_once(
        User, email=email, email_key=email_key(email), name=name, password_hash=hashed, language=language
    )  # fmt: skip
    user = account_of(email)
    if new:
        audit.record("account.registered", subject(user))
    write_to(user, "account_confirm" if new else "account_exists")


def confirm_again(user_id: int, address: str) -> None:
    """Mail the link that confirms the account's address once more.

    Raises:
        TooMany: if the address was mailed, or letters were asked for from this place, too often.
    """
    with reading():
        key = get_user(user_id).email_key
    limits.take((LETTERS, f"confirm {key}"), (LETTERS_FROM, place_of(address)))
    user = get_user(user_id)
    write_to(user, "account_confirm")


def confirm(token: str, *, present: int | None, password: str = "", address: str = "") -> None:
    """Confirm the address of an account by its mailed link, and sign its owner in (`_owner_of`).

    Raises:
        DeadLink, InvalidInput, TooMany: if link or password are wrong, or the password was wrong too often.
    """
    opened = open_link(token, Purpose.CONFIRM)
    user = _owner_of(opened, present, password, address)
    use_link(token, Purpose.CONFIRM)
    user.confirmed_at = utcnow()
    audit.record("account.confirmed", subject(user))
    if opened.user_id != present:
        enter(user)


def sign_in(email: str, password: str, address: str) -> User:
    """Sign this browser in, or, if the account has a second factor, let it show that (accounts/second_factor.py).

    Args:
        address: where the request comes from.

    Raises:
        InvalidInput: if address or password are wrong; it does not say which.
        TooMany: if there were too many wrong passwords for the account, or from this place.
    """
    user = held(email, proven(email, password, address, WRONG_PAIR), address)
    enter(user)
    return user


def sign_in_by_provider(claims: Claims, language: str) -> bool:
    """Sign this browser in as who has come back from the vendor's identity provider, as `sign_in` does; whether it is.

    An account is known by the provider's own number of it, and found the first time by its address, or made. That the
    provider has confirmed the address counts like a mailed link: an account that nobody had confirmed loses what
    somebody else may have set up in it, as for a customer (`customer_account`).

    Args:
        language: of an account that is made, where the provider names none of ours.

    Raises:
        Refused: if the account is unknown, and the provider has not confirmed its address, or the account of the
            address is known by another number.
    """
    known = db.session.get(Identity, (claims.issuer, claims.subject))
    if known:
        return enter(locked(known.user_id))
    if not claims.email:
        raise Refused(N_("Your e-mail address is not confirmed there yet. Please confirm it, then sign in again."))
    user = _account_for(claims.email, claims.name, claims.language or language, "account.made_by_provider")
    confirm_by_link(user)
    connected = select(Identity.subject).where(Identity.issuer == claims.issuer, Identity.user_id == user.id)
    if db.session.scalar(connected) is not None:  # the address has got another owner there
        raise Refused(
            N_("Another account there already signs in here with this address. Please write to %(email)s."),
            email=current_settings().vendor.sales_email,
        )
    insert_once(Identity, issuer=claims.issuer, subject=claims.subject, user_id=user.id)
    audit.record("account.connected", subject(user), issuer=claims.issuer)
    return enter(user)


def ask_reset(email: str, address: str) -> None:
    """Have the link for a new password mailed, if the address has an account.

    The worker looks whether it has one, so that the answer takes as long for either.

    Raises:
        TooMany: if the address was mailed, or letters were asked for from this place, too often.
    """
    limits.take((LETTERS, f"reset {email_key(email)}"), (LETTERS_FROM, place_of(address)))
    request = secrets.token_hex(16)
    outbox.put("account_reset", f"account_reset:{request}", email=email, request=request)


def post_reset_letter(email: str, request: str) -> None:
    """The worker's part of `ask_reset`."""
    if user := find_user(email):
        write_to(user, "account_reset", key=request)


def choose_password(token: str, purpose: Purpose, password: str) -> None:
    """Set a password by a mailed link (a reset or a claim), end all sessions, sign this browser in.

    The link went to the account's address, so it confirms the address, too. It is no second factor: who has one
    must show it.

    Raises:
        InvalidInput: if the password is too short or too long.
        DeadLink: if the link cannot be used (any more).
    """
    hashed = passwords.hash_password(password)
    user = locked(use_link(token, purpose).user_id)
    user.confirmed_at = user.confirmed_at or utcnow()
    _set_password(user, hashed)
    audit.record(f"account.{'claimed' if purpose is Purpose.CLAIM else 'password_reset'}", subject(user))
    enter(user)


def change_password(email: str, present: str, wanted: str, address: str) -> None:
    """Set another password, end all sessions and sign this browser in anew.

    Raises:
        InvalidInput: if the present password is wrong.
        TooMany: if it was wrong too often.
    """
    expected = proven(email, present, address)
    hashed = passwords.hash_password(wanted)
    user = held(email, expected, address)
    _set_password(user, hashed)
    audit.record("account.password_changed", subject(user))
    write_to(user, "account_password_changed")
    start_session(user.id)


def ask_address_change(email: str, password: str, wanted: str, address: str) -> None:
    """Mail a link to the new address and a notice to the present one; nothing changes before the link is used.

    Whether the new address has an account is told to nobody but its owner.

    Raises:
        InvalidInput: if the password is wrong.
        TooMany: if it was wrong, or one of the addresses was mailed, too often.
    """
    expected = proven(email, password, address)
    both = (LETTERS, f"change {email_key(wanted)}"), (LETTERS, f"change of {email_key(email)}")
    limits.take(*both, (LETTERS_FROM, place_of(address)))
    user = held(email, expected, address)
    other = find_user(wanted)
    if other and other is not user:
        write_to(other, "account_exists")
    else:
        write_to(user, "account_change", to=wanted)
    write_to(user, "account_change_notice", wanted=wanted)
    audit.record("account.address_change_asked", subject(user))


def change_address(token: str, *, present: int | None, password: str = "", address: str = "") -> None:
    """Take the new address by its mailed link, end all sessions and sign this browser in anew, if it was (`_owner_of`).

    Raises:
        DeadLink, InvalidInput, TooMany: if link or password are wrong, or the password was wrong too often.
        Refused: if the address has got an account of its own meanwhile.
    """
    opened = open_link(token, Purpose.CHANGE)
    user = _owner_of(opened, present, password, address)
    use_link(token, Purpose.CHANGE)
    other = find_user(opened.email)
    if other and other is not user:
        raise Refused(N_("There is another account with the address %(email)s."), email=opened.email)
    audit.record("account.address_changed", subject(user), old=user.email, new=opened.email)
    user.email, user.email_key = opened.email, email_key(opened.email)
    cancel_links(user.id)
    end_all_sessions(user.id)
    if present == user.id:
        start_session(user.id)


def update_profile(user_id: int, profile: Profile) -> None:
    """Set what an account says of itself and which letters it wants (R30)."""
    user = get_user(user_id)
    for name, value in asdict(profile).items():
        setattr(user, name, value)


def keep_language(user_id: int, language: str) -> None:
    """The account speaks `language` from now on, in pages and letters (R30)."""
    db.session.execute(update(User).where(User.id == user_id).values(language=language))


def keep_theme(user_id: int, theme: str) -> None:
    db.session.execute(update(User).where(User.id == user_id).values(theme=theme))


def customer_account(email: str, name: str, language: str) -> User:
    """The account that gets an end customer's license (R21).

    That is the confirmed account of the address, else an unconfirmed one, which loses what somebody else may have
    set up in it (password, sessions, name) and must be claimed by a mailed link, else a new one without password.
    """
    return _account_for(email, name, language, "account.made_for_customer")


def member_account(email: str, name: str, language: str) -> User:
    """The account of somebody whom the vendor makes a member of a reseller: as for a customer (`customer_account`)."""
    return _account_for(email, name, language, "account.made_for_member")


def invited_account(email: str, name: str, hashed: str, language: str) -> User:
    """The account of somebody who came by a link mailed to the address, and signs in with this password from now on.

    The link confirms the address. An unconfirmed account of the address loses what somebody else may have set up in
    it, as for a customer (`customer_account`).

    Args:
        hashed: of `passwords.hash_password`.

    Raises:
        Refused: if the address has a confirmed account: its owner signs in instead.
    """
    user = _account_for(email, name, language, "account.made_by_invitation")
    if not needs_claim(user):
        raise Refused(N_("This address has an account here. Please sign in with it first."))
    user.confirmed_at = utcnow()
    _set_password(user, hashed)
    audit.record("account.registered", subject(user))
    return user


def confirm_by_link(user: User) -> None:
    """The owner of an account, who is signed in, has opened a link that was mailed to its address (R1)."""
    if user.confirmed_at is None:
        user.confirmed_at = utcnow()
        audit.record("account.confirmed", subject(user))


def _account_for(email: str, name: str, language: str, action: str) -> User:
    insert_once(User, email=email, email_key=email_key(email), name=name, language=language)
    user = account_of(email)
    if needs_claim(user):
        user.email, user.name, user.language, user.password_hash = email, name, language, None
        end_all_sessions(user.id)
        cancel_links(user.id, but=(Purpose.CLAIM,))
        audit.record(action, subject(user))
    return user


def needs_claim(user: User) -> bool:
    """Whether the owner of the address still has to take the account over by a mailed link (R21)."""
    return user.confirmed_at is None


def _owner_of(opened: Opened, present: int | None, password: str, address: str) -> User:
    """The account of a mailed link, locked, if it is its owner who has opened the link.

    The link alone does not say so: else somebody who enters a foreign address could have its owner confirm it, and
    would then catch the owner's licenses (R21). The password shows that it is the same person.

    Args:
        present: the account that this browser is signed in with; if it is the link's, no password is asked.
        address: where the request comes from.
    """
    if opened.user_id == present:
        return locked(present)
    with reading():
        email = get_user(opened.user_id).email
    return held(email, proven(email, password, address), address)


def _set_password(user: User, hashed: str) -> None:
    """Another password ends everything that stood on the old one; its owner need not wait for a limit."""
    user.password_hash = hashed
    end_all_sessions(user.id)
    cancel_links(user.id)
    limits.forget(WRONG_PASSWORDS, user.email_key)
