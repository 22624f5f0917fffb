"""What no walk through the pages can see: how passwords are hashed, who reads XML, writes tables, changes rights."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from argon2 import Type

from dashboard.accounts import passwords
from dashboard.config import ROOT

SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "dashboard").rglob("*.py"))
    if "migrations" not in path.parts
}

#: Readers of XML other than lxml, which cannot be told to leave entities and the network alone.
FOREIGN_READERS = {"xml", "defusedxml", "xmltodict"}

#: Writes, and reads nothing.
WRITERS = {"xml.sax.saxutils"}

#: lxml's ways to read, which are safe with a parser like ours only.
READS = {"fromstring", "parse", "XML", "XMLID", "fromstringlist", "iterparse"}

#: What an account may do stands in these columns.
RIGHTS = {"is_staff", "is_translator", "role"}


def _name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _options(call: ast.Call) -> dict[str, object]:
    return {word.arg: getattr(word.value, "value", ...) for word in call.keywords if word.arg}


def open_to_entities(source: str) -> Iterator[str]:
    """Where XML is read so that it could name files, addresses or bombs."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)]
            yield from (
                f"imports {name}" for name in names if name.split(".")[0] in FOREIGN_READERS and name not in WRITERS
            )
        if not isinstance(node, ast.Call):
            continue
        given = _options(node)
        if _name(node.func) == "XMLParser":
            asked = (given.get("resolve_entities"), given.get("no_network", True), given.get("load_dtd", False))
            if asked != (False, True, False) or given.get("huge_tree"):
                yield f"line {node.lineno}: a parser that follows what it reads"
        if isinstance(node.func, ast.Attribute) and _name(node.func.value) == "etree" and node.func.attr in READS:
            safe = given.get("resolve_entities") is False if node.func.attr == "iterparse" else "parser" in given
            if not safe and len(node.args) < 2:
                yield f"line {node.lineno}: {node.func.attr} without a parser"


def changes_rights_only(source: str) -> Iterator[str]:
    """Functions that change what an account may do and leave its sessions alive."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and any(map(_changes_rights, ast.walk(function))):
            called = {_name(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
            if "end_all_sessions" not in called:
                yield f"{function.name} changes rights and ends no session"


def _changes_rights(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        parts = [part for target in targets for part in ast.walk(target)]
        return any(isinstance(part, ast.Attribute) and part.attr in RIGHTS for part in parts)
    if not isinstance(node, ast.Call):
        return False
    if _name(node.func) == "values":
        return bool(RIGHTS & set(_options(node)))
    return _name(node.func) == "delete" and any(_name(argument) == "Member" for argument in node.args)


def writes_tables(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"csv.writer", "csv.DictWriter"}:
            yield f"line {node.lineno}"


def test_R01_argon2id_costs_what_rfc_9106_asks() -> None:
    """Its second recommendation, for servers that are short of memory: three passes over 64 MiB."""
    hasher = passwords._hasher
    assert (hasher.type, hasher.time_cost, hasher.memory_cost) == (Type.ID, 3, 64 * 1024)


@pytest.mark.parametrize("path", SOURCES)
def test_xml_is_read_without_entities_and_network(path: str) -> None:
    assert list(open_to_entities(SOURCES[path])) == []


@pytest.mark.parametrize("path", SOURCES)
def test_R01_who_changes_rights_ends_the_sessions(path: str) -> None:
    assert list(changes_rights_only(SOURCES[path])) == []


def test_tables_for_spreadsheets_are_written_in_one_place() -> None:
    """There every cell is made harmless (web/exports.py)."""
    assert [path for path in SOURCES if any(writes_tables(SOURCES[path]))] == ["dashboard/web/exports.py"]


@pytest.mark.parametrize(
    "fault",
    [
        "import xml.etree.ElementTree",
        "from xml.dom import minidom",
        "etree.fromstring(content)",
        "etree.parse(file)",
        "etree.iterparse(file)",
        "etree.XMLParser()",
        "etree.XMLParser(resolve_entities=True)",
        "etree.XMLParser(resolve_entities=False, no_network=False)",
        "etree.XMLParser(resolve_entities=False, load_dtd=True)",
        "etree.XMLParser(resolve_entities=False, huge_tree=True)",
    ],
)
def test_a_careless_reader_is_found(fault: str) -> None:
    assert len(list(open_to_entities(fault))) == 1


@pytest.mark.parametrize(
    "sound", ["etree.fromstring(content, parser)", "etree.parse(file, parser=p)", "etree.tostring(root)"]
)
def test_a_careful_reader_is_not(sound: str) -> None:
    assert list(open_to_entities(sound)) == []


@pytest.mark.parametrize(
    "fault",
    [
        "user.is_staff = True",
        "user.name, user.is_translator = a, b",
        "member.role = 'owner'",
        "db.session.execute(update(Member).values(role='viewer'))",
        "db.session.execute(delete(Member).where(Member.user_id == 1))",
        "db.session.delete(Member)",
    ],
)
def test_a_change_of_rights_that_ends_no_session_is_found(fault: str) -> None:
    function = f"def change():\n    {fault}\n"
    assert len(list(changes_rights_only(function))) == 1
    assert list(changes_rights_only(f"{function}    end_all_sessions(user.id)\n")) == []


def test_another_writer_of_tables_is_found() -> None:
    assert list(writes_tables("csv.writer(file)")) == ["line 1"]
