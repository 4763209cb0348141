"""The rules of tests/data/authz_rules.csv held to the running doors: what is listed, and nothing else."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.funds.definition import QuestionKind
from grants.models.application import Application, ProposedProject
from grants.models.assessment import Assessment, Score
from grants.models.audit import AuditEntry
from grants.models.meeting import Meeting, MeetingItem
from grants.models.organisation import Organisation
from grants.models.round import RoundDefinition
from grants.models.volunteering import VolunteerEntry
from grants.queries import minutes
from grants.queries.definitions import fund_of
from grants.rules.people import NOBODY, Right, Role
from grants.rules.states import AssessmentState, LetterState, ReturnState
from tests import build, deciding, everybody, signing
from tests.everybody import DECIDED, SECRET, TITLE, WORDS, Bid, World
from tests.services.test_triage import GOOD
from tests.storage.test_inspect import PLAIN_PDF

# Of all doors these are tried in the short run too: one of each kind of thing.
IN_SHORT = {
    ("bid", "submit"),
    ("score", "edit"),
    ("award", "approve"),
    ("outcome", "read"),
    ("letter", "issue"),
    ("return", "submit"),
}
FILE = Path(__file__).parent / "data" / "authz_rules.csv"
ALL = "*"
BID_STATES = (
    "draft submitted returned assessing moderation withdrawn "
    "recommended approved refused released declined accepted offer-declined lapsed closed"
).split()
AWARD_STATES = ["none", *sorted(state.value for state in DECIDED)]
GROUPS = {"decided": {state.value for state in DECIDED}}
ROLES = {
    "anonymous": "",
    "applicant_editor": "editor",
    "applicant_submitter": "submitter",
    "applicant_rival": "rival",
    "assessor_assigned": "assessor",
    "assessor_unassigned": "unassigned_assessor",
    "assessor_conflicted": "conflicted_assessor",
    "manager_recommender": "manager",
    "manager_approver": "approver",
    "project_reporter": "reporter",
    "partnership_officer": "officer",
    **{who: who for who in ("finance", "evaluator", "auditor", "administrator", "signatory")},
    **{who: who for who in ("shared_viewer", "shared_commenter", "shared_editor", "panel_chair")},
    # Nobody lists these: whatever they try must be refused.
    **{
        who: who
        for who in (
            "conflicted_manager",
            "conflicted_approver",
            "manager_elsewhere",
            "manager_of_another_fund",
            "other_reporter",
            "shared_before",  # the invitation was taken back
            "shared_and_assessor",  # took part in writing it, and was made an assessor later
            "leaver",
            "leaver_of_staff",
            "nobody",
        )
    },
}


@dataclass(frozen=True)
class Rule:
    role: str
    object: str
    action: str
    states: frozenset[str]
    door: str


def read_rules() -> list[Rule]:
    lines = [line for line in FILE.read_text().splitlines() if line and line[0] != "#"]
    return [
        Rule(
            row["role"],
            row["object"],
            row["action"],
            frozenset(s for part in row["states"].split("|") for s in GROUPS.get(part, {part})),
            row["door"],
        )
        for row in csv.DictReader(lines)
    ]


RULES = read_rules()


def is_listed(role: str, thing: str, action: str, state: str) -> bool:
    return any(
        (rule.role, rule.object, rule.action) == (role, thing, action)
        and rule.states & {ALL, state}
        for rule in RULES
    )


@dataclass
class Try:
    """What is tried: a person's browser, the world, and an application in some state."""

    app: Any
    world: World
    bid: Bid
    state: str
    name: str  # of the person who tries

    def in_context(self, work: Callable[[], Any]) -> Any:
        with self.app.app_context():
            return work()

    @property
    def definition_id(self) -> int:
        return self.in_context(
            lambda: db.session.get_one(build.Round, self.world.round_id).definition_id
        )


Door = Callable[[Any, Try], Any]


def shows(*addresses: str, marker: str = SECRET) -> Callable[[Any], bool]:
    def look(client: Any) -> bool:
        return any(
            answer.status_code == 200 and marker in answer.get_data(as_text=True)
            for answer in (client.get(address) for address in addresses)
        )

    return look


