"""The bare limits of this machine, taken in the same run: what cannot be done for less."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from typing import Any

import flask
import sqlalchemy as sa
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from bench.measuring import REPEATS, WARM, Browser, Figures, Meter
from bench.world import World

TABLE = (
    "<!doctype html><title>{{ title }}</title><table>{% for row in rows %}<tr>"
    "<td><a href='{{ row.key }}'>{{ row.reference }}</a></td><td>{{ row.title }}</td>"
    "<td>{{ row.organisation }}</td><td>{{ row.area }}</td><td>{{ row.asked }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.total }}</td></tr>{% endfor %}</table>"
)
NAMES = ("key", "reference", "title", "organisation", "area", "asked", "state", "total")
ROWS = [{name: f"{name} of row {row}" for name in NAMES} for row in range(60)]
LETTER_WORDS = "We are glad to offer your partnership this grant on the conditions below. " * 12
TIMES = WARM + 1 + REPEATS * 2

LIST = (
    "SELECT a.id, a.reference, a.title, a.asked, a.state, o.name, "
    "(SELECT count(*) FROM assessment s WHERE s.application_id = a.id), "
    "(SELECT avg(s.total) FROM assessment s WHERE s.application_id = a.id) "
    "FROM application a JOIN organisation o ON o.id = a.organisation_id "
    "WHERE a.round_id = :round ORDER BY a.reference LIMIT 60"
)
FIGURES = (
    "SELECT activity_type, count(*), sum(amount) FROM project WHERE round_id = :round "
    "GROUP BY activity_type"
)


def all_of(engine: sa.Engine, meter: Meter, world: World) -> dict[str, Figures]:
    """Every floor."""
    small = _flask(engine)

    def bare(_environ: Any, start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"hello"]

    pages = {"wsgi": (bare, "/"), "flask_text": (small, "/text"), "flask_table": (small, "/table")}
    pages["flask_query"] = (small, "/query")
    found = {
        name: meter.measure([lambda app=app, path=path: Browser(app).ask(path)] * TIMES)
        for name, (app, path) in pages.items()
    }
    found["list_query"] = meter.measure([lambda: _run(engine, LIST, world)] * TIMES)
    found["figures_query"] = meter.measure([lambda: _run(engine, FIGURES, world)] * TIMES)
    found["commit"] = meter.measure([lambda: _commit(engine)] * TIMES)
    found["letter"] = meter.measure([_letter] * (WARM + 1 + 8))
    return found


def _flask(engine: sa.Engine) -> flask.Flask:
    app = flask.Flask("floor")
    template = app.jinja_env.from_string(TABLE)
    statement = sa.text("SELECT name FROM person WHERE id = :id")

    @app.get("/text")
    def text() -> str:
        return "hello"

    @app.get("/table")
    def table() -> str:
        return template.render(title="Sixty rows", rows=ROWS)

    @app.get("/query")
    def query() -> str:
        with engine.connect() as connection:
            return str(connection.execute(statement, {"id": 1}).scalar())

    return app


def _run(engine: sa.Engine, statement: str, world: World) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text(statement), {"round": world.round_id}).all()


def _commit(engine: sa.Engine) -> None:
    """One row, kept for certain, by the driver alone."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("UPDATE person SET totp_last_step = totp_last_step + 1 WHERE id = 1")
        connection.commit()
    finally:
        connection.close()


def _letter() -> None:
    style = getSampleStyleSheet()["BodyText"]
    words = [Paragraph(LETTER_WORDS, style) for _ in range(22)]
    SimpleDocTemplate(io.BytesIO()).build(words)


def csv_rows_a_second(engine: sa.Engine, columns: list[Any], folder: Any) -> dict[str, Any]:
    """Plain rows of a statement streamed into a file by ``csv.writer``."""
    statement = sa.select(*columns)
    count, begin = 0, time.perf_counter()
    path = folder / "floor.csv"
    with path.open("w", newline="", encoding="utf8") as stream, engine.connect() as connection:
        writer = csv.writer(stream)
        rows = connection.execution_options(yield_per=1000).execute(statement)
        for row in rows:
            writer.writerow(row)
            count += 1
    seconds = time.perf_counter() - begin
    return {"rows": count, "seconds": round(seconds, 3), "rows_per_s": round(count / seconds)}
