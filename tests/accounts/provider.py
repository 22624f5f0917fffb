"""An identity provider: OpenID Connect's code flow with PKCE, as strict as a real one, over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "dashboard", "the client's own secret"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True) for kid in ("one", "two"))

Query = dict[str, str]


class IdentityProvider:
    """Its person has always signed in already; a test changes what it says by `claims`, and whether it answers."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.claims: dict[str, Any] = {"sub": "248289761001", "email": "jan@nordwind.example", "email_verified": True,
                                       "name": "Jan Petersen", "locale": "en-GB"}  # fmt: skip
        self.key = KEY
        self.extra: dict[str, Any] = {}  #: of the token, instead of what belongs there
        self.without_token = False
        self._asked: dict[str, Query] = {}

    def visited(self, location: str) -> str:
        """A browser comes with the address that we have sent it to; where the provider sends it back to."""
        url = urlsplit(location)
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{self.issuer}/authorize"
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["scope"].split() == ["openid", "email", "profile"]
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, path: str) -> dict[str, Any]:
        """What it publishes of itself."""
        if path == "/jwks":
            return {"keys": [KEY.as_dict(private=False)]}
        assert path == "/.well-known/openid-configuration", path
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }  # fmt: skip

    def token(self, form: Query, authorization: str) -> dict[str, Any]:
        """The tokens for a code, which is used up; KeyError or AssertionError for anything that is not in order."""
        asked = self._asked.pop(form["code"])
        assert authorization == "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        assert form["redirect_uri"] == asked["redirect_uri"]
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        tokens = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 60}
        return tokens if self.without_token else {**tokens, "id_token": self._id_token(asked)}

    def _id_token(self, asked: Query) -> str:
        now = int(time.time())
        registered = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**registered, **self.claims, **self.extra}.items() if value}
        return jwt.encode({"alg": "RS256", "kid": KEY.kid}, claims, self.key)


@contextmanager
def running_provider() -> Iterator[IdentityProvider]:
    """One that listens at a port of its own until the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/authorize?"):  # a real browser comes by itself
                self.send_response(302)
                self.send_header("Location", provider.visited(provider.issuer + self.path))
                self.end_headers()
            else:
                self._send(200, provider.answer(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            try:
                self._send(200, provider.token(form, self.headers.get("Authorization", "")))
            except (KeyError, AssertionError):
                self._send(400, {"error": "invalid_grant"})

        def _send(self, status: int, content: dict[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_args: Any) -> None:
            """It says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = IdentityProvider(server.server_address[1])
        Thread(target=server.serve_forever, daemon=True).start()
        yield provider
        server.shutdown()