def reading(client: Any, of: Try) -> bool:
    found = of.bid
    return shows(
        f"/applications/{found.key}/check",
        f"/staff/applications/{found.key}",
        *(f"/assessments/{key}" for key in found.assessments.values()),
    )(client)


def others_scores(client: Any, of: Try) -> bool:
    return shows(
        f"/staff/applications/{of.bid.key}",
        *(f"/assessments/{key}" for key in of.bid.assessments.values()),
        marker=WORDS,
    )(client)


def ok(address: Callable[[Try], str | None]) -> Door:
    """A page that is shown, or not."""

    def look(client: Any, of: Try) -> bool:
        where = address(of)
        return where is not None and client.get(where).status_code == 200

    return look


def sends(address: Callable[[Try], str | None], form: Callable[[Try], dict[str, Any]]) -> Door:
    """A form that is taken, or not. 422: let in, and told what is in the way; nothing is done."""

    def send(client: Any, of: Try) -> bool:
        where = address(of)
        if where is None:
            return False
        answer = client.post(where, data=form(of), content_type="multipart/form-data")
        is_sent_away = (answer.location or "").startswith("/sign-in")
        assert answer.status_code in {200, 302, 403, 404, 409, 422}, (where, answer.status_code)
        return answer.status_code in {200, 302} and not is_sent_away

    return send


def _no_form(_of: Try) -> dict[str, Any]:
    return {}


def edited(of: Try) -> dict[str, Any]:
    fund = of.in_context(lambda: fund_of(NOBODY, of.definition_id))
    question = next(q for q in fund.questions() if q.kind == QuestionKind.LONG_TEXT)
    return {question.key: f"{SECRET} again"}


def section_of_uploads(of: Try) -> str:
    section, _ = of.in_context(lambda: everybody.upload_question(of.world))
    return f"/applications/{of.bid.key}/sections/{section}"


def uploaded(of: Try) -> dict[str, Any]:
    _, question = of.in_context(lambda: everybody.upload_question(of.world))
    return {question.key: (io.BytesIO(PLAIN_PDF), "plan.pdf"), "upload": "1"}


def sheet(of: Try) -> dict[str, Any]:
    fund = of.in_context(lambda: fund_of(NOBODY, of.definition_id))
    keys = of.in_context(
        lambda: db.session.scalars(
            sa.select(ProposedProject.key).where(ProposedProject.application_id == of.bid.id)
        ).all()
    )
    criteria = [criterion.key for criterion in fund.scoring.criteria]
    return (
        {f"mark.{criterion}": "2" for criterion in criteria}
        | {f"reason.{criterion}": "Why." for criterion in criteria}
        | {f"line.{key}": "full" for key in keys}
    )


def decided(of: Try) -> dict[str, Any]:
    rows = of.in_context(
        lambda: db.session.scalars(
            sa.select(ProposedProject.row).where(ProposedProject.application_id == of.bid.id)
        ).all()
    )
    values = {"is_award": "yes", "own_costs": "500", "feedback": "A clear plan."}
    return values | {f"decision-{row}": "full" for row in rows}


def seen(of: Try) -> dict[str, Any]:
    """What an approver's page shows: the fingerprint of what was recommended."""
    award = of.in_context(lambda: deciding.award(of.bid.award))
    return {"seen": award.recommended_sha256 or ""}


def assessor_key(of: Try) -> dict[str, Any]:
    return {
        "person": str(of.in_context(lambda: of.world.person("unassigned_assessor").key)),
        "due_on": "",
    }


def signed(of: Try) -> dict[str, Any]:
    return {"typed_name": of.name, "agrees": "yes", "reason": "Too little."}


def own_assessment(of: Try) -> Any:
    return of.bid.assessments.get("assessor")


def award_at(rest: str) -> Callable[[Try], str | None]:
    return lambda of: f"/awards/{of.bid.award}{rest}" if of.bid.award else None


def bid_at(address: str) -> Callable[[Try], str]:
    return lambda of: address.format(of.bid.key)


def round_at(rest: str) -> Callable[[Try], str]:
    return lambda of: f"/rounds/{of.world.round_key}/{rest}"


def own_at(rest: str) -> Callable[[Try], str | None]:
    return lambda of: f"/assessments/{own_assessment(of)}{rest}" if own_assessment(of) else None


