"""What anybody may see, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.letter import Letter
from grants.queries import public
from grants.rules.people import NOBODY, Role
from grants.rules.refusals import Blocked, NotFound
from grants.rules.states import ApplicationState, AwardState, LetterState, RoundState
from grants.services import letter_check, tries
from tests import build
from tests.build import NOW

FUND = min(all_funds())
PUBLISHED = {AwardState.RELEASED, AwardState.ACCEPTED, AwardState.CLOSED}


@pytest.fixture
def programme(context):
    return build.programme()


@pytest.fixture
def award(programme):
    """``award(state)``: an award of two projects, £9,500, in that state."""
    record = build.round_(FUND, programme)
    partnership = build.organisation("Kirkwall Partnership (fictional)")
    writer, manager, approver = (build.person() for _ in range(3))

    def make(state: AwardState):
        made = build.application(record, partnership, writer, state=ApplicationState.MODERATION)
        return build.award(made, state=state, recommended_by=manager, decided_by=approver)

    return make


def letter(of, state: LetterState, code: str = "ABCD-EFGH-JKLM") -> Letter:
    drafter, issuer = build.person(), build.person()
    return build.kept(
        Letter(
            award_id=of.id,
            number=f"L-{code}-{state}",
            kind="award",
            state=state,
            content={},
            code=code,
            sha256="0" * 64,
            storage_key="letters/a",
            drafted_by=drafter.id,
            drafted_at=NOW,
            issued_by=None if state == LetterState.DRAFTED else issuer.id,
            issued_at=None if state == LetterState.DRAFTED else NOW,
        )
    )


def check(code: str, address: str = "192.0.2.1") -> bool:
    return letter_check.is_genuine(NOBODY, code, address=address, now=NOW)


def test_open_rounds_are_published_and_not_over(programme):
    later = build.round_(FUND, programme, closes_in=dt.timedelta(days=60))
    sooner = build.round_(FUND, programme, closes_in=dt.timedelta(days=3))
    to_come = build.round_(FUND, programme, closes_in=dt.timedelta(days=90))
    to_come.opens_at = NOW + dt.timedelta(days=1)
    build.round_(FUND, programme, closes_in=-dt.timedelta(days=1))
    build.round_(FUND, programme, state=RoundState.DRAFT)
    build.round_(FUND, programme, state=RoundState.CLOSED)
    db.session.commit()

    found = public.open_rounds(NOBODY, now=NOW).rows

    assert [(row.key, row.is_open, row.is_to_come) for row in found] == [
        (sooner.key, True, False),
        (later.key, True, False),
        (to_come.key, False, True),
    ]


def test_notice_carries_the_rulebook_as_frozen(programme):
    record = build.round_(FUND, programme)

    page = public.round_page(NOBODY, record.reference, now=NOW)

    assert page.fund.slug == FUND
    assert [area.name for area in page.areas] == ["Orkney Islands", "Shetland Islands"]


def test_draft_round_does_not_exist(programme):
    record = build.round_(FUND, programme, state=RoundState.DRAFT)

    with pytest.raises(NotFound):
        public.round_page(NOBODY, record.reference, now=NOW)


@pytest.mark.feature("M1")
@pytest.mark.parametrize("state", AwardState)
def test_register_holds_released_awards_alone(award, state):
    award(state)

    found = public.register(NOBODY, "", 1)

    assert found.page.total == (1 if state in PUBLISHED else 0)
    assert (found.amount > 0) == (state in PUBLISHED)


def test_register_counts_projects_and_money_of_all_that_match(award):
    made = [award(AwardState.RELEASED), award(AwardState.ACCEPTED), award(AwardState.APPROVED)]
    line = db.session.query(build.ProposedProject).filter_by(application_id=made[1].application_id)
    build.project(made[1], build.organisation(), line.first())

    found = public.register(NOBODY, "", 1)

    assert [row.projects for row in found.page.rows] == [2, 1]
    assert (found.projects, found.amount) == (3, made[0].amount + made[1].amount)
    assert public.register(NOBODY, "NO-SUCH-ROUND", 1).page.total == 0


def test_page_past_the_end_is_the_last(award):
    award(AwardState.RELEASED)

    assert public.register(NOBODY, "", 99).page.number == 1


@pytest.mark.parametrize("typed", ["ABCD-EFGH-JKLM", "abcd efgh jklm", " ABCDEFGHJKLM "])
def test_issued_letter_is_genuine_however_the_code_is_typed(award, typed):
    letter(award(AwardState.RELEASED), LetterState.ISSUED)

    assert check(typed)


@pytest.mark.parametrize("state", [LetterState.DRAFTED, LetterState.SUPERSEDED])
def test_letter_not_in_force_is_not_genuine(award, state):
    letter(award(AwardState.RELEASED), state)

    assert not check("ABCD-EFGH-JKLM")


@pytest.mark.parametrize("code", ["", "ABCD-EFGH-JKLN", "%", "ABCD%", "' OR 1=1 --", "x" * 500])
def test_other_code_is_not_genuine(award, code):
    letter(award(AwardState.RELEASED), LetterState.ISSUED)

    assert not check(code)


def test_checking_is_limited_for_one_address(context):
    for n in range(60):
        check(f"CODE-{n}")

    with pytest.raises(Blocked) as refusal:
        check("CODE-60")

    assert str(refusal.value) == tries.TOO_MANY
    assert not check("CODE-60", "192.0.2.2")


@pytest.mark.parametrize("role", Role)
def test_signed_in_people_see_no_more(award, role):
    award(AwardState.APPROVED)
    actor = build.actor_of(build.person(role, at=build.programme()))

    assert public.register(actor, "", 1).page.total == 0
