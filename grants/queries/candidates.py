"""What a funding line is drawn through: every ranked application with its lines, kept while it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import Fund, Scoring
from grants.models.application import Answer, Application, BudgetLine, ProposedProject
from grants.models.assessment import Assessment
from grants.models.award import Award
from grants.queries import fairness, moderated, standings
from grants.queries.candidate_rows import Candidate, CandidateLine, Candidates, Codes
from grants.queries.fairness import NOTHING, Fairness
from grants.queries.kept import Kept
from grants.queries.ranked import ADJUSTED, CRITERION, MODERATED
from grants.queries.ranked_lines import FoundLine, lines_of
from grants.queries.ranked_statement import ranked_applications
from grants.queries.rounds import RoundRow
from grants.rules import scoring
from grants.rules.answers import split_codes
from grants.rules.funding_line import Bid, Line
from grants.rules.people import Actor
from grants.rules.scoring import Place, Standing
from grants.rules.severity import two_places
from grants.rules.states import AssessmentState, AwardState, Tier

TOTAL, ASKED, PERSON, PROJECTS = "total", "asked", "person", "projects"
ENDED = frozenset(
    {AwardState.REFUSED, AwardState.DECLINED, AwardState.LAPSED, AwardState.OFFER_DECLINED}
)
EARLIER = (AwardState.ACCEPTED, AwardState.CLOSED)
BANDS = ("organisation_size_band", "simd_quintile")  # lists whose answers stand with a line
WHOLE = ""  # the row of an application without projects
MOST = 8  # rounds in memory


_kept: Kept[Candidates] = Kept(MOST)


def of_round(actor: Actor, record: RoundRow, fund: Fund, measure: str) -> Candidates:
    """Every ranked application that this person may decide on. One statement while nothing changes."""
    return _kept.get(actor, record, measure, make=lambda: _read(actor, record, fund, measure))


def _read(actor: Actor, record: RoundRow, fund: Fund, measure: str) -> Candidates:
    rows: Any = db.session.execute(_statement(actor, record)).all()
    rules = fund.scoring
    named = measure.removeprefix(CRITERION) if measure.startswith(CRITERION) else ""
    minima = {one.key for one in rules.criteria if one.minimum is not None}
    wanted = sorted({scoring.heaviest_of(rules).key, named, *minima} - {""})
    means = standings.means_of(record, wanted)
    merits = fairness.of_round(actor, record.id, record.key) if measure == ADJUSTED else NOTHING
    agreed = moderated.totals_of(actor, record.id, rules) if measure == MODERATED else {}
    by = _By(record, rules, TOTAL if merits.why_not else measure, means, merits, agreed)
    lines = lines_of(actor, [row.id for row in rows])
    answers, places = _answers(record, fund), by.places(rows)
    made = [
        _candidate(row, lines.get(row.id, []), by, places[str(row.id)], answers) for row in rows
    ]
    made.sort(key=lambda one: (one.rank is None, one.rank or 0, one.reference))
    entries = tuple(((str(one.id), line.row), one, line) for one in made for line in one.lines)
    return Candidates(tuple(made), entries, merits.why_not)


def _statement(actor: Actor, record: RoundRow) -> Any:
    ids = sa.select(Application.id).where(Application.round_id == record.id)
    came_in = (
        sa.select(
            Assessment.application_id,
            sa.func.sum(Assessment.total).label("total"),
            sa.func.count().label("readings"),
        )
        .where(Assessment.state == AssessmentState.SUBMITTED, Assessment.application_id.in_(ids))
        .group_by(Assessment.application_id)
        .subquery()
    )
    own = _sums(BudgetLine.application_id, BudgetLine.amount, ids, BudgetLine.is_onward.is_(False))
    people = _sums(ProposedProject.application_id, ProposedProject.people, ids)
    return (
        ranked_applications(
            actor,
            record,
            own.c.sum.label("own_asked"),
            people.c.sum.label("people"),
            came_in.c.total,
            came_in.c.readings,
            _is_first(record).label("is_first"),
        )
        .outerjoin(came_in, came_in.c.application_id == Application.id)
        .outerjoin(own, own.c.application_id == Application.id)
        .outerjoin(people, people.c.application_id == Application.id)
    )


def _sums(key: Any, column: Any, ids: Any, *conditions: Any) -> Any:
    return (
        sa.select(key, sa.func.sum(column).label("sum"))
        .where(key.in_(ids), *conditions)
        .group_by(key)
        .subquery()
    )


def _is_first(record: RoundRow) -> Any:
    """Whether a group has no earlier award on record. Partnerships always had one, so it says nothing."""
    if record.tier != Tier.LOCAL:
        return sa.null()
    other, made = sa.orm.aliased(Application), sa.orm.aliased(Award)
    had = (
        sa.select(other.organisation_id)
        .join(made, made.application_id == other.id)
        .where(made.state.in_(EARLIER), other.round_id != record.id)
    )
    return Application.organisation_id.not_in(had)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What was answered that sorts money: (list, code) by application, and strands by line."""

    bands: Mapping[int, Codes]
    strands: Mapping[tuple[int, str], str]


