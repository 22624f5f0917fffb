"""Pages are painted when they are whole: what stands already does not move while the rest comes (layout shift)."""

from __future__ import annotations

from tests.client import Client


def test_the_page_s_own_script_runs_after_the_page_and_is_waited_for_before_it_is_painted(client: Client) -> None:
    (script,) = client.get("/").tree.xpath("//head/script[contains(@src, '/app.')]")
    assert script.get("blocking") == "render"
    assert script.get("defer") is not None