def paper_at(of: Try) -> str:
    """Where what the first reader gave on paper is typed."""
    person = of.in_context(lambda: of.world.person("assessor").key)
    return f"/applications/{of.bid.key}/readers/{person}/paper"


def reopening_at(of: Try) -> str:
    """Where what the second reader submitted is opened again."""
    person = of.in_context(lambda: of.world.person("second_assessor").key)
    return f"/applications/{of.bid.key}/readers/{person}/reopening"


def letter_at(rest: str) -> Callable[[Try], str | None]:
    def address(of: Try) -> str | None:
        key = of.bid.letters.get(of.state)
        return f"/letters/{key}{rest}" if key else None

    return address


def return_shown(client: Any, of: Try) -> bool:
    key = of.bid.returns[of.state]
    return shows(f"/returns/{key}", f"/staff/returns/{key}", marker=TITLE)(client)


def return_at(address: str) -> Callable[[Try], str]:
    return lambda of: address.format(of.bid.returns[of.state])


def outcome_at(rest: str) -> Callable[[Try], str | None]:
    return lambda of: f"/outcomes/{of.bid.award}{rest}" if of.bid.award else None


REASON = {"reason": "Please."}
FIELD = {"text": "Is this so?"}


def comment_at(of: Try) -> str:
    fund = of.in_context(lambda: fund_of(NOBODY, of.definition_id))
    question = next(q for q in fund.questions() if q.kind == QuestionKind.LONG_TEXT)
    return f"/applications/{of.bid.key}/comments?question={question.key}"


MET = ["submitted", "assessing", "moderation", "recommended", "released", "withdrawn"]
SIT = ("chair", "conflicted_assessor", "conflicted_manager", "shared_and_assessor")
LOOK = {
    "item": "accounts",
    "finding": "satisfactory",
    "note": "",
    "checked_on": [str(build.NOW.day), str(build.NOW.month), str(build.NOW.year)],
}
CHECKED = {finding.key: finding.answer for finding in GOOD}


def meeting_of(of: Try) -> str:
    """Where the meeting is on whose list this application stands."""
    found = sa.select(Meeting.key).join(MeetingItem, MeetingItem.meeting_id == Meeting.id)
    key = of.in_context(
        lambda: db.session.scalar(found.where(MeetingItem.application_id == of.bid.id))
    )
    return f"/meetings/{key}"


def read_by_the_chair(of: Try) -> dict[str, Any]:
    """The fingerprint of what the chair reads."""
    key = uuid.UUID(meeting_of(of).rpartition("/")[2])

    def read() -> str:
        chair = build.actor_of(of.world.person("chair"))
        return minutes.minute(chair, key).sha256

    return {"seen": of.in_context(read)}


def meet(world: World, made: Bid) -> None:
    """A meeting of its own on this application. In a context."""
    at = build.meeting(world.round_id, [world.person(who) for who in SIT])
    at.chair_id = world.person("chair").id
    build.kept(MeetingItem(meeting_id=at.id, application_id=made.id, place=1, why="rank"))


