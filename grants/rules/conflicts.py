"""Who may not assess an application, and the interests that a person may declare."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grants.rules.interests import Parts, Suggestion, Ways, suggested


class Interest(StrEnum):
    """What kind of interest is declared. One who is not sure counts as one who has it."""

    EMPLOYER = "employer"
    OFFICE_BEARER = "office-bearer"
    FINANCIAL = "financial"
    PERSONAL = "personal"
    HELPED = "helped"
    OTHER = "other"
    NOT_SURE = "not-sure"


INTERESTS: dict[Interest, str] = {
    Interest.EMPLOYER: "I work for the applicant or one of its partners, or have in the last 3 years",
    Interest.OFFICE_BEARER: "I am a trustee, committee member or office-bearer of one of them",
    Interest.FINANCIAL: "I, or somebody close to me, could gain or lose money by it",
    Interest.PERSONAL: "A family member or close friend is involved",
    Interest.HELPED: "I helped to write it",
    Interest.OTHER: "Something else",
    Interest.NOT_SURE: "I am not sure",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might be asked to assess, and where they belong."""

    person_id: int
    organisation_ids: frozenset[int] = frozenset()
    organisation_names: frozenset[str] = frozenset()  # folded
    ways: Ways = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parties:
    """Those behind an application, and who has declared an interest in it."""

    applicant_id: int
    names: frozenset[str] = field(default=frozenset())  # of applicant and partners, folded
    declared: frozenset[int] = field(default=frozenset())  # person ids
    helpers: frozenset[int] = field(default=frozenset())  # person ids: took part in writing it
    parts: Parts = field(default_factory=dict)
    overridden: frozenset[int] = field(
        default=frozenset()
    )  # person ids: suggestions were set aside


PARTNER = Suggestion("Belongs to a partner", "You belong to a partner of this application")


def folded(name: str) -> str:
    """A name as it is compared: without regard to case and spaces."""
    return " ".join(name.casefold().split())


def fold_all(names: Iterable[str]) -> frozenset[str]:
    """Names as they are compared; empty ones are nobody's."""
    return frozenset(folded(name) for name in names if name.strip())


def bar(candidate: Candidate, parties: Parties, assigner_id: int) -> str:
    """Why this person may not assess this application, or nothing if they may."""
    certain = certainly(candidate, parties, assigner_id)
    if certain or candidate.person_id in parties.overridden:
        return certain
    found = suggestions(candidate, parties)
    return found[0].of_them if found else ""


def certainly(candidate: Candidate, parties: Parties, assigner_id: int) -> str:
    """What keeps them apart whatever anybody says, or nothing."""
    if candidate.person_id == assigner_id:
        return "You can't assign yourself"
    if candidate.person_id in parties.declared:
        return "Has declared an interest"
    if candidate.person_id in parties.helpers:
        return "Took part in writing it"
    if parties.applicant_id in candidate.organisation_ids:
        return "Belongs to the applicant"
    return ""


def suggestions(candidate: Candidate, parties: Parties) -> tuple[Suggestion, ...]:
    """What may be an interest: it holds until somebody says with a reason that it is none."""
    found = suggested(candidate.ways, parties.parts)
    if parties.names & candidate.organisation_names:
        return (PARTNER, *found)
    return found


def barred_pairs(
    candidates: Collection[Candidate], parties: Mapping[int, Parties], assigner_id: int
) -> frozenset[tuple[int, int]]:
    """(person, application) of all that ``bar`` keeps apart."""
    by_id = {candidate.person_id: candidate for candidate in candidates}
    found = {
        (person, application)
        for person, application in near_pairs(candidates, parties)
        if bar(by_id[person], parties[application], assigner_id)
    }
    if assigner_id in by_id:
        found |= {(assigner_id, application) for application in parties}
    return frozenset(found)


def near_pairs(
    candidates: Collection[Candidate], parties: Mapping[int, Parties]
) -> Iterator[tuple[int, int]]:
    """(person, application) that have to do with each other: a large round has millions of pairs."""
    ids = {candidate.person_id for candidate in candidates}
    near: dict[int | str, set[int]] = {}
    for candidate in candidates:
        theirs: tuple[int | str, ...] = (
            *candidate.organisation_ids,
            *candidate.organisation_names,
            *candidate.ways,
        )
        for place in theirs:
            near.setdefault(place, set()).add(candidate.person_id)
    for application, of in parties.items():
        people = {*of.declared, *of.helpers} & ids
        places: tuple[int | str, ...] = (of.applicant_id, *of.names, *of.parts)
        for place in places:
            people |= near.get(place, set())
        yield from ((person, application) for person in people)
