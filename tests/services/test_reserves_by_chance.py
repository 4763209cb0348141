"""Freed, promoted, approved, released and answered in any order: no ceiling is ever exceeded, every sum
agrees with every other, and whoever is passed by is passed by for a recorded reason."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.addition import Addition
from grants.models.audit import AuditEntry
from grants.models.award import Award, AwardStrand
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.letter import Letter
from grants.models.project import Project
from grants.models.round import AllocationArea, BudgetStrand, Round
from grants.queries import reserves as lists
from grants.rules.recommendation import LineChoice, reason_parts
from grants.rules.refusals import Refusal
from grants.rules.states import COMMITTED, AdditionState, LetterState, LineDecision
from grants.services import (
    accept,
    additions,
    decide,
    joining,
    letters,
    recommending,
    recovery,
    release,
    reserves,
)
from grants.services.recovery import Came
from tests import build, deciding
from tests.services.test_strands import divided

LESS = "fund_exhausted: Not enough."
DEPARTURE = "risk: The other is not ready."
STEPS, TRIES = 60, 6


def in_part(key: uuid.UUID) -> tuple[LineChoice, ...]:
    """The first project in full, the second in reserve."""
    held = LineChoice(row="r2", decision=LineDecision.RESERVE, reason=LESS)
    return deciding.in_full(key).lines[0], held


class Walk:
    """One sequence of acts, each by who may do it, many of them refused."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.made = dice, divided(count=3, arts=1_600_000)
        area = build.area_of(db.session.get_one(Round, self.made.round_id))
        area.amount = dice.choice([1_100_000, 1_700_000, 2_300_000])
        db.session.commit()
        key = self.made.awards[0]
        deciding.approve(self.made, key, deciding.in_full(key, lines=in_part(key), reason=LESS))
        deciding.offer(self.made, key)
        if dice.random() < 0.7:
            deciding.accept_offer(self.made, key)
        self.verbs: list[Callable[[], object]] = [
            self.recommend,
            self.approve,
            self.approve,
            self.hold,
            self.amend,
            self.refuse,
            self.release,
            self.letter,
            self.answer,
            self.answer,
            self.recover,
            self.promote,
            self.promote,
            self.approve_addition,
            self.approve_addition,
            self.drop_addition,
            self.answer_addition,
            self.lapse,
        ]

    def step(self) -> None:
        """Something that is not refused, if a few tries find it."""
        for _ in range(TRIES):
            try:
                self.dice.choice(self.verbs)()
            except Refusal:
                db.session.rollback()
            else:
                break
        db.session.expire_all()

    def award(self) -> Award:
        return deciding.award(self.dice.choice(self.made.awards))

    def recommend(self) -> None:
        key = self.award().key
        less = deciding.in_full(key, lines=in_part(key), reason=LESS)
        wanted = self.dice.choice([deciding.in_full(key), less])
        recommending.recommend(self.made.manager, key, wanted, now=build.NOW)

    def approve(self) -> None:
        award = self.award()
        seen = award.recommended_sha256 or ""
        decide.approve(self.made.approver, award.key, seen=seen, now=build.NOW)

    def hold(self) -> None:
        recommending.hold(self.made.manager, self.award().key, reason=LESS, now=build.NOW)

    def amend(self) -> None:
        decide.amend(self.made.manager, self.award().key, reason="Again.", now=build.NOW)

    def refuse(self) -> None:
        if self.dice.random() < 0.3:
            decide.refuse(
                self.made.approver, self.award().key, reason="out_of_scope", now=build.NOW
            )

    def release(self) -> None:
        here = sa.and_(Award.round_id == self.made.round_id)
        ready = sa.select(sa.func.count()).where(here, Award.state.in_(release.DECIDED))
        joins = [one for one in additions_of(self.made) if one.state == AdditionState.APPROVED]
        typed = str((db.session.scalar(ready) or 0) + len(joins))
        release.release(self.made.approver, self.made.round_key, typed=typed, now=build.NOW)

    def letter(self) -> None:
        for award in db.session.query(Award).filter_by(round_id=self.made.round_id).all():
            key = award.key
            try:
                letters.draft(self.made.manager, key, verify_address="x", now=build.NOW)
            except Refusal:
                continue
        for one in db.session.query(Letter).filter_by(state=LetterState.DRAFTED).all():
            letters.issue(self.made.second, one.key, now=build.NOW)

    def answer(self) -> None:
        name, key = self.made.applicant.name, self.award().key
        if self.dice.random() < 0.2:
            accept.decline(self.made.applicant, key, reason="No.", typed_name=name, now=build.NOW)
        else:
            accept.accept(self.made.applicant, key, typed_name=name, agrees=True, now=build.NOW)

    def recover(self) -> None:
        award = self.award()
        projects = db.session.query(Project).filter_by(award_id=award.id).all()
        of = self.dice.choice([None, *projects])
        amount = self.dice.randrange(1, 120_000)
        came = Came(
            project=of.key if of else None, amount=amount, reason="Unspent.", seen=award.recovered
        )
        recovery.record(self.made.manager, award.key, came, now=build.NOW)

    def promote(self) -> None:
        listed = lists.of_round(self.made.manager, self.made.round_key).rows
        if listed:
            row = self.dice.choice(listed)
            reserves.promote(
                self.made.manager,
                self.made.round_key,
                row.award_key,
                row.row,
                departure=self.dice.choice(["", DEPARTURE]),
                now=build.NOW,
            )

    def addition(self) -> tuple[Addition, Award]:
        found = additions_of(self.made)
        if not found:
            raise Refusal
        one = self.dice.choice(found)
        return one, db.session.get_one(Award, one.award_id)

    def approve_addition(self) -> None:
        one, award = self.addition()
        additions.approve(self.made.approver, award.key, one.key, seen=one.sha256, now=build.NOW)

    def drop_addition(self) -> None:
        one, award = self.addition()
        additions.take_back(self.made.manager, award.key, one.key, reason="A slip.", now=build.NOW)

    def answer_addition(self) -> None:
        one, award = self.addition()
        name = self.made.applicant.name
        if self.dice.random() < 0.3:
            joining.decline(
                self.made.applicant,
                award.key,
                one.key,
                reason="No.",
                typed_name=name,
                now=build.NOW,
            )
        else:
            joining.accept(
                self.made.applicant,
                award.key,
                one.key,
                typed_name=name,
                agrees=True,
                now=build.NOW,
            )

    def lapse(self) -> None:
        if self.dice.random() < 0.2:
            joining.lapse_overdue(now=build.NOW + build.dt.timedelta(days=40))


