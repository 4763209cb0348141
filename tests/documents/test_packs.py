"""The copy of an application: every question, every answer in words, and proof of what was sent."""

from datetime import UTC, datetime

import pytest

from grants.documents.packs import (
    ApplicationCopy,
    PrintedAnswer,
    PrintedSection,
    PrintedTable,
    application_copy_pdf,
    printed_sections,
)
from grants.funds.definition import QuestionKind
from grants.funds.loader import all_funds
from tests.documents.pdf_checks import faults_of, roles_of, text_of

LONG = "Tha sinn ag iarraidh taic. " * 200
SECTIONS = (
    PrintedSection(
        title="Your plan",
        answers=(
            PrintedAnswer(question="Why?", answer="First line.\nSecond line."),
            PrintedTable(
                question="Budget",
                columns=("Item", "Amount"),
                rows=(("Rooms", "£100"), ("Total", "£100")),
                figures=(1,),
                total=True,
            ),
            PrintedTable(
                question="Projects",
                columns=("Title", "Summary"),
                rows=(("Walks", LONG),),
                by_row=True,
            ),
            PrintedTable(question="Partners", columns=("Name",), rows=()),
        ),
    ),
)


def copy(sections=SECTIONS, **more):
    return ApplicationCopy(
        fund_name="Communities Fund",
        funder="The funder (fictional)",
        round_reference="ADULT-2026-27",
        reference="ADULT-2026-27-023",
        organisation="Shetland Islands Wellbeing Partnership (fictional)",
        submitted_by="Mairi NicDhòmhnaill",
        submitted_at=datetime(2026, 7, 1, 10, 59, 30, tzinfo=UTC),
        sha256="ab" * 32,
        sections=sections,
        **more,
    )


@pytest.mark.feature("A13")
@pytest.mark.feature("A17")
def test_copy_names_who_signed_off_and_which_partners_confirmed():
    signed = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
    confirmed = (("", "Beathag Board, Chair", signed), ("The Hall", "Pàdraig", signed))

    text = text_of(application_copy_pdf(copy(confirmed=confirmed)))

    assert "Signed off by Beathag Board, Chair, 10:00:00 on 30 June 2026, UK time" in text
    assert "The Hall confirmed by Pàdraig, 10:00:00 on 30 June 2026, UK time" in text
    assert "Signed off by" not in text_of(application_copy_pdf(copy()))


@pytest.mark.feature("A17")
def test_copy_says_who_sent_what_and_when():
    text = text_of(application_copy_pdf(copy()))
    before, fingerprint = text.split("Fingerprint of the answers (SHA-256)")

    assert before.strip() == (
        "Application ADULT-2026-27-023 Organisation Shetland Islands Wellbeing Partnership "
        "(fictional) Round ADULT-2026-27 Receipt reference ADULT-2026-27-023 "
        "Sent by Mairi NicDhòmhnaill Sent at 11:59:30 on 1 July 2026, UK time"
    )
    assert fingerprint.replace(" ", "")[:64] == "ab" * 32


@pytest.mark.feature("A17")
def test_copy_holds_long_answers_whole():
    assert text_of(application_copy_pdf(copy())).count("Tha sinn ag iarraidh taic.") == 200


def test_copy_is_tagged_and_repeatable():
    data = application_copy_pdf(copy())

    assert faults_of(data) == []
    assert data == application_copy_pdf(copy())
    assert (roles_of(data).count("H1"), roles_of(data).count("Table")) == (1, 2)


def stand_in(fund, question):
    """A kept value of the right kind."""
    if question.choices:
        code = fund.code_lists[question.choices].codes[0].code
        return [code] if question.kind is QuestionKind.MANY else code
    return {
        QuestionKind.MONEY: 1_234_567,
        QuestionKind.NUMBER: 4_321,
        QuestionKind.DATE: "2027-02-03",
        QuestionKind.YES_NO: "yes",
        QuestionKind.DECLARATION: "yes",
    }.get(question.kind, f"answer to {question.key}")


def answered(fund):
    answers = {}
    for question in fund.questions():
        answers[question.key] = {"": stand_in(fund, question)}
        for column in question.columns:
            answers[f"{question.key}.{column.key}"] = {"row1": stand_in(fund, column)}
    return answers


@pytest.mark.feature("A17")
@pytest.mark.parametrize("slug", sorted(all_funds()))
def test_every_fund_s_form_is_printed_in_words(slug):
    fund = all_funds()[slug]
    sections = printed_sections(fund, answered(fund))
    text = text_of(application_copy_pdf(copy(sections)))

    assert [section.title for section in sections] == [section.title for section in fund.sections]
    assert "£12,345.67" in text
    assert faults_of(application_copy_pdf(copy(sections))) == []


def test_question_that_was_not_shown_is_left_out():
    fund = all_funds()["adult"]
    hidden = [question for question in fund.questions() if question.show_when]
    sections = printed_sections(fund, {})

    printed = [answer.question for section in sections for answer in section.answers]
    assert len(hidden) > 0
    assert len(printed) == len(fund.questions()) - len(hidden)


def test_codes_are_printed_as_their_labels():
    fund = all_funds()["adult"]
    question = next(q for q in fund.questions() if q.choices and not q.show_when)
    first = fund.code_lists[question.choices].codes[0]
    sections = printed_sections(fund, {question.key: {"": first.code}})

    answers = {answer.question: answer for section in sections for answer in section.answers}
    assert answers[question.label].answer == first.label
