"""`flask enquiries`: mails that the mail server hands over (R32)."""

from __future__ import annotations

import logging
import os
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from dashboard.enquiries import inbox
from dashboard.enquiries.reading import MOST_READ, Unreadable, read
from dashboard.web.commands import Commands

commands = Commands("enquiries", help="Enquiries: answers by mail.")

log = logging.getLogger(__name__)


@commands.command("receive")
@click.option("--recipient", multiple=True, metavar="ADDRESS", help="Recipient of the envelope; may be given again.")
@click.option("--sender", metavar="ADDRESS", help="Sender of the envelope; empty or MAILER-DAEMON: the mail server.")
@click.pass_context
def receive(context: click.Context, recipient: tuple[str, ...], sender: str | None) -> None:
    """File one mail (RFC 5322) from standard input with its enquiry, or keep it for staff to say where it belongs.

    Ends with 0 when that is done, with 75 when the mail server is to try again later, and with 65 for what is no mail.
    """
    content = sys.stdin.buffer.read(MOST_READ)
    while sys.stdin.buffer.read(MOST_READ):
        pass  # a mail server that cannot hand over the whole mail would try again
    try:
        state = inbox.receive(read(content, recipient, sender))
    except Unreadable as error:
        click.echo(f"Error: This is no mail. {error}", err=True)
        context.exit(os.EX_DATAERR)
    except SQLAlchemyError as error:
        log.error("the database cannot be used: %s", str(error).partition("\n")[0])
        click.echo("Error: The database cannot be used. Try again later.", err=True)
        context.exit(os.EX_TEMPFAIL)
    except Exception:
        log.exception("a mail could not be filed")  # it stays with the mail server until that is mended
        click.echo("Error: The mail could not be filed. Try again later.", err=True)
        context.exit(os.EX_TEMPFAIL)
    click.echo(state or "known already")
