"""Organisations and the people in them: somebody for every role, one password for all."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass, field

from grants.demo.kit import Kit, Row, add, put
from grants.funds.reference import CouncilArea
from grants.models.organisation import (
    Organisation,
    OrganisationArea,
    OrganisationKind,
    OrganisationPartner,
    OrganisationPerson,
)
from grants.models.person import Membership, Person
from grants.rules.people import SECOND_FACTOR, Role

BEGAN = dt.datetime(2023, 1, 9, 9, tzinfo=dt.UTC)
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # with which a postcode may end
FIRST_PHONE = 1632_960100  # of a range kept for fiction
STAFF_SEATS: tuple[tuple[str, Role], ...] = (
    ("manager", Role.FUND_MANAGER),
    ("manager2", Role.FUND_MANAGER),
    ("approver", Role.APPROVER),
    ("approver2", Role.APPROVER),
    ("finance", Role.FINANCE),
    ("evaluator", Role.EVALUATOR),
    ("auditor", Role.AUDITOR),
    ("administrator", Role.ADMINISTRATOR),
    ("administrator2", Role.ADMINISTRATOR),
    ("assessor", Role.ASSESSOR),
    ("assessor2", Role.ASSESSOR),
    ("assessor3", Role.ASSESSOR),
    ("assessor4", Role.ASSESSOR),
    ("chair", Role.ASSESSOR),
)
LEAD_SEATS: tuple[tuple[str, Role], ...] = (
    ("editor", Role.APPLICANT_EDITOR),
    ("submitter", Role.APPLICANT_SUBMITTER),
    ("signatory", Role.SIGNATORY),
    ("officer", Role.PARTNERSHIP_OFFICER),
)


@dataclass(frozen=True, slots=True)
class Lead:
    """A body that applies, with its people's ids by seat."""

    organisation_id: int
    name: str
    area: CouncilArea
    slug: str
    is_council: bool
    people: dict[str, int]
    names: dict[str, str]
    postcode: str
    phone: str
    contact: str = ""
    """The e-mail of its main contact, where that is not its officer's."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody."""

    programme_id: int
    staff: dict[str, int]
    leads: tuple[Lead, ...]
    names: dict[int, str] = field(default_factory=dict)

    @property
    def assessors(self) -> tuple[int, ...]:
        """Those who read."""
        return tuple(key for seat, key in self.staff.items() if seat.startswith("assessor"))

    @property
    def approvers(self) -> tuple[int, ...]:
        """Those who approve."""
        return (self.staff["approver"], self.staff["approver2"])


def secret_of(email: str) -> str:
    """The secret of a demonstration second factor, the same each time."""
    return base64.b32encode(
        hashlib.sha256(f"demonstration {email}".encode()).digest()[:20]
    ).decode()


def make(kit: Kit, places: tuple[CouncilArea, ...], password_hash: str) -> Cast:
    """The programme, a partnership for each area, a council in those of the small demonstration."""
    (programme_id,) = add(Organisation, [_programme(kit)])
    bodies = [
        (area, is_council)
        for area in places
        for is_council in (False, True)
        if not is_council or area.code in kit.world.small
    ]
    rows = [
        _body(kit, place, area, is_council=is_council)
        for place, (area, is_council) in enumerate(bodies)
    ]
    ids = add(Organisation, rows)
    put(
        OrganisationArea,
        [
            {"organisation_id": key, "area_code": area.code}
            for key, (area, _) in zip(ids, bodies, strict=True)
        ],
    )
    _put_profiles(ids, rows)
    company = Company(kit, password_hash)
    staff = company.seat(programme_id, "", STAFF_SEATS)
    leads = []
    for key, row, (area, is_council) in zip(ids, rows, bodies, strict=True):
        slug = kit.world.areas[area.code] + (".council" if is_council else "")
        people = company.seat(key, f"{slug}.", LEAD_SEATS)
        names = {seat: company.names[person] for seat, person in people.items()}
        where = row["postcode"], row["phone"]
        leads.append(Lead(key, row["name"], area, slug, is_council, people, names, *where))
    return Cast(programme_id, staff, tuple(leads), company.names)


def _put_profiles(ids: list[int], rows: list[Row]) -> None:
    """Whom each body names, and whom it works with."""
    bodies = list(zip(ids, rows, strict=True))
    people = [("Seonag Made-up", "Convener"), ("Iain Made-up", "Grants officer")]
    put(
        OrganisationPerson,
        [
            {"organisation_id": key, "place": place, "name": name, "role": role}
            for key, _ in bodies
            for place, (name, role) in enumerate(people, start=1)
        ],
    )
    partners = [
        ("Glenmade Carers' Collective (fictional)", "anchor", "Helps to set priorities"),
        ("Made-up health and care partnership (fictional)", "hscp", "Sits on the panel"),
    ]
    put(
        OrganisationPartner,
        [
            {"organisation_id": key, "place": place, "name": name}
            | {"partner_type": kind, "part": part}
            for key, _ in bodies
            for place, (name, kind, part) in enumerate(partners, start=1)
        ],
    )


