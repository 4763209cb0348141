"""A section of an application, or one row of a wide table of it, as its people see it on a page."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from grants.blueprints.apply import forms
from grants.blueprints.apply.taken import taken_here
from grants.funds.definition import Fills, Question, Section
from grants.queries import comments, confirmations, drafts, earlier_texts, registers
from grants.queries.drafts import Draft
from grants.queries.earlier_texts import EarlierRow
from grants.rules.eligibility import totals
from grants.rules.money import Pence
from grants.rules.profile import NUMBERS
from grants.rules.refusals import NotFound
from grants.rules.registers import Finding, Register, doubt
from grants.services.answer_sheet import LONGEST_ROW_KEY
from grants.web.answer_places import versions_text
from grants.web.form_builder import RowsField
from grants.web.forms import Form, TypedField
from grants.web.guards import current_actor, now, settings

NEW = "new"  # the row that is not there yet


@dataclass(frozen=True, slots=True)
class Page:
    """A section, or one row of a wide table of it, as it is being written."""

    draft: Draft
    section: Section
    table: Question | None = None
    row: str = ""

    @property
    def address(self) -> str:
        """Where it stands."""
        return url_for(
            "apply.section", key=self.draft.key, section=self.section.key, row=self.row or None
        )

    def form(self) -> Form:
        """Its questions with what is there, or with what was sent."""
        if self.table is not None:
            return forms.row_form(self.draft, self.section, self.table, self.row)
        blank = request.args.get("blank", "")
        return forms.section_form(self.draft, self.section, blank)


def page_of(key: uuid.UUID, name: str) -> Page:
    """The page that the address names. Raises NotFound."""
    draft = drafts.draft(current_actor(), key)
    found = draft.fund.section(name)
    if found is None:
        raise NotFound("There is no such page.")
    row = request.args.get("row", "")
    tables = forms.listed_tables(draft, found)
    if not row or not tables:
        return Page(draft, found)
    if len(row) > LONGEST_ROW_KEY or not row.replace("-", "").replace("_", "").isalnum():
        raise NotFound("There is no such page.")
    return Page(draft, found, _table(tables), row)


def is_open(page: Page) -> bool:
    """Whether anything of this page may be changed now."""
    opening, table = page.draft.opening, page.table
    if opening.is_whole:
        return True
    if table is None:
        return any(opening.touches(question.key) for question in page.section.questions)
    if page.row == NEW:
        return opening.takes_all_of(table.key)
    return any(opening.takes((f"{table.key}.{c.key}", page.row)) for c in table.columns)


def _table(tables: tuple[Question, ...]) -> Question:
    asked = request.args.get("table", "")
    return next((table for table in tables if table.key == asked), tables[0])


def shown(page: Page, form: Form) -> str:
    """The page, with the form as it was typed or as it stands."""
    draft, section = page.draft, page.section
    return render_template(
        "apply/row.html" if page.table is not None else "apply/section.html",
        draft=draft,
        section=section,
        place=[found.key for found in draft.fund.sections].index(section.key) + 1,
        page=page,
        form=form,
        heading=_heading(page),
        cells=_cells(form) if page.table is not None else (),
        versions=versions_text(_versions_here(page)),
        earlier=_earlier(page),
        taken=taken_here(page.draft, section),
        findings=_findings(page),
        doubts={kind: doubt(kind, text) for kind, text in _numbers(page).items()},
        lists=() if page.row else [_listed(draft, t) for t in forms.listed_tables(draft, section)],
        files=draft.files,
        others=_others(page),
        totals=draft.totals if _has_money(section) else None,
        in_time=draft.takes(now()),
        threads=comments.threads(draft),
        signed=confirmations.of_draft(draft, now=now()).sign_off,
        most_megabytes=settings().upload_megabytes,
    )


def _earlier(page: Page) -> list[tuple[str, EarlierRow]]:
    """The texts of this page that somebody else's took the place of, each with its question."""
    asked = {q.key: q for q in page.section.questions}
    labels = {key: question.label for key, question in asked.items()} | {
        f"{key}.{column.key}": f"{question.label}, {column.label}"
        for key, question in asked.items()
        for column in question.columns
    }
    found = earlier_texts.of_draft(page.draft, labels)
    return [(labels[e.question], e) for e in found if not page.row or e.row == page.row]


def _numbers(page: Page) -> dict[Register, str]:
    """The numbers of registers that this page asks for."""
    asked = {question.key for question in page.section.questions}
    return {
        kind: page.draft.answers.get((key, ""), "") for key, kind in NUMBERS.items() if key in asked
    }


def _findings(page: Page) -> dict[str, Finding]:
    """What the registers say of them, by question."""
    numbers = _numbers(page)
    found = registers.look_up(current_actor(), numbers) if numbers else {}
    return {key: found[kind] for key, kind in NUMBERS.items() if kind in found}


def _others(page: Page) -> Pence:
    """What the other rows of proposed projects ask for: the sum on the page begins there."""
    rest = {place: text for place, text in page.draft.answers.items() if place[1] != page.row}
    return totals(page.draft.fund, rest).projects if page.row else 0


def _heading(page: Page) -> str:
    """What the page is called: the section, or the row."""
    if page.table is None:
        return page.section.title
    return forms.row_title(page.draft, page.table, page.row)


def _cells(form: Form) -> list[TypedField]:
    """The fields of the one row."""
    return [cell for field in form if isinstance(field, RowsField) for _, cell in field.cells()]


def _versions_here(page: Page) -> dict[tuple[str, str], int]:
    """The versions of the answers on this page."""
    here = {question.key for question in page.section.questions}
    return {
        place: number
        for place, number in page.draft.versions.items()
        if place[0].partition(".")[0] in here and (not page.row or place[1] == page.row)
    }


def _listed(draft: Draft, table: Question) -> dict[str, Any]:
    """A wide table as the section lists it: the words of each row that tell it from the others."""
    troubled = {p.row for p in draft.problems if p.question.startswith(f"{table.key}.")}
    text = draft.in_words()
    answer = next(a for s in text for a in s.answers if a.key == table.key)
    columns = [column.key for column in table.columns]
    opening = draft.opening
    named = opening.rows_of(table.key)
    return {
        "table": table,
        "may_add": opening.takes_all_of(table.key),
        "rows": [
            {
                "key": row.key,
                "title": row.cells[0].strip() or f"{table.label}, row {number}",
                "cells": dict(zip(columns, row.cells, strict=True)),
                "is_complete": row.key not in troubled,
                "may_change": opening.takes_all_of(table.key) or row.key in named,
                "may_remove": opening.takes_row(table.key, row.key),
            }
            for number, row in enumerate(answer.rows, start=1)
        ],
    }


def _has_money(section: Section) -> bool:
    return any(question.fills in {Fills.PROJECTS, Fills.BUDGET} for question in section.questions)
