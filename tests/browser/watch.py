"""What must not happen on any page of a browser test."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

#: Chromium says so of every answer that is a refusal; what must not be missing is looked at as it arrives.
EXPECTED = "Failed to load resource: the server responded with a status of"

#: What a page cannot do without.
PARTS = {"stylesheet", "script", "image", "font"}


def watch(context: BrowserContext, url: str, problems: list[str]) -> None:
    """Collect script errors, breaches of the Content-Security-Policy, missing files and requests to other hosts."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            problems.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and f"{address.scheme}://{address.netloc}" != url:
            problems.append(f"request to another host: {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and response.request.resource_type in PARTS):
            problems.append(f"{response.status}: {response.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: problems.append(f"script: {error.error}"))
    context.on("request", on_request)
    context.on("response", on_response)
