"""Check that modules and views stay small: at most 400 lines a module, 25 a view."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MODULE_LINES = 400
VIEW_LINES = 25

#: Where our own code stands; migrations are written once, by a program.
FOLDERS = ("dashboard", "tools", "tests")
EXEMPT = ("dashboard/migrations/versions/",)

#: What makes a function a view: `@orders.get("/orders", …)`.
ROUTING = {"get", "post", "put", "patch", "delete", "route"}


def check(name: str, source: str) -> Iterator[str]:
    """What is too long in one module; `name` is its path."""
    if (lines := source.count("\n")) > MODULE_LINES:
        yield f"{name}: {lines} lines; a module has at most {MODULE_LINES}"
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"{name}:{error.lineno}: {error.msg}"
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and any(map(_is_route, function.decorator_list)):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > VIEW_LINES:
                yield f"{name}:{function.lineno}: {function.name} has {length} lines; a view has at most {VIEW_LINES}"


def _is_route(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return False
    return decorator.func.attr in ROUTING and any(word.arg == "requires" for word in decorator.keywords)


def main() -> int:
    paths = [path for folder in FOLDERS for path in sorted(Path(folder).rglob("*.py"))]
    names = [path.as_posix() for path in paths if not path.as_posix().startswith(EXEMPT)]
    faults = [fault for name in names for fault in check(name, Path(name).read_text(encoding="utf-8"))]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
