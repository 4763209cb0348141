"""What a meeting makes of an application, recorded: moderated scores, the outcome, its minute."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from grants import audit
from grants.extensions import db
from grants.funds.definition import Fund
from grants.models.application import Application
from grants.models.award import Award
from grants.models.meeting import Meeting, MeetingItem, ModeratedScore
from grants.queries import awards, fairness, meeting_items, minutes, scores
from grants.queries import meetings as queries
from grants.queries.awards import Decision
from grants.queries.definitions import departures_of, fund_of
from grants.queries.scores import ScoresOfApplication
from grants.rules import meetings as rule
from grants.rules.actions import Action
from grants.rules.blind import titles_tell
from grants.rules.meetings import Outcome, Paragraph, Taken
from grants.rules.money import pounds
from grants.rules.people import Actor
from grants.rules.recommendation import REASONS, Recommendation, reason_words
from grants.rules.refusals import Blocked, Forbidden, MoveNotAllowed, Reason, Stale
from grants.rules.severity import two_places
from grants.rules.states import ApplicationState, LineDecision
from grants.services import access, meetings, recommending
from grants.services.transaction import transaction

LONGEST = 4_000  # characters of a text
QUICKER = "Somebody else recorded this while you had it open. Both texts are below."
DECIDED = {
    LineDecision.FULL: "in full",
    LineDecision.PART: "in part",
    LineDecision.RESERVE: "in reserve",
    LineDecision.OUT: "out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A mark as it was typed: None where the scores stand, -1 where it cannot be read."""

    mark: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of an application, as it was typed. ``seen`` is the version the page showed."""

    seen: int
    outcome: str
    marks: Mapping[str, Agreement] = field(default_factory=dict)
    wanted: Recommendation | None = None
    asked: str = ""
    votes: str = ""
    note: str = ""


def record(
    actor: Actor, key: uuid.UUID, application: uuid.UUID, typed: Recorded, *, now: dt.datetime
) -> None:
    """Keep what the meeting made of it. A recommendation goes the way of every recommendation.

    Raises Stale where another recorder was quicker, Blocked with every fault (a ceiling among them),
    MoveNotAllowed outside moderation.
    """
    with transaction():
        meeting, _ = meetings.held(actor, key)
        item, found = access.item(actor, meeting, application, Action.MODERATE)
        if found.thing.state != ApplicationState.MODERATION:
            raise MoveNotAllowed("Moderation of this application is not open.")
        if item.version != typed.seen:
            if _is_same(actor, item, found.thing, typed):
                return
            raise Stale(QUICKER)
        fund = fund_of(actor, found.thing.definition_id)
        if faults := _faults(fund, typed):
            raise Blocked(*faults)
        left, present = meeting_items.members_for(meeting.id, found.thing.id)
        _moderate(actor, item, found.thing, typed.marks, present, now)
        if typed.outcome == Outcome.RECOMMENDED and typed.wanted and found.award:
            recommending.recommend(actor, found.award.key, typed.wanted, now=now)
        item.outcome = Outcome(typed.outcome)
        item.asked = typed.asked.strip() if item.outcome == Outcome.DEFERRED else ""
        item.votes, item.note = typed.votes.strip(), typed.note.strip()
        item.recorded_by, item.recorded_at = actor.person_id, now
        db.session.flush()
        item.recorded = _minute(actor, meeting, item, found.thing, (left, present), fund)
        audit.record(
            actor,
            Action.MODERATE,
            ("application", found.thing.id, found.thing.reference),
            now=now,
            after={
                "outcome": item.outcome.value,
                "marks": {name: one.mark for name, one in typed.marks.items()},
            },
        )


def _is_same(actor: Actor, item: MeetingItem, made: Application, typed: Recorded) -> bool:
    """Whether this person recorded just this: sent twice, it is recorded once."""
    kept = {
        one.criterion: (one.mark, one.reason)
        for one in db.session.scalars(
            sa.select(ModeratedScore).where(ModeratedScore.application_id == made.id)
        )
    }
    marks = {
        name: (one.mark, one.reason.strip())
        for name, one in typed.marks.items()
        if one.mark is not None
    }
    words = (typed.outcome, typed.votes.strip(), typed.note.strip())
    return (
        item.recorded_by == actor.person_id
        and (item.outcome, item.votes, item.note) == words
        and item.asked in {"", typed.asked.strip()}
        and kept == marks
    )


def _faults(fund: Fund, typed: Recorded) -> list[Reason]:
    faults = []
    if typed.outcome not in {Outcome.SCORED, Outcome.RECOMMENDED, Outcome.DEFERRED}:
        faults.append(Reason("Choose what came of it.", "outcome"))
    if typed.outcome == Outcome.DEFERRED and not typed.asked.strip():
        faults.append(Reason("Say what is asked before it is decided.", "asked"))
    if typed.outcome == Outcome.RECOMMENDED and typed.wanted is None:
        faults.append(Reason("Choose what is recommended.", "outcome"))
    rules = fund.scoring
    for criterion in rules.criteria:
        given = typed.marks.get(criterion.key)
        if given is None or given.mark is None:
            continue
        if not rules.lowest <= given.mark <= rules.highest:
            text = f"Choose a mark from {rules.lowest} to {rules.highest}."
            faults.append(Reason(text, f"mark-{criterion.key}"))
        if not given.reason.strip():
            text = f"Say why the panel agreed this mark for “{criterion.title}”."
            faults.append(Reason(text, f"why-{criterion.key}"))
    texts = [typed.asked, typed.votes, typed.note, *(one.reason for one in typed.marks.values())]
    if any(len(text) > LONGEST for text in texts):
        faults.append(Reason(f"Use {LONGEST:,} characters or fewer for each text."))
    return faults


def _moderate(
    actor: Actor,
    item: MeetingItem,
    made: Application,
    marks: Mapping[str, Agreement],
    present: tuple[str, ...],
    now: dt.datetime,
) -> None:
    """Keep the marks that were agreed; what was cleared goes, and its words stay in the trail."""
    kept = {
        one.criterion: one
        for one in db.session.scalars(
            sa.select(ModeratedScore).where(ModeratedScore.application_id == made.id)
        )
    }
    for criterion, given in marks.items():
        was = kept.get(criterion)
        before = {"mark": was.mark, "reason": was.reason} if was else {}
        after = {"mark": given.mark, "reason": given.reason.strip()}
        if before == after or (was is None and given.mark is None):
            continue
        if given.mark is None:
            db.session.delete(was)
        else:
            one = was or ModeratedScore(application_id=made.id, criterion=criterion)
            one.mark, one.reason = given.mark, given.reason.strip()
            one.meeting_item_id, one.present, one.agreed_at = item.id, list(present), now
            db.session.add(one)
        audit.record(
            actor,
            "moderate-score",
            ("application", made.id, made.reference),
            now=now,
            before={"criterion": criterion, **before},
            after={**after, "present": len(present)},
        )


def _minute(
    actor: Actor,
    meeting: Meeting,
    item: MeetingItem,
    made: Application,
    people: tuple[tuple[str, ...], tuple[str, ...]],
    fund: Fund,
) -> str:
    """What the minute says of this application, in words."""
    seen = scores.of_meeting(actor, made.key)
    decision = None
    if item.outcome == Outcome.RECOMMENDED:
        award = db.session.scalar(sa.select(Award).where(Award.application_id == made.id))
        decision = awards.decision(actor, award.key) if award else None
    return rule.minute_of(
        Taken(
            left=people[0],
            present=people[1],
            quorum=meeting.quorum,
            scores=_scores(actor, made, seen),
            moderated=_moderated(seen),
            decision=_decided(item, decision, fund),
            departure=reason_words(decision.departure, departures_of(fund)) if decision else "",
            votes=item.votes,
            note=item.note,
        )
    )


def _scores(actor: Actor, made: Application, seen: ScoresOfApplication | None) -> tuple[str, ...]:
    if seen is None or not seen.readings:
        return ("No scores were seen.",)
    given = "; ".join(f"{one.assessor} {one.total}" for one in seen.readings)
    _, merit = fairness.of_application(actor, made.key)
    adjusted = f", adjusted {two_places(merit.adjusted)}" if merit else ""
    apart = " The assessors were far apart." if seen.spread.is_flagged else ""
    return (f"Scores seen, of 100: {given}. Mean {seen.mean}{adjusted}.{apart}",)


def _moderated(seen: ScoresOfApplication | None) -> tuple[str, ...]:
    if seen is None or not seen.moderated:
        return ("The scores were kept.",) if seen and seen.readings else ()
    lines = [
        f"Moderated score for “{one.title}”: {seen.moderated[one.key].mark}. "
        f"{seen.moderated[one.key].reason}"
        for one in seen.criteria
        if one.key in seen.moderated
    ]
    if seen.moderated_total is not None:
        lines.append(f"Moderated total: {seen.moderated_total}.")
    return tuple(lines)


def _decided(item: MeetingItem, decision: Decision | None, fund: Fund) -> tuple[str, ...]:
    if item.outcome == Outcome.DEFERRED:
        return (f"Put off. Asked before it is decided: {item.asked}",)
    if decision is None:
        return ("Nothing was recommended yet.",)
    listed = fund.code_lists.get(REASONS)
    if not decision.is_award:
        return (f"Recommended: a refusal. {reason_words(decision.reason, listed)}".strip(),)
    lines = [f"Recommended: {pounds(decision.amount)} of {pounds(decision.asked)} asked."]
    for place, line in enumerate(decision.lines, 1):
        amount = f", {pounds(line.amount)}" if line.amount else ""
        title = f"Project {place}" if titles_tell(fund) else line.title
        words = f"{title}: {DECIDED.get(line.decision, line.decision)}{amount}."
        lines.append(f"{words} {reason_words(line.reason, listed)}".strip())
    if decision.reason:
        lines.append(f"Why less than was asked: {reason_words(decision.reason, listed)}")
    return tuple(lines)


def correct(
    actor: Actor,
    key: uuid.UUID,
    application: uuid.UUID | None,
    text: str,
    *,
    was: str,
    now: dt.datetime,
) -> None:
    """Correct the minute in words; what was recorded stays beside them. Empty takes them back.

    ``was`` is the text that the page showed. Raises Stale where somebody else changed it since.
    """
    if len(text) > LONGEST:
        raise Blocked(Reason(f"Use {LONGEST:,} characters or fewer.", "text"))
    with transaction():
        meeting, record = meetings.held(actor, key)
        about = ("round", record.id, record.reference)
        if application is None:
            part = queries.one(actor, key).opening
            if part.text == _wanted(part, text):
                return
            new = _corrected(part, text, was)
            meeting.opening, meeting.corrected_by = new, actor.person_id
        else:
            item, found = access.item(actor, meeting, application, Action.MODERATE)
            part = next(
                row for row in queries.one(actor, key).items if row.key == application
            ).paragraph
            if part.text == _wanted(part, text):
                return
            new = _corrected(part, text, was)
            item.corrected, item.corrected_by = new, actor.person_id
            about = ("application", found.thing.id, found.thing.reference)
        audit.record(
            actor,
            "correct-minute",
            about,
            now=now,
            before={"text": part.text},
            after={"text": new or part.recorded, "meeting": str(meeting.key)},
        )


def _wanted(part: Paragraph, text: str) -> str:
    """What this part is to say."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) or part.recorded


