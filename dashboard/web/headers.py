"""Security headers, on every response: pages, errors and files alike."""

from __future__ import annotations

from flask import Flask, Response

from dashboard.config import current_settings
from dashboard.web.access import actor

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def protect(response: Response) -> Response:
    """Add the headers; what a signed-in person sees is kept by no cache."""
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if current_settings().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store" if actor.is_authenticated else "no-cache"
    response.vary.update(["Cookie", "Accept-Language"])
    return response


def init_app(app: Flask) -> None:
    app.after_request(protect)
