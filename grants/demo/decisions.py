"""What is decided on an application: recommendation, approvals, the answer, the ledger."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from grants.demo.bids import Sent
from grants.demo.kit import Kit, Row, add, put
from grants.demo.people import Cast
from grants.demo.rounds import Made
from grants.extensions import db
from grants.models.application import ProposedProject
from grants.models.award import Approval, Award, AwardCondition, AwardYear
from grants.models.ledger import LedgerKind, LedgerLine
from grants.models.person import Delegation
from grants.models.round import AllocationArea, Round
from grants.rules import funding_line
from grants.rules import recommendation as rule
from grants.rules.people import Role
from grants.rules.recommendation import Condition, LineChoice
from grants.rules.states import COMMITTED, KNOWN, AssessmentState, AwardState, LineDecision

MOST_AT_ONCE, MOST_IN_ALL = 200_000_000, 2_000_000_000  # pence, of each approver and fund year
PATTERN = (
    LineDecision.FULL,
    LineDecision.FULL,
    LineDecision.PART,
    LineDecision.RESERVE,
    LineDecision.OUT,
)
REASON = "fund_exhausted"
DECLINED_FOR = "below_threshold"
OFFERED = KNOWN - {AwardState.DECLINED}
REFUSALS = frozenset({AwardState.REFUSED, AwardState.DECLINED})
GIVEN_BACK = {AwardState.OFFER_DECLINED: "Offer declined", AwardState.LAPSED: "Offer lapsed"}
RUNNING = frozenset({AwardState.ACCEPTED, AwardState.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far an application went after it was sent, and when."""

    sent: Sent
    readings: tuple[AssessmentState, ...]
    award: AwardState | None
    assigned_at: dt.datetime
    scored_at: dt.datetime
    recommended_at: dt.datetime
    decided_at: dt.datetime
    released_at: dt.datetime
    answered_at: dt.datetime
    is_all: bool = False  # every line in full


@dataclass(slots=True)
class Given:
    """An award as the other builders need it."""

    id: int
    course: Course
    state: AwardState
    amount: int
    own_costs: int
    choices: tuple[LineChoice, ...]
    sha256: str
    key: uuid.UUID | None = None

    @property
    def onward(self) -> int:
        """What goes on to projects, but for what is kept for local rounds."""
        return self.amount - self.own_costs - self.local

    @property
    def local(self) -> int:
        """What is kept for local rounds."""
        pairs = zip(self.choices, self.course.sent.bid.lines, strict=False)
        return sum(choice.amount for choice, line in pairs if line.is_local)


@dataclass(slots=True)
class Books:
    """What each approver used of their authority, by fund and year."""

    used: dict[tuple[int, str, str], int] = field(default_factory=dict)
    delegations: dict[tuple[int, str, str], int] = field(default_factory=dict)


def delegate(
    cast: Cast,
    rounds: Iterable[tuple[str, str]],
    since: dt.datetime,
    limits: tuple[int, int] = (MOST_AT_ONCE, MOST_IN_ALL),
) -> Books:
    """Written authority for each approver, for each fund and year there is a round of."""
    places = [(person, *place) for person in cast.approvers for place in sorted(set(rounds))]
    ids = add(
        Delegation,
        [
            {
                "person_id": person,
                "organisation_id": cast.programme_id,
                "role": Role.APPROVER,
                "fund": fund,
                "financial_year": year,
                "most_per_award": limits[0],
                "most_in_all": limits[1],
                "starts_at": since,
                "granted_by": cast.staff["administrator"],
            }
            for person, fund, year in places
        ],
    )
    return Books(delegations=dict(zip(places, ids, strict=True)))


def settle(books: Books) -> None:
    """Write down what was used of each authority."""
    for place, amount in books.used.items():
        db.session.execute(
            sa.update(Delegation)
            .where(Delegation.id == books.delegations[place])
            .values(used=Delegation.used + amount)
        )


def award(kit: Kit, made: Made, cast: Cast, books: Books, courses: Sequence[Course]) -> list[Given]:
    """The awards of applications that came so far, with lines, years, approvals and the ledger."""
    wanted = [course for course in courses if course.award is not None]
    rows, givens = [], []
    for course in wanted:
        given = _recommend(kit, made, course)
        givens.append(given)
        rows.append(_award(kit, made, cast, given))
    for given, row, key in zip(givens, rows, add(Award, rows), strict=True):
        given.id, given.key = key, row["key"]
        _decide_lines(given)
        _write_years(made, given)
    decided = [given for given in givens if given.state in OFFERED | {AwardState.APPROVED}]
    put(Approval, [row for given in decided for row in _approvals(made, cast, books, given)])
    put(LedgerLine, [row for given in decided for row in _award_lines(made, cast, given)])
    _commit(made, [given for given in givens if given.state in COMMITTED])
    return givens


def _recommend(kit: Kit, made: Made, course: Course) -> Given:
    state = course.award or AwardState.NONE
    rows = course.sent.rows
    if state == AwardState.NONE:
        return Given(0, course, state, 0, 0, (), "")
    feedback = kit.world.text("feedback")
    if state in REFUSALS:
        reason = rule.reason_text(DECLINED_FOR, "")
        wanted = rule.refusal(reason, feedback, rows)
    else:
        wanted = rule.Recommendation(
            is_award=True,
            own_costs=sum(pence for _, _, pence, is_onward in course.sent.budget if not is_onward),
            lines=tuple(_choices(kit, course)),
            conditions=() if course.is_all else (_condition(kit),),
            reason="" if course.is_all else rule.reason_text(REASON, ""),
            feedback=feedback,
        )
    return Given(
        0,
        course,
        state,
        wanted.amount,
        wanted.own_costs,
        wanted.lines,
        rule.fingerprint(wanted, made.definition_id),
    )


