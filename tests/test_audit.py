"""The audit trail: who, when, old and new; a chain that shows every change to it."""

from __future__ import annotations

import contextlib

import pytest
import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.models.audit import AuditEntry, AuditHead
from grants.rules.people import CLOCK, NOBODY, Actor
from grants.services.transaction import transaction
from tests import build
from tests.build import NOW

pytestmark = [pytest.mark.feature("M3"), pytest.mark.usefixtures("context")]


def write(count: int = 1, actor: Actor = CLOCK, **rest) -> None:
    with transaction():
        for place in range(count):
            audit.record(actor, "try", ("thing", place, f"T-{place}"), now=NOW, **rest)


def tamper(*statements: str) -> None:
    """Change rows past the triggers that refuse it, as somebody with the database's keys could."""
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "sqlite":
            kept = connection.execute(
                sa.text(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
                    " AND tbl_name = 'audit_entry'"
                )
            ).all()
            for name, _ in kept:
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            kept = []
        for statement in statements:
            connection.execute(sa.text(statement))
        for _, sql in kept:
            connection.execute(sa.text(sql))


def ids() -> list[int]:
    found = list(db.session.scalars(sa.select(AuditEntry.id).order_by(AuditEntry.id)))
    db.session.rollback()
    return found


@pytest.mark.feature("M2")
def test_entry_says_who_when_and_the_old_and_the_new():
    actor = build.actor_of(build.person())

    write(1, actor, before={"state": "draft"}, after={"state": "sent"}, reason="Because.")

    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.person_id, entry.person_name, entry.at, entry.action) == (
        actor.person_id,
        actor.name,
        NOW,
        "try",
    )
    assert (entry.before, entry.after, entry.reason) == (
        {"state": "draft"},
        {"state": "sent"},
        "Because.",
    )
    assert (entry.thing_type, entry.thing_id, entry.reference) == ("thing", 0, "T-0")


@pytest.mark.parametrize("actor", [CLOCK, NOBODY])
def test_nobody_in_particular_is_named_without_a_person(actor):
    write(1, actor)

    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.person_id, entry.person_name) == (None, actor.name)


@pytest.mark.parametrize("count", [0, 1, 3, audit.BATCH + 1])
def test_untouched_trail_is_whole(count):
    write(count)

    assert audit.verify() == audit.Verdict(count)


def test_undone_verb_leaves_no_entry():
    with contextlib.suppress(RuntimeError), transaction():
        audit.record(CLOCK, "try", ("thing", 1, "T-1"), now=NOW)
        raise RuntimeError
    write()

    assert audit.verify() == audit.Verdict(1)


@pytest.mark.parametrize("verb", ["UPDATE audit_entry SET reason = 'x'", "DELETE FROM audit_entry"])
def test_database_refuses_to_change_the_trail(verb):
    write()

    with pytest.raises(sa.exc.DBAPIError), db.engine.begin() as connection:
        connection.execute(sa.text(verb))


@pytest.mark.parametrize(
    "change",
    [
        "person_name = 'Somebody else'",
        "reason = 'Another reason'",
        "reference = 'T-9'",
        "action = 'other'",
        "before = '{\"a\": 1}'",
    ],
)
def test_changed_entry_is_found(change):
    write(3)
    second = ids()[1]

    tamper(f"UPDATE audit_entry SET {change} WHERE id = {second}")

    assert audit.verify().fault == f"Entry {second} was changed after it was written."


def test_missing_entry_is_found():
    write(3)
    _, second, third = ids()

    tamper(f"DELETE FROM audit_entry WHERE id = {second}")

    assert audit.verify().fault == f"Entry {third} does not follow the one before it."


def test_cut_tail_is_found():
    write(3)

    tamper(f"DELETE FROM audit_entry WHERE id = {ids()[2]}")

    assert audit.verify().fault == "The trail ends early: 3 entries were written."


def test_trail_that_was_emptied_is_found():
    write(3)

    tamper("DELETE FROM audit_entry")

    assert not audit.verify().is_whole


def test_moved_head_alone_is_found():
    write(3)
    db.session.execute(sa.update(AuditHead).values(entries=2))
    db.session.commit()

    assert not audit.verify().is_whole


COLUMNS = [column.name for column in AuditEntry.__table__.columns if column.name != "id"]
OTHER = {"previous_hash": "f" * 64, "hash": "f" * 64, "at": "2001-02-03 04:05:06+00:00"}


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_can_be_changed_unseen(column):
    """Whatever column somebody with the database's keys changes, the entry is named."""
    actor = build.actor_of(build.person())
    other = build.person().id
    write(3, actor, before={"a": 1}, after={"a": 2}, reason="Because.")
    second = ids()[1]
    kind = AuditEntry.__table__.c[column].type
    value = OTHER.get(column, other if column == "person_id" else "9")
    value = value if not isinstance(kind, sa.JSON) else '{"a": 9}'

    tamper(f"UPDATE audit_entry SET {column} = '{value}' WHERE id = {second}")

    assert audit.verify().fault.startswith(f"Entry {second} ")


def test_inserted_entry_is_found():
    """A copy with a number of its own, put between the second and the third."""
    write(3)
    _, second, third = ids()
    names = ", ".join(COLUMNS)
    forged = ", ".join(f"'{OTHER['hash']}'" if name == "hash" else name for name in COLUMNS)

    tamper(
        f"UPDATE audit_entry SET id = {third + 10} WHERE id = {third}",
        f"INSERT INTO audit_entry (id, {names}) "
        f"SELECT {third + 5}, {forged} FROM audit_entry WHERE id = {second}",
    )

    assert audit.verify().fault == f"Entry {third + 5} does not follow the one before it."


def test_entries_in_another_order_are_found():
    write(4)
    _, second, third, _ = ids()

    tamper(
        f"UPDATE audit_entry SET id = 99999 WHERE id = {second}",
        f"UPDATE audit_entry SET id = {second} WHERE id = {third}",
        f"UPDATE audit_entry SET id = {third} WHERE id = 99999",
    )

    assert audit.verify().fault == f"Entry {second} does not follow the one before it."


def test_entry_changed_with_its_hash_is_found_at_the_next():
    write(3)
    _, second, third = ids()
    row = db.session.execute(
        sa.select(AuditEntry.__table__).where(AuditEntry.id == second)
    ).mappings()
    entry = {**row.one(), "reason": "Another"}
    db.session.rollback()
    hash_ = audit.fingerprint(entry)

    tamper(f"UPDATE audit_entry SET reason = 'Another', hash = '{hash_}' WHERE id = {second}")

    assert audit.verify().fault == f"Entry {third} does not follow the one before it."


def test_first_of_several_faults_is_named():
    write(5)
    _, second, third, fourth, _ = ids()

    tamper(
        f"UPDATE audit_entry SET reason = 'x' WHERE id IN ({third}, {fourth})",
        f"DELETE FROM audit_entry WHERE id = {second}",
    )

    assert audit.verify().fault == f"Entry {third} does not follow the one before it."