DOORS: dict[tuple[str, str], tuple[list[str], Door]] = {
    ("bid", "read"): (BID_STATES, reading),
    ("bid", "edit"): (BID_STATES, sends(bid_at("/applications/{}/autosave"), edited)),
    ("bid", "upload"): (BID_STATES, sends(section_of_uploads, uploaded)),
    ("bid", "export_pdf"): (BID_STATES, ok(bid_at("/applications/{}/copy.pdf"))),
    ("bid", "submit"): (
        BID_STATES,
        sends(bid_at("/applications/{}/submit"), _no_form),
    ),
    ("bid", "withdraw"): (
        BID_STATES,
        sends(bid_at("/applications/{}/withdraw"), lambda of: REASON),
    ),
    ("bid", "return_for_correction"): (
        BID_STATES,
        sends(bid_at("/staff/applications/{}/return"), lambda of: {"return-reason": "Please."}),
    ),
    ("bid", "open_assessing"): (
        BID_STATES,
        sends(bid_at("/staff/applications/{}/assessing"), _no_form),
    ),
    ("bid", "open_moderation"): (
        BID_STATES,
        sends(
            bid_at("/staff/applications/{}/moderation"), lambda of: {"moderation-reason": "Late."}
        ),
    ),
    ("bid", "read_attachment"): (
        BID_STATES,
        ok(lambda of: f"/files/{of.bid.file}" if of.bid.file else None),
    ),
    ("bid", "comment"): (BID_STATES, sends(comment_at, lambda of: FIELD)),
    ("bid", "share"): (BID_STATES, ok(bid_at("/applications/{}/people"))),
    ("bid", "offline"): (BID_STATES, ok(bid_at("/applications/{}/workbook.xlsx"))),
    ("query", "ask"): (BID_STATES, ok(bid_at("/staff/applications/{}/query"))),
    ("due_diligence", "read"): (BID_STATES, ok(bid_at("/staff/applications/{}/checks"))),
    ("assignment", "manage"): (
        ["submitted", "assessing", "moderation", "withdrawn", "approved", "released"],
        sends(bid_at("/applications/{}/readers"), assessor_key),
    ),
    ("score", "read_own"): (
        ["assessing", "moderation", *sorted(GROUPS["decided"])],
        ok(own_at("")),
    ),
    ("score", "edit"): (
        ["assessing", "moderation", "released"],
        sends(own_at("/scores"), sheet),
    ),
    ("score", "submit"): (
        ["assessing", "moderation", "released"],
        sends(own_at(""), lambda of: {**sheet(of), "submit": "1"}),
    ),
    ("score", "read_others"): (BID_STATES, others_scores),
    ("score", "reopen"): (
        ["assessing", "moderation", "released"],
        sends(reopening_at, lambda _of: REASON),
    ),
    ("paper", "type"): (
        ["assessing", "moderation", "released"],
        sends(paper_at, lambda _of: {"day": ["1", "11", "2026"], "checker": "assessor"}),
    ),
    ("conflict", "declare"): (
        ["assessing", "moderation", *sorted(GROUPS["decided"])],
        sends(own_at("/declaration"), lambda of: {"interest": "employer"}),
    ),
    ("award", "read"): (AWARD_STATES, ok(award_at(""))),
    ("award", "recommend"): (AWARD_STATES, sends(award_at(""), decided)),
    ("award", "approve"): (AWARD_STATES, sends(award_at("/approval"), seen)),
    ("award", "refuse"): (
        AWARD_STATES,
        sends(award_at("/refusal"), lambda of: {"refusal-code": "out_of_scope"}),
    ),
    ("award", "hold"): (
        AWARD_STATES,
        sends(award_at("/reserve"), lambda of: {"holding-code": "out_of_scope"}),
    ),
    ("award", "amend"): (
        AWARD_STATES,
        sends(award_at("/amendment"), lambda of: {"amendment-reason": "A slip."}),
    ),
    ("outcome", "read"): (AWARD_STATES, ok(outcome_at(""))),
    ("letter", "accept"): (AWARD_STATES, sends(outcome_at("/acceptance"), signed)),
    ("letter", "decline"): (AWARD_STATES, sends(outcome_at("/declining"), signed)),
    ("letter", "draft"): (
        ["none", "approved", "refused", "unlettered"],
        sends(award_at("/letter"), _no_form),
    ),
    ("letter", "read"): ([state.value for state in LetterState], ok(letter_at(".pdf"))),
    ("letter", "issue"): (["drafted"], sends(letter_at("/issue"), _no_form)),
    ("letter", "replace"): (
        ["drafted", "issued", "superseded"],
        sends(letter_at("/replacement"), lambda of: REASON),
    ),
    ("return", "read"): ([s.value for s in ReturnState], return_shown),
    ("return", "edit"): (
        [s.value for s in ReturnState],
        sends(return_at("/returns/{}/autosave"), lambda of: {"unique_people": "21"}),
    ),
    ("return", "submit"): (
        [s.value for s in ReturnState],
        sends(return_at("/returns/{}/submit"), _no_form),
    ),
    ("return", "query"): (
        [s.value for s in ReturnState],
        sends(return_at("/staff/returns/{}/query"), lambda of: {"ask.": "How so?"}),
    ),
    ("return", "accept"): (
        [s.value for s in ReturnState],
        sends(return_at("/staff/returns/{}/accept"), _no_form),
    ),
    ("due_diligence", "record"): (
        BID_STATES,
        sends(bid_at("/staff/applications/{}/checks"), lambda of: LOOK),
    ),
    ("triage", "read"): (BID_STATES, ok(bid_at("/staff/applications/{}/triage"))),
    ("triage", "decide"): (
        BID_STATES,
        sends(bid_at("/staff/applications/{}/triage"), lambda of: CHECKED),
    ),
    ("equality", "answer"): (
        BID_STATES,
        sends(bid_at("/applications/{}/equality"), lambda of: {"none": "1"}),
    ),
    ("meeting", "read_item"): (MET, ok(lambda of: f"{meeting_of(of)}/{of.bid.key}")),
    ("meeting", "record"): (
        MET,
        sends(
            lambda of: f"{meeting_of(of)}/{of.bid.key}",
            lambda of: {"seen": "1", "outcome": "scored", "remark": "All agreed."},
        ),
    ),
    ("meeting", "sign"): (
        MET,
        sends(lambda of: f"{meeting_of(of)}/minute/signature", read_by_the_chair),
    ),
}

