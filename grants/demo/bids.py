"""Applications: every question answered, and what sending one leaves behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grants.demo.kit import Kit, Row, add, put
from grants.demo.people import Lead
from grants.demo.rounds import Made
from grants.funds.definition import Fund, Question, QuestionKind
from grants.models.application import (
    Answer,
    Application,
    ApplicationPartner,
    ApplicationVersion,
    BudgetLine,
    ProposedProject,
)
from grants.models.search import SearchText
from grants.rules.answers import join_codes
from grants.rules.eligibility import is_shown
from grants.rules.states import ApplicationState, LineDecision
from grants.services.typed_rows import Frozen, freeze

PARTNERS = ("hscp", "la_mh", "third_mh", "lived")
OWN_COSTS_CATEGORY = "staff"
SIGNER = ("Seonag Made-up", "Convener")
SPEAKER = ("Iain Made-up", "Grants officer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One project asked for. Money in pence."""

    title: str
    group: str
    activity: str
    groups: list[str]  # the main one first
    themes: list[str]
    area: str  # council area's code
    summary: str
    people: int
    asked: int
    minimum: int
    is_local: bool = False  # money for a local round


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """An application to make: by whom, how far it is, and when it came."""

    lead: Lead
    state: ApplicationState
    lines: Sequence[Line]
    own_costs: tuple[tuple[str, int], ...] = ()  # (financial year, pence)
    begun_at: dt.datetime
    sent_at: dt.datetime
    partners: Sequence[str] = PARTNERS
    title: str = ""  # where it is no plan for an area
    known: Mapping[str, str] = field(default_factory=dict)
    """Answers that are not to be made up, by question."""

    @property
    def is_sent(self) -> bool:
        """Whether a version of it was ever sent."""
        return self.state != ApplicationState.DRAFT


@dataclass(slots=True)
class Sent:
    """An application as it stands in the database. ``lines`` hold their ids in order."""

    id: int
    reference: str
    bid: Bid
    share_id: int
    asked: int
    version_id: int = 0
    lines: list[int] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)  # the keys of its proposed projects
    budget: list[tuple[str, str, int, bool]] = field(default_factory=list)
    """(row, financial year, pence, is onward)"""


def make(kit: Kit, made: Made, bids: Sequence[Bid]) -> list[Sent]:
    """The applications of a round, numbered in their order."""
    answered = [_answers(kit, made.fund, made.fund_year, bid) for bid in bids]
    frozen = [
        freeze(made.fund, answers, (), _names(made, number, bid))
        for number, (bid, answers) in enumerate(zip(bids, answered, strict=True), start=1)
    ]
    rows = [
        _application(kit, made, number, bid, kept)
        for number, (bid, kept) in enumerate(zip(bids, frozen, strict=True), start=1)
    ]
    sent = [
        Sent(key, row["reference"], bid, row["allocation_area_id"], kept.totals.asked)
        for key, row, bid, kept in zip(add(Application, rows), rows, bids, frozen, strict=True)
    ]
    put(Answer, list(_answer_rows(sent, answered)))
    for entry, kept in zip(sent, frozen, strict=True):
        if entry.bid.is_sent:
            _keep_version(kit, made, entry, kept)
    return sent


def _names(made: Made, number: int, bid: Bid) -> tuple[str, ...]:
    reference = f"{made.reference}-{number:04d}"
    return (reference, _title(made, bid), bid.lead.name, bid.lead.area.name)


def _title(made: Made, bid: Bid) -> str:
    if bid.title:
        return bid.title
    whose = "Council plan" if bid.lead.is_council else "Plan"
    return f"{whose} for {bid.lead.area.name}, {made.fund_year}"