def report_for(kit: Kit, lead: Lead, groups: list[int], password_hash: str) -> int:
    """Somebody who reports for these groups of an area. Returns their id."""
    company = Company(kit, password_hash)
    seats = company.seat(groups[0], f"{lead.slug}.", (("reporter", Role.PROJECT_REPORTER),))
    put(
        Membership,
        [membership(seats["reporter"], group, Role.PROJECT_REPORTER) for group in groups[1:]],
    )
    return seats["reporter"]


class Company:
    """Makes people and remembers what they are called."""

    def __init__(self, kit: Kit, password_hash: str) -> None:
        self._kit = kit
        self._hash = password_hash
        self.names: dict[int, str] = {}
        self._taken: set[str] = set()

    def seat(
        self, organisation_id: int, prefix: str, seats: tuple[tuple[str, Role], ...]
    ) -> dict[str, int]:
        """A person in each seat; their ids by seat."""
        rows = [self._person(f"{prefix}{seat}@example.org", role) for seat, role in seats]
        ids = add(Person, rows)
        self.names |= {key: row["name"] for key, row in zip(ids, rows, strict=True)}
        put(
            Membership,
            [
                membership(key, organisation_id, role)
                for key, (_, role) in zip(ids, seats, strict=True)
            ],
        )
        return {seat: key for key, (seat, _) in zip(ids, seats, strict=True)}

    def guests(self, names: tuple[str, ...]) -> list[int]:
        """People with a sign-in and no role anywhere."""
        return add(
            Person, [self._person(f"{name}@example.org", Role.APPLICANT_EDITOR) for name in names]
        )

    def _person(self, email: str, role: Role) -> Row:
        names, dice = self._kit.world.names, self._kit.dice
        return {
            "key": self._kit.key(),
            "name": self._name(dice.choice(names.first), dice.choice(names.last)),
            "email": email,
            "password_hash": self._hash,
            "totp_secret": secret_of(email) if role in SECOND_FACTOR else None,
            "created_at": BEGAN,
        }

    def _name(self, first: str, last: str) -> str:
        """A name that nobody here has yet, as long as there are any: two of one name confuse."""
        listed = self._kit.world.names.last
        start = listed.index(last)
        rest = (f"{first} {one}" for one in (*listed[start:], *listed[:start]))
        name = next((one for one in rest if one not in self._taken), f"{first} {last}")
        self._taken.add(name)
        return name


def membership(person_id: int, organisation_id: int, role: Role) -> Row:
    """What a person is in one organisation, since the demonstration began."""
    return {
        "person_id": person_id,
        "organisation_id": organisation_id,
        "role": role,
        "starts_at": BEGAN,
    }


def _programme(kit: Kit) -> Row:
    return {
        **_organisation(kit, "PROGRAMME", kit.world.programme, OrganisationKind.PROGRAMME),
        "address": "1 Made-up Square, Edinburgh",
        "postcode": "EH1 1AA",
        "email": "programme@example.org",
        "phone": None,
        "legal_form": None,
        "charity_number": None,
    }


def postcode_of(place: int) -> str:
    """A postcode of its own for each place."""
    return f"ZE1 0{LETTERS[place // len(LETTERS)]}{LETTERS[place % len(LETTERS)]}"


def phone_of(place: int) -> str:
    """A number of its own for each place."""
    digits = f"0{FIRST_PHONE + place}"
    return f"{digits[:5]} {digits[5:]}"


def _body(kit: Kit, place: int, area: CouncilArea, *, is_council: bool) -> Row:
    name = (
        f"Demonstration council for {area.name} (fictional)"
        if is_council
        else f"{area.name} Wellbeing Partnership (fictional)"
    )
    kind = OrganisationKind.COUNCIL if is_council else OrganisationKind.PARTNERSHIP
    slug = kit.world.areas[area.code] + (".council" if is_council else "")
    return {
        **_organisation(kit, f"{kind.value.upper()}-{area.code}", name, kind),
        "address": kit.world.text("organisation_address", area=area.name),
        "postcode": postcode_of(place),
        "email": f"{slug}@example.org",
        "phone": phone_of(place),
        "legal_form": None if is_council else "scio",
        "charity_number": None if is_council else f"SC0990{area.code[-2:]}",
    }


def group(kit: Kit, reference: str, name: str) -> Row:
    """A community group."""
    return {
        **_organisation(kit, reference, name, OrganisationKind.GROUP),
        "address": "",
        "postcode": None,
        "email": None,
        "phone": None,
        "legal_form": None,
        "charity_number": None,
    }


def _organisation(kit: Kit, reference: str, name: str, kind: OrganisationKind) -> Row:
    return {
        "key": kit.key(),
        "reference": reference,
        "name": name,
        "kind": kind,
        "is_fictional": True,
    }
