"""Who asks: roles, and the person as a plain value made at the door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be in one organisation, for one fund or for all."""

    APPLICANT_EDITOR = "applicant-editor"
    APPLICANT_SUBMITTER = "applicant-submitter"
    SIGNATORY = "signatory"
    PROJECT_REPORTER = "project-reporter"
    PARTNERSHIP_OFFICER = "partnership-officer"
    ASSESSOR = "assessor"
    FUND_MANAGER = "fund-manager"
    APPROVER = "approver"
    FINANCE = "finance"
    EVALUATOR = "evaluator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


# Funder staff: a second administrator confirms their roles.
STAFF = frozenset(
    {
        Role.FUND_MANAGER,
        Role.APPROVER,
        Role.FINANCE,
        Role.EVALUATOR,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }
)
# Who signs in with a second factor: funder staff, and officers, who decide about local money.
SECOND_FACTOR = STAFF | {Role.PARTNERSHIP_OFFICER}
APPLICANTS = frozenset({Role.APPLICANT_EDITOR, Role.APPLICANT_SUBMITTER, Role.SIGNATORY})


class Seat(StrEnum):
    """A place in one round's panel."""

    CHAIR = "chair"


class Right(StrEnum):
    """What somebody invited to one application may do with it: each includes the one before."""

    VIEW = "view"
    COMMENT = "comment"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Held:
    """One role that a person holds now. ``fund`` None means every fund."""

    role: Role
    organisation_id: int
    fund: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person asking, as a value. Made once per request; never a database row."""

    person_id: int
    name: str
    email: str = ""
    held: tuple[Held, ...] = ()
    seats: tuple[tuple[int, Seat], ...] = ()  # (round id, seat)
    shares: tuple[tuple[int, Right], ...] = ()  # (application id, right), those in force
    played_by: str = ""  # who plays this part of a rehearsal; empty outside one

    @property
    def signature(self) -> str:
        """The name that is remembered: in a rehearsal with who really did it."""
        return f"{self.name}, played by {self.played_by}" if self.played_by else self.name

    @property
    def is_signed_in(self) -> bool:
        """Whether this is somebody who signed in (not the public, not the clock)."""
        return self.person_id > 0

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held anywhere."""
        return frozenset(held.role for held in self.held)

    @property
    def is_staff(self) -> bool:
        """Whether any role is a funder's."""
        return bool(self.roles & STAFF)

    @property
    def works_on_rounds(self) -> bool:
        """Whether any role works on rounds, a partnership's own included."""
        return self.is_staff or Role.PARTNERSHIP_OFFICER in self.roles

    def holds(self, role: Role, *, organisation_id: int, fund: str) -> bool:
        """Whether this role is held in this organisation for this fund."""
        return any(
            held.role == role
            and held.organisation_id == organisation_id
            and held.fund in {None, fund}
            for held in self.held
        )

    def shared(self, *rights: Right) -> frozenset[int]:
        """The applications (ids) that were shared with this person with one of these rights."""
        return frozenset(application for application, right in self.shares if right in rights)

    def seated(self, *seats: Seat) -> frozenset[int]:
        """The rounds (ids) in whose panels this person has one of these seats."""
        return frozenset(place for place, seat in self.seats if seat in seats)

    def places(self, *roles: Role) -> tuple[Held, ...]:
        """Where any of these roles is held."""
        return tuple(held for held in self.held if held.role in roles)


NOBODY = Actor(person_id=0, name="The public")
# The clock and the queue. It holds no role: what it may do is written where it does it.
CLOCK = Actor(person_id=-1, name="The system")
