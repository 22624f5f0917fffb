"""Every command of the product explains itself, and refuses in one line with a status that is not 0."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from dashboard.web.commands import Commands
from tests.factories import make_user

Path_ = tuple[str, ...]

#: What each command refuses: its arguments, its input, and words of the one line that says why. `{file}` is a file with
#: words of no use, `{binary}` one that is no text, `{empty}` one with nothing in it.
REFUSALS: dict[Path_, list[tuple[list[str], str, str]]] = {
    ("staff", "add"): [
        (["anna@romashka.example", "Anna", "--password-stdin"], "four quiet gray mice\n", "There is an account with"),
        (["anna", "Anna", "--password-stdin"], "four quiet gray mice\n", "An email address must have an @-sign"),
        (["new@lumivara.example", "Anna", "--password-stdin"], "short\n", "characters"),
        (["new@lumivara.example", "Anna", "--language", "de"], "", "'de' is not one of"),
        (["new@lumivara.example", " ", "--password-stdin"], "four quiet gray mice\n", "one line of 1 to 200"),
        (["new@lumivara.example", "A\nB", "--password-stdin"], "four quiet gray mice\n", "one line of 1 to 200"),
        (["new@lumivara.example", "A" * 201, "--password-stdin"], "four quiet gray mice\n", "one line of 1 to 200"),
        (["new@lumivara.example", "Anna", "--password-stdin"], "", "characters"),
    ],
    ("staff", "rights"): [
        (["nobody@example.com", "--staff"], "", "There is no account with"),
        (["anna", "--staff"], "", "An email address must have an @-sign"),
    ],
    ("staff", "reset-second-factor"): [(["anna@romashka.example"], "", "has two-step sign-in")],
    ("staff", "reseal-second-factors"): [([], "another key\n", "has sealed nobody's")],
    ("catalog", "load"): [
        (["{file}"], "", "Nothing was loaded"),
        (["{binary}"], "", "Nothing was loaded"),
        (["{empty}"], "", "Nothing was loaded"),
        (["{file}", "--dry-run"], "", "Nothing was loaded"),
        (["{file}", "--valid-from", "yesterday"], "", "does not match the format"),
        (["{file}", "--from", "yesterday"], "", "does not match the format"),
        (["{folder}"], "", "is a directory"),
    ],
    ("resellers", "load"): [
        (["{file}"], "", "file, line 1: The first line must name these columns: key, name"),
        (["{binary}"], "", "Nothing was loaded: 1 problem."),
        (["{empty}", "--dry-run"], "", "The file is empty."),
        (["{folder}"], "", "is a directory"),
    ],
    ("payments", "import"): [
        (["{file}"], "", "This is neither a bank statement nor a table"),
        (["{table}"], "", "table: a table needs --mapping NAME"),
        (["{binary}"], "", ""),
        (["{empty}", "--dry-run"], "", ""),
        (["{folder}"], "", "is a directory"),
    ],
    ("statements", "run"): [
        (["--month", "yesterday"], "", "Write the month like 2026-11."),
    ],
    ("texts", "publish"): [
        (["policy", "{file}", "{empty}"], "", "must have words in both languages"),
        (["policy", "{file}", "{binary}"], "", "not UTF-8"),
        (["license", "{file}", "{file}"], "", "'license' is not one of"),
    ],
    ("texts", "show"): [(["programme", "--version", "7"], "", "does not exist")],
    ("tax", "load"): [
        (["{file}"], "", "Nothing was loaded"),
        (["{binary}"], "", "The line is not written in UTF-8."),
        (["{empty}"], "", "The file is empty."),
    ],
    ("licenses", "new-key"): [([], "", "File exists")],
    ("licenses", "verify"): [
        (["{file}"], "", "XML"),
        (["{binary}"], "", "XML"),
        (["{empty}"], "", "XML"),
    ],
    ("enquiries", "receive"): [
        ([], "words of no use\n", "This is no mail. It has no sender."),
        (["--sender", "a@b.example"], "", "This is no mail."),
    ],
    ("translations", "check"): [
        (["{file}"], "", "no line of a .po file"),
        (["{binary}"], "", "NUL bytes"),
        (["{empty}"], "", "does not begin with a header"),
    ],
    ("demo", "load"): [([], "", "DEMO is not set")],
    ("demo", "reset"): [([], "", "DEMO is not set")],
    ("worker",): [(["now"], "", "unexpected extra argument")],
}


def commands(group: click.Group, path: Path_ = ()) -> Iterator[tuple[Path_, click.Command]]:
    """All commands that are ours, those of Flask and Flask-Migrate aside."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif getattr(command.callback, "__wrapped__", command.callback).__module__.startswith("dashboard."):
            yield (*path, name), command