# Of several things in one state, each is tried on an application in this state.
STANDS_FOR = {
    "none": "moderation",
    "drafted": "declined",
    "issued": "released",
    "superseded": "released",
    **{state.value: "accepted" for state in ReturnState},
}
UNAUDITED = {
    *(("bid", "edit"), ("return", "edit"), ("score", "edit")),  # saved as one types
    ("equality", "answer"),  # kept as counts, of nobody
}
BROUGHT_BY_GET = {
    *("read", "export_pdf", "read_attachment", "read_own", "read_others"),
    *("share", "offline", "ask", "read_item"),
}


def _stands_for(thing: str, state: str) -> str:
    is_other = thing in {"letter", "return"} or state == "none"
    return STANDS_FOR.get(state, state) if is_other else state


@dataclass
class Stage:
    """The world, its browsers, and a fingerprint of all that is kept."""

    app: Any
    world: World
    clients: dict[str, Any]
    names: dict[str, str]
    shared: dict[tuple[str, str], Bid] = field(default_factory=dict)

    def bid(self, thing: str, state: str) -> Bid:
        """A new application in the state that this state of the thing asks for."""
        with self.app.app_context():
            made = everybody.bid(self.world, _stands_for(thing, state))
            invite_all(self.world, made)
            if thing == "paper":
                blank_sheets(made)
            if thing == "meeting":
                meet(self.world, made)
            return made

    def shared_bid(self, thing: str, state: str) -> Bid:
        """One that nobody is let in to change."""
        kept = _stands_for(thing, state), thing if thing in {"paper", "meeting"} else ""
        if kept not in self.shared:
            self.shared[kept] = self.bid(thing, state)
        return self.shared[kept]

    def is_let_in(self, role: str, door: Door, bid: Bid, state: str) -> bool:
        of = Try(self.app, self.world, bid, state, self.names.get(role, ""))
        return bool(door(self.clients[role], of))

    def print_of_all(self) -> str:
        """Of every row but sign-ins."""
        found = hashlib.sha256()
        with self.app.app_context():
            for table in db.metadata.sorted_tables:
                if not table.name.startswith(("sign_in", "search")):
                    for row in db.session.execute(sa.select(table).order_by(*table.primary_key)):
                        found.update(repr(tuple(row)).encode())
        return found.hexdigest()

    def entries(self) -> int:
        with self.app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


RIGHTS = {
    "shared_viewer": Right.VIEW,
    "shared_commenter": Right.COMMENT,
    "shared_editor": Right.EDIT,
    "shared_before": Right.EDIT,
    "shared_and_assessor": Right.VIEW,
}


def add_guests(world: World) -> None:
    """People who belong to no organisation here, and work on what they were invited to. In a context."""
    funder = db.session.get_one(Organisation, world.places["funder"])
    for who in RIGHTS:
        roles = [Role.ASSESSOR] if who == "shared_and_assessor" else []
        world.people[who] = build.person(*roles, at=funder).email
    world.people["panel_chair"] = world.people["chair"]