def _condition(kit: Kit) -> Condition:
    return Condition(text=kit.world.text("condition"), evidence=kit.world.text("evidence"))


def _choices(kit: Kit, course: Course) -> Iterable[LineChoice]:
    for place, (row, line) in enumerate(zip(course.sent.rows, course.sent.bid.lines, strict=True)):
        decision = LineDecision.FULL if course.is_all else PATTERN[place % len(PATTERN)]
        if decision == LineDecision.FULL:
            yield LineChoice(row=row, decision=decision, amount=line.asked)
        elif decision == LineDecision.PART:
            note = kit.world.text("part")
            yield LineChoice(
                row=row,
                decision=decision,
                amount=line.minimum,
                reason=rule.reason_text(REASON, note),
            )
        else:
            yield LineChoice(row=row, decision=decision, reason=rule.reason_text(REASON, ""))


def _award(kit: Kit, made: Made, cast: Cast, given: Given) -> Row:
    course, state = given.course, given.state
    is_begun = state != AwardState.NONE
    is_decided = state not in {AwardState.NONE, AwardState.RECOMMENDED}
    is_known, is_answered = state in KNOWN, state in {*RUNNING, AwardState.OFFER_DECLINED}
    signers = _signers(made, cast, given)
    days = dt.timedelta(days=made.fund.settings.acceptance_days)
    is_refusal = state in REFUSALS
    return {
        "key": kit.key(),
        "reference": f"AWARD-{course.sent.reference}",
        "application_id": course.sent.id,
        "round_id": made.id,
        "allocation_area_id": course.sent.share_id,
        "state": state,
        "is_award": not is_refusal,
        "own_costs": given.own_costs,
        "amount": given.amount,
        "onward": given.onward if state in RUNNING and not made.is_local else 0,
        "reason": (DECLINED_FOR if is_refusal else "" if course.is_all else REASON)
        if is_begun
        else "",
        "feedback": kit.world.text("feedback") if is_begun else "",
        "recommended_by": cast.staff["manager"] if is_begun else None,
        "recommended_at": course.recommended_at if is_begun else None,
        "recommended_sha256": given.sha256 if is_begun else None,
        "decided_by": signers[-1] if is_decided else None,
        "decided_at": course.decided_at if is_decided else None,
        "released_by": cast.staff["approver"] if is_known else None,
        "released_at": course.released_at if is_known else None,
        "accept_by": (course.released_at + days).date() if state in OFFERED else None,
        "answered_by": course.sent.bid.lead.people["signatory"] if is_answered else None,
        "answered_at": course.answered_at if is_answered else None,
    }


def _signers(made: Made, cast: Cast, given: Given) -> tuple[int, ...]:
    return cast.approvers[: rule.approvals_needed(made.fund.settings, given.amount)]


def _decide_lines(given: Given) -> None:
    place = 0
    rows = []
    for line, choice in zip(given.course.sent.lines, given.choices, strict=False):
        place += choice.decision == LineDecision.RESERVE
        rows.append(
            {
                "id": line,
                "decision": choice.decision,
                "amount": choice.amount,
                "reason": choice.reason,
                "reserve_place": place if choice.decision == LineDecision.RESERVE else None,
            }
        )
    if rows:
        db.session.execute(sa.update(ProposedProject), rows)


def _write_years(made: Made, given: Given) -> None:
    if not given.amount:
        return
    budget = [(year, pence) for _, year, pence, _ in given.course.sent.budget]
    years = funding_line.amount_by_year(given.amount, budget, otherwise=made.fund_year)
    put(
        AwardYear,
        [
            {"award_id": given.id, "financial_year": year, "amount": amount}
            for year, amount in years.items()
        ],
    )


def condition(kit: Kit, givens: Sequence[Given]) -> None:
    """The special condition of each award that does not give all."""
    put(
        AwardCondition,
        [
            {
                "award_id": given.id,
                "place": 1,
                "text": kit.world.text("condition"),
                "evidence": kit.world.text("evidence"),
            }
            for given in givens
            if given.amount and not given.course.is_all
        ],
    )


def _approvals(made: Made, cast: Cast, books: Books, given: Given) -> Iterable[Row]:
    for person in _signers(made, cast, given):
        place = (person, made.fund.slug, made.fund_year)
        books.used[place] = books.used.get(place, 0) + given.amount
        yield {
            "award_id": given.id,
            "person_id": person,
            "delegation_id": books.delegations[place],
            "amount": given.amount,
            "sha256": given.sha256,
            "approved_at": given.course.decided_at,
        }


def _award_lines(made: Made, cast: Cast, given: Given) -> Iterable[Row]:
    line = {
        "kind": LedgerKind.AWARD,
        "round_id": made.id,
        "allocation_area_id": given.course.sent.share_id,
        "award_id": given.id,
    }
    approver = _signers(made, cast, given)[-1]
    at = given.course.decided_at
    yield {**line, "at": at, "amount": given.amount, "person_id": approver, "note": "Approved"}
    if given.state in GIVEN_BACK:
        at, note = given.course.answered_at, GIVEN_BACK[given.state]
        yield {**line, "at": at, "amount": -given.amount, "person_id": None, "note": note}


def _commit(made: Made, givens: Sequence[Given]) -> None:
    for given in givens:
        db.session.execute(
            sa.update(AllocationArea)
            .where(AllocationArea.id == given.course.sent.share_id)
            .values(committed=AllocationArea.committed + given.amount)
        )
    whole = sum(given.amount for given in givens)
    db.session.execute(
        sa.update(Round).where(Round.id == made.id).values(committed=Round.committed + whole)
    )
