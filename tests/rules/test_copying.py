"""What of an earlier application fits into a newer one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.funds.definition import Question, QuestionKind
from grants.funds.loader import all_funds
from grants.rules.copying import OTHER_KIND, Form, offers
from grants.rules.opening import LOCKED, WHOLE, Opening
from tests import filled

pytestmark = pytest.mark.feature("A12")
FUND = all_funds()["adult"]
EACH = pytest.mark.parametrize("fund", all_funds().values(), ids=list(all_funds()))


def offered(answers, source, *, target=FUND, earlier=FUND, opening=WHOLE):
    found = offers(Form(target, answers), Form(earlier, source), opening)
    return {offer.question.key: offer for offer in found}


def changed(fund, key: str, **values):
    """The fund with one question asked otherwise."""
    sections = tuple(
        replace(
            s, questions=tuple(replace(q, **values) if q.key == key else q for q in s.questions)
        )
        for s in fund.sections
    )
    return replace(fund, sections=sections)


@EACH
def test_everything_fits_into_an_empty_form_of_the_same_fund(fund):
    answers = filled.answers(fund)

    found = offered({}, answers, target=fund, earlier=fund)

    never = {QuestionKind.UPLOAD, QuestionKind.DECLARATION}
    copied = {p: t for offer in found.values() for p, t in offer.texts.items()}
    assert all(offer.fits and not offer.replaces for offer in found.values())
    assert copied == {
        place: text
        for place, text in answers.items()
        if fund.question(place[0].partition(".")[0]).kind not in never
    }


@EACH
def test_what_is_the_same_in_both_is_left_out(fund):
    answers = filled.answers(fund)

    assert offered(answers, answers, target=fund, earlier=fund) == {}


def test_every_form_takes_what_it_shares_with_another_funds():
    funds = list(all_funds().values())

    found = offered({}, filled.answers(funds[0]), target=funds[1], earlier=funds[0])

    assert found["lead_organisation"].fits
    assert set(found) <= {q.key for q in funds[1].questions()}


def test_text_over_the_newer_limit_is_not_copied():
    target = changed(FUND, "governance", max_words=3)

    offer = offered({}, {("governance", ""): "one two three four five"}, target=target)[
        "governance"
    ]

    assert offer.why_not == "Use 3 words or fewer: this is 2 words over."


def test_question_of_another_kind_is_not_copied():
    target = changed(FUND, "governance", kind=QuestionKind.NUMBER)

    assert offered({}, {("governance", ""): "x"}, target=target)["governance"].why_not == OTHER_KIND


def test_codes_that_are_gone_are_left_out_and_named():
    themes = FUND.code_lists["theme"]
    shorter = replace(
        FUND, code_lists={**FUND.code_lists, "theme": replace(themes, codes=themes.codes[1:])}
    )
    gone, kept = themes.codes[0], themes.codes[1]
    source = {("plan_themes", ""): f"{gone.code}\n{kept.code}"}

    some = offered({}, source, target=shorter)["plan_themes"]
    none = offered({}, {("plan_themes", ""): gone.code}, target=shorter)["plan_themes"]

    assert some.texts == {("plan_themes", ""): kept.code}
    assert some.left_out == (f"“{gone.label}” is not in this form's list.",)
    assert not none.fits


def test_answer_that_stands_there_is_told():
    offer = offered({("governance", ""): "ours"}, {("governance", ""): "theirs"})["governance"]

    assert offer.fits
    assert offer.replaces


def test_blank_answers_offer_nothing():
    assert offered({("governance", ""): "ours"}, {("governance", ""): " \n"}) == {}


def test_rows_are_copied_whole_and_take_the_place_of_rows():
    source = {("partners.name", "0007"): "New", ("partners.part", "0007"): "All"}
    answers = {("partners.name", "0001"): "Old", ("partners.part", "0007"): "Old part"}

    offer = offered(answers, source)["partners"]

    assert offer.replaces
    assert offer.texts == {
        ("partners.name", "0001"): "",
        ("partners.partner_type", "0001"): "",
        ("partners.part", "0001"): "",
        ("partners.name", "0007"): "New",
        ("partners.partner_type", "0007"): "",
        ("partners.part", "0007"): "All",
    }


def test_cell_that_does_not_fit_is_left_empty_and_said():
    source = {("partners.name", "0001"): "New", ("partners.partner_type", "0001"): "guild"}

    offer = offered({}, source)["partners"]

    assert offer.texts["partners.partner_type", "0001"] == ""
    assert offer.left_out == ("Row 1, Type of member: “guild” is not in this form's list.",)


def test_too_many_rows_are_not_copied():
    target = changed(FUND, "partners", max_rows=1)
    source = {("partners.name", row): "New" for row in ("0001", "0002")}

    offer = offered({}, source, target=target)["partners"]

    assert offer.why_not == "It has 2 rows, and this form takes 1."


def test_question_that_is_not_asked_any_more_is_left_out():
    extra = Question(key="extra", label="Extra", kind=QuestionKind.TEXT)
    first, *rest = FUND.sections
    earlier = replace(FUND, sections=(replace(first, questions=(*first.questions, extra)), *rest))

    assert offered({}, {("extra", ""): "x"}, earlier=earlier) == {}


def test_answer_that_the_fund_has_not_asked_about_is_locked():
    opening = Opening(frozenset({("administration", "")}))
    source = {("governance", ""): "x", ("administration", ""): "y"}

    found = offered({}, source, opening=opening)

    assert found["governance"].why_not == LOCKED
    assert found["administration"].fits