def invite_all(world: World, made: Bid) -> None:
    """Each with their right to this application. In a context."""
    application = db.session.get_one(Application, made.id)
    for who, right in RIGHTS.items():
        share = build.share(application, world.person(who), world.person("submitter"), right)
        if who == "shared_before":
            share.ended_at, share.ended_by = build.NOW, world.person("submitter").id
    db.session.commit()


def blank_sheets(made: Bid) -> None:
    """Whoever scores has written nothing on the page yet. In a context."""
    scoring = sa.select(Assessment.id).where(
        Assessment.application_id == made.id, Assessment.state == AssessmentState.SCORING
    )
    db.session.execute(sa.delete(Score).where(Score.assessment_id.in_(scoring)))
    db.session.commit()


@pytest.fixture(scope="module")
def stage(_app, _database, _clock) -> Iterator[Stage]:
    """One world for every door: who is refused leaves nothing behind, who is let in has their own."""
    _clock.now = _clock.START
    with _app.app_context():
        world = everybody.world()
        add_guests(world)
        names = {role: world.person(who).name for role, who in ROLES.items() if who in world.people}
    clients = {role: _app.test_client() for role in ROLES}
    for role, who in ROLES.items():
        if who:
            signing.sign_in(_app, clients[role], world.people[who], now=_clock.now)
    yield Stage(_app, world, clients, names)
    with _app.app_context():
        db.session.remove()
        db.engine.dispose()
    _database.restore()
    for path in _database.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


STEPPED = ("triage", "equality")  # steps that a round may leave out


@pytest.fixture(scope="module")
def stepped(stage) -> Stage:
    """The same people of another world, whose round has these steps."""
    app = stage.app
    with app.app_context():
        world = everybody.world()
        add_guests(world)
        record = db.session.get_one(build.Round, world.round_id)
        kept = db.session.get_one(RoundDefinition, record.definition_id)
        stages = {**kept.content["stages"], **dict.fromkeys(STEPPED, True)}
        kept.content = {**kept.content, "stages": stages}
        db.session.commit()
        names = {role: world.person(who).name for role, who in ROLES.items() if who in world.people}
    clients = {role: app.test_client() for role in ROLES}
    for role, who in ROLES.items():
        if who:
            signing.sign_in(app, clients[role], world.people[who], now=build.NOW)
    return Stage(app, world, clients, names)


@pytest.fixture
def at(request, stage, thing) -> Stage:
    """Where this thing can be done."""
    found: Stage = request.getfixturevalue("stepped") if thing in STEPPED else stage
    return found


@pytest.mark.feature("M1")
@pytest.mark.feature("M2")
@pytest.mark.asvs("8.2.1")
@pytest.mark.asvs("8.2.2")
@pytest.mark.asvs("8.3.1")
@pytest.mark.parametrize(("thing", "action"), DOORS, ids=lambda one: one)
def test_only_who_is_listed_is_let_in(at, thing, action, long):
    if not long and (thing, action) not in IN_SHORT:
        pytest.skip("every door for everybody: python3 run.py test --long")
    states, door = DOORS[thing, action]
    is_reading = action in BROUGHT_BY_GET
    doers = {rule.role for rule in RULES if (rule.object, rule.action) == (thing, action)}
    wrong = []
    for state in states:
        bid = at.shared_bid(thing, state)
        before = "" if is_reading else at.print_of_all()
        barred = [role for role in ROLES if not is_listed(role, thing, action, state)]
        wrong += [
            (state, role, "let in")
            for role in barred
            if at.is_let_in(role, door, bid, state)
            and (is_reading or role not in doers)  # what is done already is done once
        ]
        if not is_reading and at.print_of_all() != before:
            wrong.append((state, "somebody", "left something behind"))
        for role in ROLES.keys() - set(barred):
            bid = bid if is_reading else at.bid(thing, state)
            entries = at.entries()
            if not at.is_let_in(role, door, bid, state):
                wrong.append((state, role, "kept out"))
            elif not is_reading and (thing, action) not in UNAUDITED and at.entries() == entries:
                wrong.append((state, role, "left no entry in the trail"))

    assert wrong == []


