"""Scoring in a spreadsheet: there and back, all or nothing, and nothing newer is lost."""

from __future__ import annotations

import io

import openpyxl
import pytest
import sqlalchemy as sa

from grants.documents.score_workbooks import (
    AMOUNT,
    FIRST,
    KEYS,
    MARK,
    REASON,
)
from grants.documents.workbook_plan import READ_ME, RECORD
from grants.extensions import db
from grants.models.assessment import Score
from grants.models.workbook_load import ScoreLoad
from grants.queries import assessments, scoring_desk
from grants.rules.refusals import Blocked, NotFound, Stale
from grants.rules.states import ApplicationState, AssessmentState
from grants.services import assess
from grants.services import score_workbooks as books
from tests import build
from tests.build import NOW
from tests.services.test_assess import Panel, sent

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.feature("R17")]
MOST = 5_000_000


class Desk(Panel):
    """Two applications being scored by one person."""

    def __init__(self) -> None:
        super().__init__(state=AssessmentState.SCORING)
        self.at = self.round.key
        self.first = self.scoring.criteria[0].key
        by = self.manager
        self.second = build.application(
            self.round, self.partnership, by, state=ApplicationState.ASSESSING
        )
        self.second_key = build.assessment(
            self.second, self.reader, self.manager, state=AssessmentState.SCORING
        ).key

    def book(self) -> openpyxl.Workbook:
        made = books.make(self.actor, self.at, now=NOW)
        return openpyxl.load_workbook(io.BytesIO(made.data))

    def load(self, book: openpyxl.Workbook):
        out = io.BytesIO()
        book.save(out)
        out.seek(0)
        return books.load(self.actor, self.at, out, most=MOST, now=NOW)

    def confirm(self, load, taken=()):
        seal = books.preview(self.actor, self.at, load).seal
        return books.confirm(self.actor, self.at, load, seal=seal, taken=taken, now=NOW)

    def sheet(self, book: openpyxl.Workbook):
        return book[self.application.reference]

    def marks(self) -> list[tuple[str, int | None, str]]:
        db.session.rollback()
        rows = db.session.execute(sa.select(Score.criterion, Score.mark, Score.reason))
        return sorted(tuple(row) for row in rows)


def row_of(sheet, key: str) -> int:
    return next(
        row for row in range(FIRST, sheet.max_row + 1) if sheet.cell(row, KEYS).value == key
    )


def test_filled_in_and_loaded_is_saved_as_typed() -> None:
    desk = Desk()
    book = desk.book()
    sheet = desk.sheet(book)
    for row in range(FIRST, sheet.max_row + 1):
        key = sheet.cell(row, KEYS).value
        if key.startswith("criterion."):
            sheet.cell(row, MARK).value = 3
            sheet.cell(row, REASON).value = "A clear plan."
        elif key.startswith("line."):
            sheet.cell(row, MARK).value = "in part"
            sheet.cell(row, AMOUNT).value = 12.5
            sheet.cell(row, REASON).value = "=Too dear"
            sheet.cell(row, REASON).data_type = "s"
        else:
            sheet.cell(row, REASON).value = "Worth doing."

    load = desk.load(book)
    assert desk.marks() == []
    assert not any(change.is_clash for change in books.preview(desk.actor, desk.at, load).changes)
    written = desk.confirm(load)

    page = assessments.page_of(desk.actor, desk.key)
    assert set(page.sheet.marks.values()) == {3}
    assert {(a.choice, a.amount, a.reason) for a in page.sheet.advice.values()} == {
        ("part", 1250, "=Too dear")
    }
    assert page.sheet.comment == "Worth doing."
    assert page.state == AssessmentState.SCORING
    assert written == 2 * len(desk.scoring.criteria) + 3 * len(page.lines) + 1
    assert db.session.scalars(sa.select(ScoreLoad)).all() == []


def test_untouched_workbook_changes_nothing() -> None:
    desk = Desk()
    line = assessments.page_of(desk.actor, desk.key).lines[0].key
    typed = {
        f"mark.{desk.first}": "2",
        f"reason.{desk.first}": " =HYPERLINK(1)\r\nand\n more ",
        f"line.{line}": "part",
        f"amount.{line}": "1,000",
        "comment": "@cmd",
    }
    assess.save(desk.actor, desk.key, sent(typed), now=NOW)

    with pytest.raises(Blocked, match="nothing that differs"):
        desk.load(desk.book())


def test_holds_no_application_that_is_not_being_scored() -> None:
    desk = Desk()
    for state in AssessmentState:
        if state != AssessmentState.SCORING:
            other = build.application(
                desk.round, desk.partnership, desk.manager, state=ApplicationState.ASSESSING
            )
            build.assessment(other, desk.reader, desk.manager, state=state)

    book = desk.book()

    assert sorted(book.sheetnames) == sorted(
        [READ_ME, desk.application.reference, desk.second.reference, RECORD]
    )
    assert book[RECORD].sheet_state == "veryHidden"


def test_conflict_declared_since_closes_its_sheet_and_the_whole_load() -> None:
    desk = Desk()
    book = desk.book()
    for name in (desk.application.reference, desk.second.reference):
        book[name].cell(FIRST, MARK).value = 1
    assess.declare_conflict(desk.actor, desk.key, "employer", "", now=NOW)

    with pytest.raises(Blocked, match="can't score this application any more"):
        desk.load(book)
    assert desk.marks() == []

    del book[desk.application.reference]
    desk.confirm(desk.load(book))
    assert [mark for _, mark, _ in desk.marks()] == [1]


