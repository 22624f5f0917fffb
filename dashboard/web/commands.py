"""Commands that refuse as they should: one line on standard error, a status that is not 0, no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from dashboard.errors import BusinessError
from dashboard.web.sheets import InvalidSheet, Problem

#: An argument that names a file which is there.
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Commands(AppGroup):
    """A group of commands of one feature; what stops one of them is told to the operator, in English."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BusinessError as error:
            raise click.ClickException(error.message % error.values) from error
        except UnicodeDecodeError as error:
            raise click.ClickException("The file is not UTF-8 text. Nothing was changed.") from error
        except BrokenPipeError:
            raise  # who reads the output has seen enough: click ends quietly
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror}") from error
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).partition("\n")[0]
            raise click.ClickException(
                f"The database cannot be used: {reason}. Is it running, and was `flask db upgrade` run?"
            ) from error


def read_at_most(file: Path, size: int) -> bytes:
    """The content of a file; of one that is larger, a byte more than `size`, so that it is seen to be too large."""
    with file.open("rb") as opened:
        return opened.read(size + 1)


@contextmanager
def naming_lines_of(file: Path) -> Iterator[None]:
    """Tell every line of `file` that is refused in here, with its column and the reason; then the command ends."""
    try:
        yield
    except InvalidSheet as error:
        for problem in error.problems:
            click.echo(f"{file.name}, {_where(problem)}: {problem}", err=True)
        count = len(error.problems)
        raise click.ClickException(f"Nothing was loaded: {count} problem{'s' * (count != 1)}.") from error


def _where(problem: Problem) -> str:
    return f"line {problem.line}, {problem.column}" if problem.column else f"line {problem.line}"
