"""Community Fund Grants. ``create_app`` is the only assembler."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from flask import Flask

from grants.config import Settings, SettingsError
from grants.extensions import db, migrate, prepare_sqlite
from grants.funds.loader import all_funds
from grants.funds.schema import FundError

JOURNEYS = (
    "health",
    "public",
    "account",
    "home",
    "rounds",
    "apply",
    "assess",
    "award",
    "returns",
    "evaluate",
    "admin",
    "organisations",
)
ROOT = Path(__file__).resolve().parent


def create_app(settings: Settings | None = None) -> Flask:
    """The product, put together. Raises SystemExit(2) with one sentence for a wrong setting."""
    if settings is None:
        settings = _settings()
    _check_funds()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(settings.instance.resolve()), static_folder="static")
    _configure(app, settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT.parent / "migrations"), render_as_batch=True)
    from grants import models  # noqa: F401, PLC0415 (the assembler may defer: tables register here)

    with app.app_context():
        prepare_sqlite(db.engine, durable=settings.durable)
    import_module("grants.storage.store").files.bind(settings.instance / "files")
    import_module("grants.storage.scanner").scanner.bind(settings.clamd_socket)
    gate = import_module("grants.web.gate")
    gate.install(app, settings)
    for name in JOURNEYS:
        app.register_blueprint(import_module(f"grants.blueprints.{name}").blueprint)
    import_module("grants.jobs").install(app, settings)
    import_module("grants.commands").install(app)
    return app


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except SettingsError as error:
        raise SystemExit(f"{error}") from error


def _check_funds() -> None:
    """A broken rulebook stops the start with one sentence, not an applicant's page."""
    try:
        all_funds()
    except FundError as error:
        raise SystemExit(f"{error}") from error


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.old_secret_keys),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": False},
        TESTING=settings.testing,
        DEBUG=settings.debug,
        MAX_CONTENT_LENGTH=(settings.upload_megabytes + 2) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5_000,
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_NAME="grants",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
    )
