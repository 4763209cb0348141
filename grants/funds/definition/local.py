"""What differs at the local tier."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grants.funds.definition.form import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a text of the criteria or letters says in a local round; saying nothing leaves it out."""

    starts: str  # how the text begins in the national round
    says: str = ""


class Part(StrEnum):
    """Which of a fund's two forms."""

    FORM = "form"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a local round puts one section, question or column. What is not given stays as it is."""

    part: Part = Part.FORM
    section: str = ""  # its key, or
    question: str = ""  # its key, or "table.column"
    label: str | None = None  # of a section its title
    hint: str | None = None  # of a section its introduction
    guidance: str | None = None
    example: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What differs in a local round, where community groups apply to a partnership."""

    audience: str
    summary: str = ""  # the fund's own where it is empty
    leave_out: tuple[str, ...] = ()
    """Questions, "table.column", or checks of eligibility that a group is not asked."""
    sections: tuple[Section, ...] = ()  # asked of groups alone, before the others
    most_projects: int | None = None  # rows in the table of proposed projects
    words: tuple[Wording, ...] = ()  # of criteria and letters, which speak of partnerships
    asks: tuple[Asking, ...] = ()  # of the forms, which speak to partnerships