def _application(kit: Kit, made: Made, number: int, bid: Bid, kept: Frozen) -> Row:
    is_sent, state = bid.is_sent, bid.state
    submitter = bid.lead.people["submitter"]
    is_returned = state == ApplicationState.RETURNED
    return {
        "key": kit.key(),
        "reference": f"{made.reference}-{number:04d}",
        "round_id": made.id,
        "definition_id": made.definition_id,
        "organisation_id": bid.lead.organisation_id,
        "allocation_area_id": made.shares[bid.lead.area.code].id,
        "routing_council": bid.lead.area.code if _routes(made.fund) and is_sent else None,
        "title": _title(made, bid),
        "state": state,
        "asked": kept.totals.asked if is_sent else 0,
        "projects_count": len(kept.projects) if is_sent else 0,
        "number": 1 if is_sent else None,
        "created_at": bid.begun_at,
        "created_by": bid.lead.people["editor"],
        "changed_at": bid.sent_at,
        "submitted_at": bid.sent_at if is_sent else None,
        "submitted_by": submitter if is_sent else None,
        "withdrawn_at": kit.ago(1) if state == ApplicationState.WITHDRAWN else None,
        "returned_reason": kit.world.text("returned") if is_returned else "",
    }


def _routes(fund: Fund) -> bool:
    return fund.settings.needs_routing_council


def _answer_rows(sent: list[Sent], answered: list[dict[tuple[str, str], str]]) -> Iterator[Row]:
    for entry, answers in zip(sent, answered, strict=True):
        for (question, row), text in answers.items():
            yield {
                "application_id": entry.id,
                "question": question,
                "row": row,
                "text": text,
                "changed_at": entry.bid.sent_at,
                "changed_by": entry.bid.lead.people["editor"],
            }


def _keep_version(kit: Kit, made: Made, entry: Sent, kept: Frozen) -> None:
    (entry.version_id,) = add(
        ApplicationVersion,
        [
            {
                "application_id": entry.id,
                "number": 1,
                "content": kept.content,
                "sha256": kept.sha256,
                "submitted_at": entry.bid.sent_at,
                "submitted_by": entry.bid.lead.people["submitter"],
                "confirmed": _confirmed(made.fund, entry.bid),
            }
        ],
    )
    put(ApplicationPartner, [{**row, "application_id": entry.id} for row in kept.partners])
    entry.lines = add(ProposedProject, [_line(kit, entry, row) for row in kept.projects])
    entry.rows = [row["row"] for row in kept.projects]
    put(BudgetLine, [{**row, "application_id": entry.id} for row in kept.lines])
    entry.budget = [
        (row["row"], row["financial_year"], row["amount"], row["is_onward"]) for row in kept.lines
    ]
    search = {"round_id": made.id, "organisation_id": entry.bid.lead.organisation_id}
    put(SearchText, [{**search, "application_id": entry.id, "text": kept.search}])


def _confirmed(fund: Fund, bid: Bid) -> list[Row]:
    """Who confirmed it before it was sent, as far as the round asks for that."""
    at = (bid.sent_at - dt.timedelta(hours=2)).isoformat()
    whole = ("sign-off", "", SIGNER[0], SIGNER[1])
    parts = [("partner", name, SPEAKER[0], SPEAKER[1]) for name in _partner_names(bid)]
    held = [whole] * fund.stages.sign_off + parts * fund.stages.partners_confirm
    return [
        {"kind": kind, "what": what, "name": name, "role": role, "at": at}
        for kind, what, name, role in held
    ]


def _partner_names(bid: Bid) -> list[str]:
    count = len(bid.partners)
    return [f"{bid.lead.area.name} partner {number} (fictional)" for number in range(1, count + 1)]


def _line(kit: Kit, entry: Sent, row: Row) -> Row:
    return {
        **row,
        "key": kit.key(),
        "application_id": entry.id,
        "decision": LineDecision.UNDECIDED,
        "amount": 0,
        "reason": "",
        "reserve_place": None,
    }


def _answers(kit: Kit, fund: Fund, year: str, bid: Bid) -> dict[tuple[str, str], str]:
    """Every question of the form that is asked, in words that say that they are made up."""
    answers: dict[tuple[str, str], str] = {}
    asked = {question.key: question for question in fund.questions()}
    for question in fund.questions():
        if question.fills is None and is_shown(question, asked, answers):
            text = _text(kit, fund, question, bid)
            if text:
                answers[question.key, ""] = text
    answers |= _partners(bid)
    answers |= _projects(bid)
    answers |= _budget(fund, year, bid)
    return answers


