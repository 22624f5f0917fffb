"""The reseller dashboard: `create_app` puts it together, in this order: settings, extensions, features."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard.accounts import cli as accounts_cli
from dashboard.accounts import delegated_views as delegated
from dashboard.accounts import jobs as accounts_jobs
from dashboard.accounts import kept_views as kept
from dashboard.accounts import second_factor_views as second_factor
from dashboard.accounts import views as accounts
from dashboard.catalog import cli as catalog_cli
from dashboard.catalog import staff_views as staff_catalog
from dashboard.catalog import views as catalog
from dashboard.checkout import bulk_views as bulk
from dashboard.checkout import views as checkout
from dashboard.config import ROOT, Settings, load_settings
from dashboard.customers import jobs as customers_jobs
from dashboard.customers import views as customers
from dashboard.demo import cli as demo_cli
from dashboard.demo.accounts import ACCOUNTS
from dashboard.enquiries import cli as enquiries_cli
from dashboard.enquiries import jobs as enquiries_jobs
from dashboard.enquiries import staff_views as staff_enquiries
from dashboard.enquiries import views as enquiries
from dashboard.extensions import babel, csrf, db, htmx, login_manager, migrate
from dashboard.fulfilment import account_views as account
from dashboard.fulfilment import certificate_views as staff_certificates
from dashboard.fulfilment import cli as fulfilment_cli
from dashboard.fulfilment import entry_views as staff_entries
from dashboard.fulfilment import jobs as fulfilment_jobs
from dashboard.fulfilment import license_views as company_licenses
from dashboard.fulfilment import staff_views as staff_fulfilment
from dashboard.fulfilment import views as fulfilment
from dashboard.home import gallery, health
from dashboard.home import jobs as home_jobs
from dashboard.home import report_views as reports
from dashboard.home import search_views as search
from dashboard.home import service as home_service
from dashboard.home import settings_views as staff_settings
from dashboard.home import staff_views as staff_mail
from dashboard.home import views as home
from dashboard.invoices import jobs as invoices_jobs
from dashboard.invoices import views as invoices
from dashboard.jobs import jobs as jobs_jobs
from dashboard.jobs import views as jobs
from dashboard.jobs.work import Work
from dashboard.licenses import cli as licenses_cli
from dashboard.licenses import jobs as licenses_jobs
from dashboard.licenses import views as licenses
from dashboard.mail import jobs as mail_jobs
from dashboard.mail.service import Composer
from dashboard.orders import jobs as orders_jobs
from dashboard.orders import staff_views as staff_orders
from dashboard.orders import views as orders
from dashboard.outbox import worker
from dashboard.outbox.schedule import Periodic
from dashboard.outbox.worker import Handler
from dashboard.payments import staff_views as staff_payments
from dashboard.prose import cli as prose_cli
from dashboard.prose import staff_views as staff_texts
from dashboard.quotes import jobs as quotes_jobs
from dashboard.quotes import views as quotes
from dashboard.resellers import jobs as resellers_jobs
from dashboard.resellers import looking_views as looking
from dashboard.resellers import staff_views as staff_resellers
from dashboard.resellers import team_views as team
from dashboard.resellers import views as resellers
from dashboard.resellers.actors import load_actor
from dashboard.statements import cli as statements_cli
from dashboard.statements import jobs as statements_jobs
from dashboard.statements import staff_views as staff_statements
from dashboard.statements import views as statements
from dashboard.tax import cli as tax_cli
from dashboard.tax import jobs as tax_jobs
from dashboard.tax import staff_views as staff_tax
from dashboard.tax import views as tax
from dashboard.translators import cli as translators_cli
from dashboard.translators import views as translators
from dashboard.web import compression, countries, error_pages, formats, headers, languages, logs, pages, texts
from dashboard.web.access import Actor
from dashboard.web.application import DashboardApp
from dashboard.web.transactions import engine_options, prepare_engine

BLUEPRINTS = (
    home.bp,
    search.bp,
    accounts.bp,
    delegated.bp,
    second_factor.bp,
    kept.bp,
    resellers.bp,
    team.bp,
    jobs.bp,
    catalog.bp,
    licenses.bp,
    orders.bp,
    invoices.bp,
    statements.bp,
    fulfilment.bp,
    company_licenses.bp,
    checkout.bp,
    bulk.bp,
    quotes.bp,
    tax.bp,
    customers.bp,
    enquiries.bp,
    staff_resellers.bp,
    looking.bp,
    staff_orders.bp,
    invoices.staff_bp,
    staff_statements.bp,
    staff_fulfilment.bp,
    staff_payments.bp,
    staff_entries.bp,
    account.bp,
    account.staff_bp,
    staff_tax.bp,
    staff_certificates.bp,
    staff_enquiries.bp,
    staff_mail.bp,
    staff_texts.bp,
    staff_catalog.bp,
    translators.bp,
    staff_settings.bp,
    reports.bp,
    staff_mail.effects,
    gallery.bp,
    health.bp,
)
JOBS = (
    mail_jobs,
    accounts_jobs,
    resellers_jobs,
    jobs_jobs,
    orders_jobs,
    invoices_jobs,
    licenses_jobs,
    tax_jobs,
    statements_jobs,
    fulfilment_jobs,
    quotes_jobs,
    customers_jobs,
    enquiries_jobs,
    home_jobs,
)
COMMANDS = (
    accounts_cli.staff,
    catalog_cli.commands,
    fulfilment_cli.resellers,
    prose_cli.texts,
    tax_cli.commands,
    fulfilment_cli.payments,
    statements_cli.statements,
    licenses_cli.licenses,
    enquiries_cli.commands,
    demo_cli.commands,
    translators_cli.translations,
)

#: Longest body that a request may have, in bytes.
MAX_BODY = 12 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """The application, ready to serve.

    Args:
        settings: given by tests; else read from the environment.

    Raises:
        SettingsError: if the settings do not allow a start.
    """
    settings = settings or load_settings()
    app = DashboardApp(__name__, static_folder=None, template_folder=str(ROOT / "templates"))
    _configure(app, settings)
    _extend(app)
    _add_features(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        TESTING=settings.testing,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=MAX_BODY,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        TRANSLATIONS=ROOT / "translations",
        WTF_CSRF_TIME_LIMIT=None,  # a form may be filled in slowly; the token ends with the session
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    logs.init_app(app)


def _extend(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "dashboard" / "migrations"))
    csrf.init_app(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    login_manager.session_protection = None  # sessions are kept and ended on the server
    login_manager.anonymous_user = Actor
    login_manager.user_loader(load_actor)
    babel.init_app(app, locale_selector=languages.choose_language)
    for part in (texts, formats, countries, languages, pages, compression, headers, error_pages):
        part.init_app(app)


def _add_features(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    handlers: dict[str, Handler] = {}
    composers: dict[str, Composer] = {}
    schedule: list[Periodic] = []
    work: dict[str, Work] = {}
    for one in JOBS:
        handlers |= getattr(one, "HANDLERS", {})
        composers |= getattr(one, "COMPOSERS", {})
        schedule += getattr(one, "SCHEDULE", [])
        work |= getattr(one, "WORK", {})
    app.extensions["work"] = work
    app.extensions["mail_composers"] = composers
    app.extensions["demo_accounts"] = ACCOUNTS
    app.extensions["navigation"] = home_service.navigation
    worker.init_app(app, handlers, schedule)