def additions_of(made: deciding.Scene) -> list[Addition]:
    return list(
        db.session.scalars(
            sa.select(Addition)
            .join(Award, Award.id == Addition.award_id)
            .where(Award.round_id == made.round_id)
            .order_by(Addition.id)
            .execution_options(populate_existing=True)
        )
    )


def check(made: deciding.Scene) -> None:
    """Every ceiling holds, and every way to add up what is set aside gives the same."""
    record = db.session.get_one(Round, made.round_id, populate_existing=True)
    areas = db.session.query(AllocationArea).filter_by(round_id=record.id).all()
    awards = db.session.query(Award).filter_by(round_id=record.id).all()
    waiting = [one for one in additions_of(made) if one.state == AdditionState.APPROVED]
    kinds = LedgerLine.kind.in_([LedgerKind.AWARD, LedgerKind.RECOVERY])
    ledger = db.session.query(LedgerLine).filter(LedgerLine.round_id == record.id, kinds).all()
    set_aside = [one for one in awards if one.state in COMMITTED]
    whole = sum(one.amount - one.recovered for one in set_aside)
    whole += sum(one.amount for one in waiting)
    assert whole == record.committed == sum(line.amount for line in ledger)
    assert record.committed == sum(area.committed for area in areas) <= record.pot
    assert all(0 <= area.committed <= area.amount for area in areas)
    ids = {one.id for one in set_aside}
    for strand in db.session.query(BudgetStrand).filter_by(round_id=record.id):
        of_awards = db.session.query(AwardStrand).filter_by(budget_strand_id=strand.id).all()
        held = sum(part.amount for part in of_awards if part.award_id in ids)
        held += sum(one.amount for one in waiting if one.budget_strand_id == strand.id)
        assert held == strand.committed <= strand.amount
    for award in awards:
        projects = db.session.query(Project).filter_by(award_id=award.id).all()
        assert award.onward == sum(one.amount - one.recovered for one in projects)
        lines = deciding.lines_of(award.key)
        if award.state in COMMITTED:
            assert award.amount == award.own_costs + sum(line.amount for line in lines)
    for entry in db.session.query(AuditEntry).filter_by(action="promote"):
        assert entry.after["in_order"] or all(reason_parts(entry.reason))


@pytest.mark.long
@pytest.mark.feature("D3")
@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("seed", range(4))
def test_no_sequence_of_acts_exceeds_a_ceiling_or_loses_a_pound(seed, long):
    for number in range(10 if long else 1):
        walk = Walk(random.Random(1000 * seed + number))
        for _ in range(STEPS):
            walk.step()
            check(walk.made)

    acts = {entry.action for entry in db.session.query(AuditEntry)}
    assert {"recommend", "approve", "release", "promote", "record-recovery"} <= acts
