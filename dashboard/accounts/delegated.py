"""Signing in with the vendor's own identity provider: OpenID Connect Core 1.0, code flow with PKCE (R1).

What the provider says is believed because it comes from the provider itself: over TLS, signed with its key, made for
us and for this very sign-in (`nonce`). What follows from it: `service.sign_in_by_provider`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from email_validator import EmailNotValidError, validate_email
from flask import current_app, session
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response as BaseResponse

from dashboard.accounts.rules import Claims
from dashboard.config import Provider
from dashboard.web.languages import LANGUAGES

#: Seconds that the provider has for each answer.
PATIENCE = 10

#: What goes wrong with the provider or on the way to it; anything else is a fault of ours.
FAULTS = (AuthlibBaseError, JoseError, RequestException, RuntimeError, ValueError, KeyError)


class ProviderFault(Exception):
    """The provider cannot be reached, or what it says cannot be believed; the text is for the operator."""


def send_there(provider: Provider, back: str) -> BaseResponse:
    """Send the browser to the provider; what it must bring back is kept in its session's cookie.

    Args:
        back: the address that the provider sends it to afterwards.

    Raises:
        ProviderFault: if the provider cannot be reached.
    """
    for name in [name for name in session if name.startswith("_state_")]:
        del session[name]  # of a way that was not gone to its end: a cookie has little room
    try:
        answer = _client(provider).authorize_redirect(back)
    except FAULTS as error:
        raise ProviderFault(_told(error)) from error
    assert isinstance(answer, BaseResponse)
    return answer


def claims_of_returned(provider: Provider) -> Claims:
    """Who has come back, from the code in the address of the present request. Asks the provider: no lock is held.

    Raises:
        ProviderFault: if it is no answer to what this browser was sent for, or cannot be believed.
    """
    expected = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    try:
        told: Mapping[str, Any] = _client(provider).authorize_access_token(claims_options=expected)["userinfo"]
        number = str(told["sub"])
    except FAULTS as error:
        raise ProviderFault(_told(error)) from error
    email, locale = _address(told), str(told.get("locale") or "")[:2].lower()
    return Claims(
        issuer=provider.issuer,
        subject=number,
        email=email,
        name=str(told.get("name") or "").strip()[:200] or email.partition("@")[0],
        language=locale if locale in LANGUAGES else "",
    )


def _address(told: Mapping[str, Any]) -> str:
    """The e-mail address, if the provider has confirmed it and letters can be sent to it."""
    if told.get("email_verified") not in (True, "true"):
        return ""
    try:
        return validate_email(str(told.get("email")), check_deliverability=False).normalized
    except EmailNotValidError:
        return ""


def _told(error: Exception) -> str:
    """One line for the operator, of no secret: codes and tokens are never part of what these libraries say."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


@lru_cache
def _client(provider: Provider) -> Any:
    """Speaks with the provider; keeps what that has published of itself."""
    return OAuth(current_app).register(
        "provider",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
        },
    )