@pytest.fixture
def ours(app: Flask) -> dict[Path_, click.Command]:
    return dict(commands(app.cli))


@pytest.fixture
def run(app: Flask, db: scoped_session[Session], tmp_path: Path) -> Callable[..., Any]:
    runner = FlaskCliRunner(app)
    contents = {
        "file": b"words of no use\n",
        "binary": b"\xff\x00\xfe",
        "empty": b"",
        "table": b"date;sum\n1.1.2026;5\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)

    def invoke(path: Path_, arguments: list[str], typed: str = "") -> Any:
        db.commit()
        places = {"folder": tmp_path} | {name: tmp_path / name for name in contents}
        given = [argument.format(**places) for argument in arguments]
        return runner.invoke(args=[*path, *given], input=typed)

    return invoke


def test_all_commands_are_walked(ours: dict[Path_, click.Command]) -> None:
    assert ours.keys() == REFUSALS.keys()


def test_every_command_explains_itself(app: Flask, ours: dict[Path_, click.Command], run: Callable[..., Any]) -> None:
    for path, command in ours.items():
        done = run(path, ["--help"])
        assert done.exit_code == 0, path
        assert (command.help or "").splitlines()[0] in " ".join(done.output.split()), path
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{path} {option.name}"
                assert option.opts[0] in done.output
            else:
                assert str(option.name).upper() in done.output
    for name, group in app.cli.commands.items():
        if isinstance(group, Commands):
            assert group.help, name
            shown = run((name,), ["--help"])
            assert shown.exit_code == 0
            assert group.help in " ".join(shown.output.split())
            assert all(command in shown.output for command in group.commands)


def test_every_command_refuses_what_it_does_not_know(ours: dict[Path_, click.Command], run: Callable[..., Any]) -> None:
    for path, command in ours.items():
        assert run(path, ["--no-such-option"]).exit_code == 2, path
        if any(isinstance(param, click.Argument) for param in command.params):
            assert run(path, []).exit_code == 2, path
        for count, param in enumerate(command.params):
            if isinstance(param.type, click.Path) and isinstance(param, click.Argument):
                assert run(path, ["{file}"] * count + ["/no/such/file"]).exit_code == 2, path


@pytest.mark.parametrize(
    ("path", "refusal"), [(path, refusal) for path, refusals in REFUSALS.items() for refusal in refusals]
)
def test_a_refusal_is_told(
    app: Flask, run: Callable[..., Any], path: Path_, refusal: tuple[list[str], str, str]
) -> None:
    arguments, typed, words = refusal
    make_user(email="anna@romashka.example")
    shutil.rmtree(app.config["SETTINGS"].license_keys, ignore_errors=True)
    if path == ("licenses", "new-key"):
        app.config["SETTINGS"].license_keys.write_text("in the way", encoding="utf-8")
    done = run(path, arguments, typed)
    assert done.exit_code in {1, 2, os.EX_DATAERR}, done.output
    assert isinstance(done.exception, SystemExit), done.exception
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_a_database_without_tables_is_told_in_one_line(run: Callable[..., Any], db: scoped_session[Session]) -> None:
    db.execute(text("ALTER TABLE users RENAME TO persons"))
    done = run(("staff", "add"), ["a@lumivara.example", "Anna", "--password-stdin"], "four quiet gray mice\n")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert "The database cannot be used" in done.stderr
    assert "flask db upgrade" in done.stderr


def test_a_command_that_succeeds_ends_with_0(app: Flask, run: Callable[..., Any]) -> None:
    assert run(("licenses", "new-key"), []).exit_code == 0
    assert run(("licenses", "new-key"), ["--if-none"]).output == ""
    assert run(("texts", "publish"), ["policy", "{file}", "{file}"]).output.endswith("is in force\n")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), "Error: No space left on device\n"),
        (OSError(30, "Read-only file system", "/data/x"), "Error: /data/x: Read-only file system\n"),
        (BrokenPipeError(32, "Broken pipe"), ""),
    ],
)
def test_what_the_machine_refuses_is_told_in_one_line(error: OSError, told: str) -> None:
    """A reader such as `head` that has seen enough is no fault at all."""
    group = Commands("planted")

    @group.command("fail", with_appcontext=False)
    def fail() -> None:
        raise error

    done = FlaskCliRunner(Flask("planted")).invoke(group, ["fail"])
    assert (done.exit_code, done.stderr) == (1, told)


def test_faults_of_our_own_are_not_hidden() -> None:
    """Only what the operator can act on is a line; a defect stays a traceback."""
    group = Commands("planted")

    @group.command("fail", with_appcontext=False)
    def fail() -> None:
        raise RuntimeError("a defect")

    done = FlaskCliRunner(Flask("planted")).invoke(group, ["fail"])
    assert isinstance(done.exception, RuntimeError)
