"""How the command line says no: one sentence, exit 1, and the database as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import sqlalchemy as sa

from grants import demo
from grants.extensions import db
from grants.funds import loader
from grants.services.hashing import Hashing
from tests.clock import Clock
from tests.commands.running import runner


def test_audit_verify_fails_for_a_cut_tail(app):
    with app.app_context():
        demo.fill("small", Clock.START, hashing=Hashing(64, 1), with_letters=False)
        db.session.execute(sa.text("UPDATE audit_head SET entries = entries + 1"))
        db.session.commit()
        written = db.session.scalar(sa.text("SELECT entries FROM audit_head"))

    code, said, complaint = runner(app)("audit", "verify")

    assert (code, said, written > 1) == (1, "", True)
    assert complaint == (
        f"The audit trail is not whole. The trail ends early: {written} entries were written.\n"
    )


def test_demonstration_fills_an_empty_database_once(app):
    first = runner(app)("demo", "--size", "small")
    second = runner(app)("demo", "--size", "small")

    assert (first[0], second) == (
        0,
        (1, "", "The database is not empty: the demonstration fills an empty one only.\n"),
    )


def test_sign_ins_before_filling_is_one_sentence(app):
    code, said, complaint = runner(app)("demo", "--sign-ins")

    assert (code, said, len(complaint.splitlines())) == (1, "", 1)


def test_database_that_is_not_migrated_is_one_sentence(app):
    with app.app_context():
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
        db.session.commit()

    assert runner(app)("rounds") == (
        1,
        "",
        "The database is not up to date: run 'flask --app wsgi db upgrade' first.\n",
    )


def test_newer_database_is_one_sentence(app):
    with app.app_context():
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        db.session.commit()

    code, _, complaint = runner(app)("rounds")

    assert (code, complaint[:25]) == (1, "The database is newer tha")


def test_broken_rulebook_is_one_sentence(app, monkeypatch, tmp_path):
    broken = tmp_path / "funds" / "adult"
    shutil.copytree(Path(loader.__file__).parent / "adult", broken)
    (broken / "form.toml").write_text("[[sections]\n")
    monkeypatch.setattr(loader, "__file__", str(tmp_path / "funds" / "loader.py"))
    loader.all_funds.cache_clear()
    try:
        code, said, complaint = runner(app)("demo", "--size", "small")
    finally:
        loader.all_funds.cache_clear()

    assert (code, said, len(complaint.splitlines())) == (1, "", 1)
    assert complaint.startswith("adult/form.toml, the whole: is not TOML")


def test_routes_matrix_gives_each_route_its_mark(app):
    code, said, _ = runner(app)("routes-matrix", "--json")
    rows = json.loads(said)

    assert code == 0
    assert [row for row in rows if row["mark"] == "refused"] == []
    assert {
        (row["rule"], tuple(row["methods"]), row["action"], row["object"])
        for row in rows
        if row["endpoint"] == "award.ranking"
    } == {("/rounds/<uuid:key>/ranking", ("GET",), "read-decision", "round")}


def test_routes_matrix_is_readable(app):
    _, said, _ = runner(app)("routes-matrix")

    assert any(line.split() == ["GET", "/health", "public"] for line in said.splitlines())