# A draft letter that is thrown away has no address any more.
GONE = {("letter", "replace", "drafted")}
SENT = [one for one in DOORS if one[1] not in BROUGHT_BY_GET]


@pytest.mark.asvs("2.3.1")
@pytest.mark.parametrize(("thing", "action"), SENT, ids=lambda one: one)
def test_same_form_twice_has_one_effect(at, thing, action, long):
    """A double click, or a retry after a time-out: nothing more is kept, not even in the trail.

    Whoever pressed twice meets no refusal: the second answer is what they see.
    """
    if not long and (thing, action) not in IN_SHORT:
        pytest.skip("every form twice: python3 run.py test --long")
    states, door = DOORS[thing, action]
    twice = []
    for state in states:
        role = next((one for one in ROLES if is_listed(one, thing, action, state)), None)
        if role is None:
            continue
        bid = at.bid(thing, state)
        assert at.is_let_in(role, door, bid, state)
        before = at.print_of_all()
        again = at.is_let_in(role, door, bid, state)
        if at.print_of_all() != before or not (again or (thing, action, state) in GONE):
            twice.append((state, role))

    assert twice == []


@pytest.mark.feature("M1")
def test_decided_outcomes_are_released_by_who_is_listed_alone(stage):
    app = stage.app
    with app.app_context():  # a round of its own, for all of it is released together
        world = everybody.world()
        add_guests(world)
        made = everybody.bid(world, "approved")
    clients = {
        role: signing.sign_in(app, app.test_client(), world.people[who], now=build.NOW)
        if who
        else app.test_client()
        for role, who in ROLES.items()
    }
    address = f"/rounds/{world.round_key}/release"

    for role in ROLES.keys() - {"manager_approver"}:
        clients[role].post(address, data={"typed": "1"})
    with app.app_context():
        before = deciding.award(made.award).state
    clients["manager_approver"].post(address, data={"typed": "1"})

    with app.app_context():
        assert (before, deciding.award(made.award).state) == ("approved", "released")


PAGES = {
    ("fund_notice", "read"): "/rounds-open/{0.reference}",
    ("awards_register", "read"): "/awards",
    ("organisation", "manage_members"): "/members",
    ("statistics", "read"): "/rounds/{0.round_key}/evaluation",
    ("extract", "create"): "/rounds/{0.round_key}/extracts",
    ("user", "manage"): "/people",
    ("audit_log", "read"): "/audit-trail",
    ("typed_bid", "begin"): "/rounds/{0.round_key}/entries",
    ("scenario", "read"): "/rounds/{0.round_key}/workbench",
    ("scenario", "compare"): "/rounds/{0.round_key}/scenarios",
    ("reserve_list", "read"): "/rounds/{0.round_key}/reserves",
    ("duplicates", "read"): "/rounds/{0.round_key}/duplicates",
    ("interests", "read"): "/rounds/{0.round_key}/interests",
    ("calibration", "hold"): "/rounds/{0.round_key}/calibration",
    ("rehearsal", "make"): "/rounds/{0.round_key}/rehearsal",
    ("profile", "list"): "/staff/organisations",
    ("register", "load"): "/staff/registers",
    ("meeting", "list"): "/rounds/{0.round_key}/meetings",
    ("volunteering", "log"): "/rounds/{0.round_key}/volunteering",
    ("volunteering", "oversee"): "/rounds/{0.round_key}/volunteers",
}


@pytest.mark.feature("M1")
@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize(("thing", "action"), PAGES, ids=lambda one: one)
def test_page_opens_for_who_is_listed_alone(stage, thing, action):
    address = PAGES[thing, action].format(stage.world)
    listed = {rule.role for rule in RULES if (rule.object, rule.action) == (thing, action)}
    everybodys = {"anonymous"} & listed

    opened = {role for role in ROLES if stage.clients[role].get(address).status_code == 200}

    assert opened == (set(ROLES) if everybodys else _and_alike(listed))


def _and_alike(listed: set[str]) -> set[str]:
    """With who holds a listed role too, where the page is about no application in particular."""
    alike = {
        "manager_recommender": {"conflicted_manager"},
        "manager_approver": {"conflicted_approver"},
        "applicant_submitter": {"applicant_rival"},
    }
    return listed | {who for role in listed for who in alike.get(role, ())}