def _text(kit: Kit, fund: Fund, question: Question, bid: Bid) -> str:
    known = bid.known.get(question.key, _known(question.key, bid, fund))
    if known is not None:
        return known
    area = bid.lead.area.name
    codes = (
        [code.code for code in fund.code_lists[question.choices].codes] if question.choices else []
    )
    match question.kind:
        case QuestionKind.LONG_TEXT | QuestionKind.TEXT:
            return kit.world.text(question.key, area=area)
        case QuestionKind.NUMBER:
            return str(kit.world.numbers.get(question.key, kit.dice.randint(10, 60)))
        case QuestionKind.MANY:
            return join_codes(kit.several(codes, 4))
        case QuestionKind.SINGLE:
            return kit.dice.choice(codes)
        case QuestionKind.YES_NO:
            return "no"
        case QuestionKind.DECLARATION:
            return "yes"
        case QuestionKind.LINK:
            return f"https://example.org/{bid.lead.slug}"
        case QuestionKind.DATE:
            return bid.sent_at.date().isoformat()
        case _:
            return ""


def _known(key: str, bid: Bid, fund: Fund) -> str | None:
    """What the lead body's own papers say."""
    lead = bid.lead
    return {
        "lead_organisation": lead.name,
        "lead_body_type": "council" if lead.is_council else "tsi",
        "routing_council": lead.area.code,
        "council_areas": lead.area.code,
        "postcode": lead.postcode,
        "contact_name": lead.names["officer"],
        "contact_role": f"Officer for the {fund.short_name[:1].lower()}{fund.short_name[1:]}",
        "contact_email": lead.contact or f"{lead.slug}.officer@example.org",
        "contact_phone": lead.phone,
        "signatory_name": lead.names["signatory"],
        "signatory_role": "Chief officer",
    }.get(key)


def _partners(bid: Bid) -> dict[tuple[str, str], str]:
    answers: dict[tuple[str, str], str] = {}
    for number, (name, kind) in enumerate(
        zip(_partner_names(bid), bid.partners, strict=True), start=1
    ):
        row = f"{number:04d}"
        answers["partners.name", row] = name
        answers["partners.partner_type", row] = kind
        answers["partners.part", row] = "Plans, reads bids and shares what it learns"
    return answers


def _projects(bid: Bid) -> dict[tuple[str, str], str]:
    answers: dict[tuple[str, str], str] = {}
    for number, line in enumerate(bid.lines, start=1):
        row = f"{number:04d}"
        cells = {
            "title": line.title,
            "group_name": line.group,
            "activity_type": line.activity,
            "main_group": line.groups[0],
            "groups": join_codes(line.groups),
            "themes": join_codes(line.themes),
            "areas": line.area,
            "summary": line.summary,
            "people": str(line.people),
            "asked": money(line.asked),
            "minimum": money(line.minimum),
            **({"local_round": "yes"} if line.is_local else {}),
        }
        answers |= {(f"projects.{column}", row): text for column, text in cells.items()}
    return answers


def _budget(fund: Fund, year: str, bid: Bid) -> dict[tuple[str, str], str]:
    onward = (fund.onward_category, "Grants to groups", year, sum(line.asked for line in bid.lines))
    own = [
        (OWN_COSTS_CATEGORY, "Running the fund (fictional figure)", each, pence)
        for each, pence in bid.own_costs
    ]
    answers = {}
    for number, (category, what, when, pence) in enumerate([onward, *own], start=1):
        row = f"{number:04d}"
        answers["budget.category", row] = category
        answers["budget.description", row] = what
        answers["budget.financial_year", row] = when
        answers["budget.amount", row] = money(pence)
    return answers


def money(pence: int) -> str:
    """Pence as people type them."""
    return f"{pence // 100}.{pence % 100:02d}"