def test_every_fault_is_named_by_sheet_and_cell_and_nothing_is_kept() -> None:
    desk = Desk()
    book = desk.book()
    sheet = desk.sheet(book)
    line = next(r for r in range(FIRST, sheet.max_row + 1) if "line." in sheet.cell(r, KEYS).value)
    sheet.cell(FIRST, MARK).value = 9
    sheet.cell(FIRST + 1, MARK).value = 2
    sheet.cell(FIRST + 1, REASON).value = "x" * 10_001
    sheet.cell(FIRST, AMOUNT).value = 5
    sheet.cell(line, MARK).value = "perhaps"
    sheet.cell(line, AMOUNT).value = "lots"
    sheet.cell(line, REASON).value = "=1+1"

    with pytest.raises(Blocked) as refused:
        desk.load(book)

    name = desk.application.reference
    said = [reason.text for reason in refused.value.reasons]
    assert said == [
        f"Sheet ‘{name}’, cell D4: choose a score from 0 to 4.",
        f"Sheet ‘{name}’, cell E4: nothing is asked here; clear this cell.",
        f"Sheet ‘{name}’, cell F5: write this in 10,000 characters or fewer.",
        f"Sheet ‘{name}’, cell D{line}: choose In full, In part or No.",
        f"Sheet ‘{name}’, cell E{line}: type an amount in pounds, such as 2,500.",
        f"Sheet ‘{name}’, cell F{line}: this is a formula without a result; type the answer itself.",
    ]
    assert db.session.scalars(sa.select(ScoreLoad)).all() == []


def test_what_was_changed_here_since_stays_unless_it_is_chosen() -> None:
    desk = Desk()
    name = f"mark.{desk.first}"
    for chosen, kept in ((False, 2), (True, 1)):
        assess.save(desk.actor, desk.key, sent({name: "3"}), now=NOW)
        book = desk.book()
        desk.sheet(book).cell(FIRST, MARK).value = 1
        assess.autosave(desk.actor, desk.key, sent({name: "2"}), now=NOW)

        load = desk.load(book)
        (change,) = books.preview(desk.actor, desk.at, load).changes
        written = desk.confirm(load, [change.token] if chosen else [])

        assert (change.is_clash, change.before, change.after) == (True, "2", "1")
        assert written == chosen
        assert [mark for _, mark, _ in desk.marks()] == [kept]


def test_confirming_what_has_moved_on_is_refused() -> None:
    desk = Desk()
    book = desk.book()
    desk.sheet(book).cell(FIRST, MARK).value = 1
    load = desk.load(book)
    seal = books.preview(desk.actor, desk.at, load).seal
    assess.autosave(desk.actor, desk.key, sent({f"mark.{desk.first}": "2"}), now=NOW)

    with pytest.raises(Stale):
        books.confirm(desk.actor, desk.at, load, seal=seal, now=NOW)
    assert [mark for _, mark, _ in desk.marks()] == [2]


def test_confirmed_twice_is_written_once() -> None:
    desk = Desk()
    book = desk.book()
    desk.sheet(book).cell(FIRST, MARK).value = 1
    load = desk.load(book)
    seal = books.preview(desk.actor, desk.at, load).seal

    written = [books.confirm(desk.actor, desk.at, load, seal=seal, now=NOW) for _ in range(2)]

    assert written == [1, 0]


def test_anothers_workbook_and_load_are_refused() -> None:
    desk = Desk()
    build.assessment(desk.application, desk.other, desk.manager, state=AssessmentState.SCORING)
    other = build.actor_of(desk.other)
    book = desk.book()
    desk.sheet(book).cell(FIRST, MARK).value = 1
    load = desk.load(book)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)

    with pytest.raises(Blocked, match="another person's workbook"):
        books.load(other, desk.at, out, most=MOST, now=NOW)
    with pytest.raises(NotFound):
        books.preview(other, desk.at, load)
    assert books.confirm(other, desk.at, load, seal="", now=NOW) == 0
    with pytest.raises(NotFound):
        scoring_desk.desk(build.actor_of(desk.manager), desk.at)


@pytest.mark.parametrize("count", [3, 30])
def test_desk_costs_the_same_however_many(count, count_statements) -> None:
    desk = Desk()
    for _ in range(count):
        made = build.application(
            desk.round, desk.partnership, desk.manager, state=ApplicationState.ASSESSING
        )
        build.assessment(made, desk.reader, desk.manager, state=AssessmentState.SCORING)
    scoring_desk.desk(desk.actor, desk.at)
    db.session.rollback()

    with count_statements() as found:
        scoring_desk.desk(desk.actor, desk.at)

    assert len(found) <= 5


def test_sheets_of_long_references_keep_their_own_names():
    desk = Desk()
    long = "CHILDREN-2026-27-ILLUSTRATIVE"
    for number, bid in enumerate((desk.application, desk.second), start=11):
        bid.reference = f"{long}-{number:04d}"
    db.session.commit()

    names = desk.book().sheetnames

    assert names[1:-1] == ["2026-27-ILLUSTRATIVE-0011", "2026-27-ILLUSTRATIVE-0012"]