def test_every_rule_has_a_door_or_says_why_not():
    tried = {*DOORS, *PAGES, ("decision", "release")}
    elsewhere = {  # each with a test of its own
        ("bid", "create"),
        ("letter", "verify"),
        ("user", "end_sessions"),
        ("user", "reset_second_factor"),
        ("score_workbook", "download"),
        ("volunteering", "approve"),
        ("equality", "read_counts"),
    }

    assert {
        (rule.object, rule.action)
        for rule in RULES
        if not rule.door and (rule.object, rule.action) not in tried | elsewhere
    } == set()
    assert {rule.role for rule in RULES} - set(ROLES) == {"system"}


@pytest.mark.feature("M1")
def test_application_is_begun_by_its_own_people_alone(stage):
    with stage.app.app_context():
        here = db.session.get_one(Organisation, stage.world.places["here"])
        form = {"round": str(stage.world.round_key), "place": f"{here.key} Shetland Islands"}

    begun = {
        role
        for role, client in stage.clients.items()
        if (client.post("/applications", data=form).location or "").startswith("/applications/")
    }

    assert begun == {"applicant_editor", "applicant_submitter"}


@pytest.mark.feature("M1")
@pytest.mark.parametrize("rest", ["sign-out", "reset"])
def test_accounts_are_managed_by_administrators_alone(stage, rest):
    with stage.app.app_context():
        key = stage.world.person("second_approver").key

    done = {
        role
        for role, client in stage.clients.items()
        if (
            client.post(f"/people/{key}/{rest}", data={"reason": "Lost phone."}).location or ""
        ).startswith("/people/")
    }

    assert done == {"administrator"}


@pytest.mark.feature("M1")
def test_profile_is_kept_by_its_own_people_alone(stage):
    with stage.app.app_context():
        key = db.session.get_one(Organisation, stage.world.places["here"]).key

    def who_opens(address: str) -> set[str]:
        return {r for r, client in stage.clients.items() if client.get(address).status_code == 200}

    own = {"applicant_editor", "applicant_submitter"}
    assert who_opens(f"/organisations/{key}/edit") == own
    assert who_opens(f"/organisations/{key}") == {
        *own,
        "signatory",
        "partnership_officer",
        "administrator",
    }
    assert who_opens(f"/organisations/{key}/areas") == {"administrator"}


def listed(thing: str, action: str) -> set[str]:
    return {rule.role for rule in RULES if (rule.object, rule.action) == (thing, action)}


@pytest.mark.feature("M1")
@pytest.mark.feature("R17")
def test_score_workbook_is_fetched_by_who_scores_alone(stage):
    stage.shared_bid("score", "assessing")
    place = f"/rounds/{stage.world.round_key}/score-workbook"
    clients = stage.clients.items()

    fetched = {r for r, client in clients if client.post(f"{place}.xlsx").status_code == 200}

    assert fetched == listed("score_workbook", "download")


@pytest.mark.feature("M1")
@pytest.mark.feature("R22")
def test_expense_is_approved_by_who_is_listed_and_never_by_its_own_volunteer(stage):
    place, today = f"/rounds/{stage.world.round_key}", build.NOW.date().isoformat()
    form = {"kind": "expense", "expense-amount": "4.60", "expense-note": "Bus"}
    noted = stage.clients["assessor_assigned"].post(
        f"{place}/volunteering", data={**form, "expense-day": today}
    )
    with stage.app.app_context():
        key = db.session.scalars(sa.select(VolunteerEntry.key)).one()

    approved = {
        role
        for role, client in stage.clients.items()
        if (client.post(f"{place}/volunteers/{key}/approval").location or "").endswith(
            "/volunteers"
        )
    }

    assert noted.status_code == 302
    assert approved == _and_alike(listed("volunteering", "approve"))


@pytest.mark.feature("M1")
def test_counts_of_equality_are_read_by_who_is_listed_alone(stepped):
    place = f"/rounds/{stepped.world.round_key}/equality"

    opened = {r for r, client in stepped.clients.items() if client.get(place).status_code == 200}

    assert opened == listed("equality", "read_counts")