def _answers(record: RoundRow, fund: Fund) -> _Answers:
    """The answers of the strands' question and of those that are answered from a list of bands."""
    asked = {one.key: one.choices or "" for one in fund.questions() if one.choices in BANDS}
    names = {value: strand.key for strand in fund.strands for value in strand.values}
    wanted = sorted({*asked, *([fund.strand_question] if names else [])})
    if not wanted:
        return _Answers({}, {})
    rows = db.session.execute(
        sa.select(Answer.application_id, Answer.question, Answer.row, Answer.text)
        .join(Application, Application.id == Answer.application_id)
        .where(Application.round_id == record.id, Answer.question.in_(wanted))
    )
    bands: dict[int, Codes] = {}
    strands: dict[tuple[int, str], str] = {}
    for application_id, question, row, text in rows:
        if question in asked:
            given = tuple((asked[question], code) for code in split_codes(text))
            bands[application_id] = (*bands.get(application_id, ()), *given)
        if question == fund.strand_question and text.strip() in names:
            strands[application_id, row] = names[text.strip()]
    return _Answers(bands, strands)


@dataclass(frozen=True, slots=True)
class _By:
    """By what the round is put in order."""

    record: RoundRow
    rules: Scoring
    measure: str
    means: Mapping[tuple[int, str], Decimal]
    merits: Fairness
    agreed: Mapping[int, Decimal]

    def score(self, row: Any) -> Decimal | None:
        """The figure that is shown and ranked by."""
        if self.measure == ASKED:
            return Decimal(row.asked)
        if self.measure == PROJECTS:
            return Decimal(row.projects_count)
        if self.measure == PERSON:
            return Decimal(row.asked // row.people) if row.people else None
        if self.measure == TOTAL or not (row.scores and row.readings):
            return self.total(row)
        if self.measure == ADJUSTED:
            return self.merits.adjusted(row.id)
        if self.measure == MODERATED:
            return self.agreed.get(row.id, self.total(row))
        return self.means.get((row.id, self.measure.removeprefix(CRITERION)))

    def total(self, row: Any) -> Decimal | None:
        """The plain mean of the totals, where all of them may be read."""
        return scoring.mean_of(row.total, row.readings) if row.scores and row.readings else None

    def error(self, row: Any) -> Decimal | None:
        """How uncertain that figure is, where it is known."""
        merit = self.merits.merit(row.id) if row.scores else None
        return None if merit is None else two_places(merit.error)

    def below(self, row: Any) -> tuple[str, ...]:
        """The criteria below a minimum."""
        means = {
            one.key: self.means.get((row.id, one.key))
            for one in self.rules.criteria
            if one.minimum is not None
        }
        return scoring.below_minimum(means, self.rules) if row.scores else ()

    def places(self, rows: Iterable[Any]) -> Mapping[str, Place]:
        """The place of each, best first, equals parted as the fund declares."""
        heaviest, is_low = scoring.heaviest_of(self.rules).key, self.measure in {ASKED, PERSON}
        stands = []
        for row in rows:
            score = self.score(row)
            mean = self.means.get((row.id, heaviest)) if row.scores else None
            merit = None if score is None else -score if is_low else score
            stands.append(Standing(str(row.id), merit, standings.ties_of(mean, row.asked)))
        found = scoring.ranking(stands, self.rules.ties, self.record.reference)
        return {place.key: place for place in found}


def _candidate(
    row: Any, lines: list[FoundLine], by: _By, place: Place, answers: _Answers
) -> Candidate:
    bands = answers.bands.get(row.id, ())
    made = tuple(_line(line, bands, answers.strands.get((row.id, line.row), "")) for line in lines)
    bid = Bid(
        key=str(row.id),
        area=row.area,
        own_costs=int(row.own_asked or 0) if lines else 0,
        lines=tuple(_seen(line) for line in made or (_whole(row, bands),)),
        below_minimum=bool(below := by.below(row)),
        strand=answers.strands.get((row.id, ""), ""),
    )
    return Candidate(
        id=row.id,
        key=row.key,
        reference=row.reference,
        title=row.title,
        organisation=row.organisation,
        area=row.area,
        strand=bid.strand,
        state=row.state,
        award_key=row.award_key,
        award=row.award or AwardState.NONE,
        amount=row.amount or 0,
        asked=row.asked,
        own_asked=bid.own_costs,
        total=by.total(row),
        score=by.score(row),
        error=by.error(row),
        readings=(row.readings or 0) if row.scores else 0,
        below=below,
        rank=place.rank,
        is_tied=place.is_tied,
        is_first=None if row.is_first is None else bool(row.is_first),
        lines=made or (_whole(row, bands),),
        bid=bid,
    )


def _seen(line: CandidateLine) -> Line:
    """A line as the funding line sees it."""
    return Line(
        key=line.row,
        asked=line.asked,
        smallest=line.smallest,
        below_minimum=line.is_advised_against,
        strand=line.strand,
    )


def _line(line: FoundLine, bands: Codes, strand: str) -> CandidateLine:
    return CandidateLine(
        row=line.row,
        title=line.title,
        group=line.group,
        asked=line.asked,
        smallest=line.minimum or line.asked,
        is_advised_against=line.advice == 0,
        strand=strand,
        codes=(*line.codes, *bands),
    )


def _whole(row: Any, bands: Codes) -> CandidateLine:
    """An application without projects is one line: all that it asks for its own costs."""
    own = int(row.own_asked or 0)
    return CandidateLine(
        row=WHOLE,
        title=row.title,
        group="",
        asked=own,
        smallest=own,
        is_advised_against=False,
        strand="",
        codes=bands,
    )
