"""Commands that refuse as they should: one line on standard error, a status that is not 0, no traceback."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from dashboard.errors import BusinessError


class Commands(AppGroup):
    """A group of commands of one feature; what stops one of them is told to the operator, in English."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BusinessError as error:
            raise click.ClickException(error.message % error.values) from error
        except UnicodeDecodeError as error:
            raise click.ClickException("The file is not UTF-8 text. Nothing was changed.") from error
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'A file'}: {error.strerror}") from error
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).splitlines()[0]
            raise click.ClickException(
                f"The database cannot be used: {reason}. Is it running, and was `flask db upgrade` run?"
            ) from error
