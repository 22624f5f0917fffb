"""The size check finds a module and a view that grew too long."""

from __future__ import annotations

from tools.check_sizes import check

ROUTE = '@bp.get("/orders", requires=Permission.PUBLIC)\ndef show():\n'


def test_a_long_module_is_found() -> None:
    assert list(check("a.py", "pass\n" * 400)) == []
    assert list(check("a.py", "pass\n" * 401)) == ["a.py: 401 lines; a module has at most 400"]


def test_a_long_view_is_found() -> None:
    assert list(check("views.py", ROUTE + "    pass\n" * 24)) == []
    assert list(check("views.py", ROUTE + "    pass\n" * 25)) == [
        "views.py:2: show has 26 lines; a view has at most 25"
    ]


def test_what_is_no_view_may_be_longer() -> None:
    assert list(check("service.py", "@cached\ndef work():\n" + "    pass\n" * 60)) == []


def test_a_module_that_python_cannot_read_is_found() -> None:
    assert list(check("a.py", "def\n")) == ["a.py:1: invalid syntax"]
