"""An organisation's profile: what it asks, what is wrong with it, and what it gives an application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grants.funds.definition import Fills, Fund, Question, QuestionKind, Section
from grants.rules import registers
from grants.rules.answers import codes_of, fault, is_blank, join_codes, unfit
from grants.rules.registers import Register

Place = tuple[str, str]
LONGEST_NAME = 300
PEOPLE, PARTNERS = "people", "partners"
NUMBERS = {"charity_number": Register.CHARITIES, "company_number": Register.COMPANIES}
NEEDED = "Enter the organisation's name."

_LINE = QuestionKind.TEXT
SECTION = Section(
    key="profile",
    title="Your organisation",
    questions=(
        Question(key="name", label="Name of the organisation", kind=_LINE, max_words=20),
        Question(
            key="legal_form",
            label="Legal form",
            kind=QuestionKind.SINGLE,
            choices="legal_form",
            required=False,
        ),
        Question(
            key="charity_number",
            label="Scottish charity number",
            hint="SC and six figures, such as SC098765. Leave it empty if you are no charity.",
            kind=_LINE,
            required=False,
        ),
        Question(
            key="company_number",
            label="Company number",
            hint="Eight characters. A Scottish company's begins with SC too, so look twice.",
            kind=_LINE,
            required=False,
        ),
        Question(
            key="address",
            label="Address for letters",
            kind=QuestionKind.LONG_TEXT,
            max_words=40,
            required=False,
        ),
        Question(key="postcode", label="Postcode", kind=QuestionKind.POSTCODE, required=False),
        Question(key="email", label="E-mail address", kind=QuestionKind.EMAIL, required=False),
        Question(key="phone", label="Phone number", kind=QuestionKind.PHONE, required=False),
        Question(
            key=PEOPLE,
            label="Office-bearers and staff",
            hint="The first one is put down as the main contact of a new application.",
            kind=QuestionKind.ROWS,
            required=False,
            max_rows=20,
            columns=(
                Question(key="name", label="Name", kind=_LINE, max_words=10),
                Question(key="role", label="Role", kind=_LINE, max_words=12),
            ),
        ),
        Question(
            key=PARTNERS,
            label="Bodies you usually work with",
            hint="They are put down as partners in a new application.",
            kind=QuestionKind.ROWS,
            required=False,
            max_rows=40,
            columns=(
                Question(key="name", label="Name", kind=_LINE, max_words=15),
                Question(
                    key="partner_type",
                    label="Type",
                    kind=QuestionKind.SINGLE,
                    choices="partner_type",
                ),
                Question(
                    key="part",
                    label="Their part",
                    kind=_LINE,
                    max_words=30,
                ),
            ),
        ),
    ),
)
SIMPLE = tuple(q for q in SECTION.questions if q.kind != QuestionKind.ROWS)
TABLES = tuple(q for q in SECTION.questions if q.kind == QuestionKind.ROWS)
# Which question of an application takes which field of the profile.
ASKED_AS = {
    "lead_organisation": "name",
    "organisation_name": "name",
    "legal_form": "legal_form",
    "charity_number": "charity_number",
    "company_number": "company_number",
    "organisation_address": "address",
    "postcode": "postcode",
    "contact_email": "email",
    "contact_phone": "phone",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A sentence about one field of the profile."""

    question: str
    row: str
    text: str
    label: str

    @property
    def sentence(self) -> str:
        """The same where it stands away from its field."""
        return f"{self.label}: {self.text}"


def rulebook(funds: Iterable[Fund]) -> Fund:
    """The fund whose code lists the profile is chosen from: the first that has them all."""
    wanted = {"legal_form", "partner_type"}
    return next(fund for fund in funds if wanted <= set(fund.code_lists))


def kept(texts: Mapping[Place, str]) -> dict[Place, str]:
    """As it is kept: no white space around lines, numbers as registers write them, no empty rows."""
    found = {place: text.strip() for place, text in texts.items()}
    for number in NUMBERS:
        if (number, "") in found:
            found[number, ""] = registers.packed(found[number, ""])
    filled = {(place[0].partition(".")[0], place[1]) for place, text in found.items() if text}
    return {
        place: text
        for place, text in found.items()
        if not place[1] or (place[0].partition(".")[0], place[1]) in filled
    }


def faults(fund: Fund, texts: Mapping[Place, str]) -> tuple[Fault, ...]:
    """Everything that is wrong with what was typed. Only a name must be there."""
    found: list[Fault] = []
    for (key, row), text in texts.items():
        question = _question(key)
        wrong = _wrong(fund, question, text) if question else ""
        if question and wrong:
            found.append(Fault(key, row, wrong, question.label))
    if is_blank(texts.get(("name", ""), "")):
        found.insert(0, Fault("name", "", NEEDED, SIMPLE[0].label))
    return tuple(found)


def _question(key: str) -> Question | None:
    table, _, column = key.partition(".")
    found = next((question for question in SECTION.questions if question.key == table), None)
    if found is None or not column:
        return found
    return next((entry for entry in found.columns if entry.key == column), None)


def _wrong(fund: Fund, question: Question, text: str) -> str:
    if question.key in NUMBERS:
        return unfit(text) or registers.fault(NUMBERS[question.key], text)
    if question.key == "name" and len(text) > LONGEST_NAME:
        return f"Use {LONGEST_NAME} characters or fewer."
    return fault(question, text, codes_of(fund, question))


def for_application(
    fund: Fund, profile: Mapping[Place, str], areas: Iterable[str]
) -> dict[Place, str]:
    """The answers that this form can take from the profile: what it does not ask, or would refuse,
    is left out. ``areas`` are those of the share that is asked of."""
    people = _rows(profile, PEOPLE)
    first = people[0] if people else {}
    offered = {key: profile.get((field, ""), "") for key, field in ASKED_AS.items()}
    offered |= {"contact_name": first.get("name", ""), "contact_role": first.get("role", "")}
    offered["council_areas"] = join_codes(areas)
    simple = {
        (question.key, ""): text
        for question in fund.questions()
        if question.kind != QuestionKind.ROWS
        and not is_blank(text := offered.get(question.key, ""))
        and not fault(question, text, codes_of(fund, question))
    }
    return simple | _partners(fund, _rows(profile, PARTNERS))


def _partners(fund: Fund, rows: list[dict[str, str]]) -> dict[Place, str]:
    table = fund.table(Fills.PARTNERS)
    if table is None:
        return {}
    return {
        (f"{table.key}.{column.key}", f"{number:04d}"): text
        for number, row in enumerate(rows[: table.max_rows], start=1)
        for column in table.columns
        if not is_blank(text := row.get(column.key, ""))
        and not fault(column, text, codes_of(fund, column))
    }


def _rows(profile: Mapping[Place, str], table: str) -> list[dict[str, str]]:
    """The rows of a table of the profile, in order, by column."""
    found: dict[str, dict[str, str]] = {}
    for (key, row), text in sorted(profile.items(), key=lambda item: item[0][1]):
        name, _, column = key.partition(".")
        if name == table and column:
            found.setdefault(row, {})[column] = text
    return list(found.values())