def _corrected(part: Paragraph, text: str, was: str) -> str | None:
    if part.text != was:
        raise Stale("Somebody else changed this part of the minute. Both texts are below.")
    wanted = _wanted(part, text)
    return None if wanted == part.recorded else wanted


def sign(actor: Actor, key: uuid.UUID, *, seen: str, now: dt.datetime) -> None:
    """Sign the minute as its chair: it is frozen. ``seen`` is the fingerprint of what they read.

    Raises Forbidden for anybody else, Stale where it has changed. Signing twice is signing once.
    """
    with transaction():
        meeting, record = access.meeting(actor, key, Action.SIGN_MINUTE, lock=True)
        if meeting.chair_id != actor.person_id:
            raise Forbidden("The chair of the meeting signs its minute.")
        if meeting.signed_at is not None:
            return
        read = minutes.minute(actor, key)
        if read.sha256 != seen:
            raise Stale("The minute has changed since you opened it. Read it again, then sign.")
        parts = minutes.whole(meeting.id, read.page.opening)
        meeting.frozen, meeting.sha256 = [one.kept for one in parts], rule.fingerprint(parts)
        meeting.signed_by, meeting.signed_at = actor.person_id, now
        audit.record(
            actor,
            Action.SIGN_MINUTE,
            ("round", record.id, record.reference),
            now=now,
            after={"meeting": str(meeting.key), "sha256": meeting.sha256},
        )
