"""Letters: a fund's words, filled once and frozen, on the programme's paper."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from string import Formatter

from grants.documents.paper import (
    Block,
    Facts,
    Furniture,
    Gap,
    Grid,
    Heading,
    Points,
    Together,
    Words,
    render,
)
from grants.documents.wording import amount_in_words, plain_date, pounds_column
from grants.funds.definition import Letter, Period
from grants.rules.money import pounds
from grants.rules.refusals import Blocked, Reason


class MissingMergeField(Blocked):
    """The letter has places that nothing fills. ``names`` lists every one of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(set(names)))
        super().__init__(
            *(Reason(f"The letter has nothing to put for “{name}”.", name) for name in self.names)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class YearAmount:
    """Money for one financial year, in pence."""

    label: str
    pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLine:
    """One proposed project and what was decided for it, in pence."""

    title: str
    group: str
    decision: str  # in words: in full, in part, in reserve, not funded
    pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterValues:
    """What a letter lists besides its paragraphs. What is empty is left out of the letter."""

    addressee: tuple[str, ...] = ()
    signatory: tuple[str, ...] = ()
    years: tuple[YearAmount, ...] = ()
    projects: tuple[ProjectLine, ...] = ()
    own_costs: int = 0  # pence: the partnership's own, beside its projects
    conditions: tuple[str, ...] = ()
    returns: tuple[Period, ...] = ()
    acceptance: tuple[str, ...] = ()  # the steps, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledClause:
    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledLetter:
    """Every word of one letter, as it is frozen. Rows of tables are words already."""

    kind: str
    subject: str
    paragraphs: tuple[str, ...]
    clauses: tuple[FilledClause, ...] = ()
    addressee: tuple[str, ...] = ()
    signatory: tuple[str, ...] = ()
    years: tuple[tuple[str, str], ...] = ()  # the last row is the total
    total_words: str = ""
    projects: tuple[tuple[str, str, str, str], ...] = ()  # the last row is the total
    conditions: tuple[str, ...] = ()
    returns: tuple[tuple[str, str, str], ...] = ()
    acceptance: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPaper:
    """What the paper says whoever the letter is for."""

    fund_name: str
    funder: str
    verify_address: str  # where anyone may check a code
    notice: str = ""  # for example that all names are fictional


def placeholders(letter: Letter) -> frozenset[str]:
    """The names of all places in a letter."""
    return frozenset(name for text in _texts(letter) for _, name in _parts(text) if name)


def letter_text(
    letter: Letter, fields: Mapping[str, str], values: LetterValues | None = None
) -> FilledLetter:
    """The letter with every place filled; refuses while one is empty or unknown, or sums disagree.

    A paragraph that is one place alone, such as ``{feedback}``, may be empty: it is left out.
    A value is never read for places of its own.
    """
    values = values or LetterValues()
    missing = {name for text in _texts(letter) for name in _missing(text, fields)}
    if missing:
        raise MissingMergeField(missing)
    total = _total(values)
    paragraphs = (_filled(text, fields) for text in letter.paragraphs)
    return FilledLetter(
        kind=letter.kind,
        subject=_filled(letter.subject, fields),
        paragraphs=tuple(text for text in paragraphs if text.strip()),
        clauses=tuple(
            FilledClause(heading=_filled(clause.heading, fields), text=_filled(clause.text, fields))
            for clause in letter.clauses
        ),
        addressee=values.addressee,
        signatory=values.signatory,
        years=_year_rows(values, total),
        total_words=amount_in_words(total) if values.years else "",
        projects=_project_rows(values, total),
        conditions=values.conditions,
        returns=tuple(_return_row(period) for period in values.returns),
        acceptance=values.acceptance,
    )


def letter_pdf(
    filled: FilledLetter, paper: LetterPaper, *, number: str, code: str, issued: date
) -> bytes:
    """The letter on paper. The same values give the same bytes, so that its hash can be kept."""
    furniture = Furniture(
        sender=paper.fund_name,
        strapline=paper.funder,
        running=f"{paper.fund_name}: letter {number}",
        footer=f"Letter {number} · verification code {code}",
        notice=paper.notice,
    )
    blocks = (
        *_opening(filled, number, issued),
        *_award(filled),
        *_clauses(filled),
        *_check(paper, number, code),
    )
    return render(f"{filled.subject} ({number})", blocks, furniture)


def dump(filled: FilledLetter) -> str:
    """The frozen letter as JSON; the same letter gives the same text."""
    return json.dumps(asdict(filled), ensure_ascii=False, sort_keys=True)


def load(text: str) -> FilledLetter:
    """A letter that ``dump`` wrote."""
    document = json.loads(text)
    return FilledLetter(
        kind=document["kind"],
        subject=document["subject"],
        paragraphs=tuple(document["paragraphs"]),
        clauses=tuple(FilledClause(**clause) for clause in document["clauses"]),
        addressee=tuple(document["addressee"]),
        signatory=tuple(document["signatory"]),
        years=tuple((label, amount) for label, amount in document["years"]),
        total_words=document["total_words"],
        projects=tuple((row[0], row[1], row[2], row[3]) for row in document["projects"]),
        conditions=tuple(document["conditions"]),
        returns=tuple((row[0], row[1], row[2]) for row in document["returns"]),
        acceptance=tuple(document["acceptance"]),
    )


def _parts(text: str) -> list[tuple[str, str]]:
    """Words and the name of the place after them; a bracket that stands alone is a place too."""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        return [("", text[:40])]
    return [(words, _place(*rest)) for words, *rest in parsed]


def _place(name: str | None, spec: str | None, conversion: str | None) -> str:
    """The name of a place, with whatever else was written into it, which nothing can fill."""
    if name is None:
        return ""
    return (name or "{}") + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")


def _missing(text: str, fields: Mapping[str, str]) -> Iterator[str]:
    parts = _parts(text)
    is_alone = len(parts) == 1 and not parts[0][0]
    for _, name in parts:
        is_filled = name in fields and (is_alone or fields[name].strip())
        if name and not is_filled:
            yield name


def _filled(text: str, fields: Mapping[str, str]) -> str:
    return "".join(words + (fields[name] if name else "") for words, name in _parts(text))


def _texts(letter: Letter) -> Iterator[str]:
    yield letter.subject
    yield from letter.paragraphs
    for clause in letter.clauses:
        yield clause.heading
        yield clause.text


def _total(values: LetterValues) -> int:
    """The award in pence; refuses where its years and its lines do not make the same sum."""
    by_year = sum(year.pence for year in values.years)
    by_line = sum(line.pence for line in values.projects) + values.own_costs
    if values.years and values.projects and by_year != by_line:
        raise Blocked(
            f"The years add up to {pounds(by_year)}, but the projects and the partnership’s "
            f"own costs add up to {pounds(by_line)}."
        )
    return by_year or by_line


def _year_rows(values: LetterValues, total: int) -> tuple[tuple[str, str], ...]:
    if not values.years:
        return ()
    amounts = pounds_column([*(year.pence for year in values.years), total])
    labels = [*(year.label for year in values.years), "Total"]
    return tuple(zip(labels, amounts, strict=True))


def _project_rows(values: LetterValues, total: int) -> tuple[tuple[str, str, str, str], ...]:
    if not values.projects:
        return ()
    lines = list(values.projects)
    if values.own_costs:
        own = "The partnership’s own costs"
        lines.append(ProjectLine(title=own, group="", decision="", pence=values.own_costs))
    lines.append(ProjectLine(title="Total", group="", decision="", pence=total))
    amounts = pounds_column(line.pence for line in lines)
    return tuple(
        (line.title, line.group, line.decision, amount)
        for line, amount in zip(lines, amounts, strict=True)
    )


def _return_row(period: Period) -> tuple[str, str, str]:
    starts, ends, due = (
        plain_date(date.fromisoformat(day)) for day in (period.starts, period.ends, period.due)
    )
    return period.label, f"{starts} to {ends}", due


def _opening(filled: FilledLetter, number: str, issued: date) -> Iterator[Block]:
    yield Words(plain_date(issued), "block")
    yield Words(f"Letter {number}", "block")
    yield Gap(5)
    if filled.addressee:
        yield Words("\n".join(filled.addressee), "block")
        yield Gap(6)
    yield Heading(filled.subject, 1)
    for text in filled.paragraphs:
        yield Words(text)
    if filled.signatory:
        yield Together((Gap(4), Words("\n".join(filled.signatory), "block"), Gap(4)))


def _award(filled: FilledLetter) -> Iterator[Block]:
    if filled.years:
        yield Together(
            (
                Heading("Amount by financial year"),
                Grid(("Financial year", "Amount"), filled.years, (3, 1), (1,), total=True),
                Words(f"In words: {filled.total_words}."),
            )
        )
    if filled.projects:
        yield Heading("What the award is for")
        header = ("Project", "Group", "Decision", "Amount")
        yield Grid(header, filled.projects, (3.4, 2.6, 1.4, 1.4), (3,), total=True)
    if filled.conditions:
        yield Heading("Special conditions of this award")
        yield Points(filled.conditions, numbered=True)
    if filled.returns:
        yield Together(
            (
                Heading("When to report"),
                Grid(("Return", "Covers", "Due by"), filled.returns, (1.6, 2.4, 1.3)),
            )
        )
    if filled.acceptance:
        yield Heading("How to accept")
        yield Points(filled.acceptance, numbered=True)


def _clauses(filled: FilledLetter) -> Iterator[Block]:
    if not filled.clauses:
        return
    yield Heading("Terms of the award")
    for number, clause in enumerate(filled.clauses, start=1):
        yield Heading(f"{number}. {clause.heading}", 3)
        yield Words(clause.text)


def _check(paper: LetterPaper, number: str, code: str) -> Iterator[Block]:
    yield Together(
        (
            Heading("How to check that this letter is genuine"),
            Words(f"Anyone may check this letter at {paper.verify_address} with these details."),
            Facts((("Letter number", number), ("Verification code", code))),
        )
    )
