"""Community groups that apply to a partnership, and the people who judge for it."""

from __future__ import annotations

from collections.abc import Sequence

from grants.demo.kit import Kit, Row, add, put
from grants.demo.people import Cast, Company, Lead, group, membership, phone_of, postcode_of
from grants.models.organisation import Organisation, OrganisationArea
from grants.models.person import Membership
from grants.rules.people import Role

JUDGES: tuple[tuple[str, Role], ...] = (
    ("officer2", Role.PARTNERSHIP_OFFICER),
    ("approver", Role.APPROVER),
    ("approver2", Role.APPROVER),
    ("assessor", Role.ASSESSOR),
    ("assessor2", Role.ASSESSOR),
    ("chair", Role.ASSESSOR),
)
ALSO = (Role.SIGNATORY, Role.PROJECT_REPORTER)  # one person does all there is to do in a group
SEATS = ("editor", "submitter", "signatory", "officer")
AFTER = 60  # places after the bodies of national rounds


def cast_of(kit: Kit, lead: Lead, cast: Cast, names: Sequence[str], password_hash: str) -> Cast:
    """Everybody of a partnership's own round: its people in the seats of a funder's, and groups."""
    company = Company(kit, password_hash)
    judges = company.seat(lead.organisation_id, f"{lead.slug}.", JUDGES)
    staff = {
        **judges,
        "manager": lead.people["officer"],
        "manager2": judges["officer2"],
        "administrator": cast.staff["administrator"],
    }
    return Cast(lead.organisation_id, staff, _groups(kit, lead, company, names), company.names)


def _groups(kit: Kit, lead: Lead, company: Company, names: Sequence[str]) -> tuple[Lead, ...]:
    rows = [
        {
            **group(kit, f"LOCAL-{lead.area.code}-{place:02d}", name),
            "phone": phone_of(AFTER + place),
            "postcode": postcode_of(AFTER + place),
            "email": f"{lead.slug}.group{place}@example.org",
        }
        for place, name in enumerate(names, start=1)
    ]
    ids = add(Organisation, rows)
    put(
        OrganisationArea,
        [{"organisation_id": key, "area_code": lead.area.code} for key in ids],
    )
    return tuple(
        _group(lead, company, key, row, place)
        for place, (key, row) in enumerate(zip(ids, rows, strict=True), start=1)
    )


def _group(lead: Lead, company: Company, key: int, row: Row, place: int) -> Lead:
    seat = f"group{place}"
    person = company.seat(key, f"{lead.slug}.", ((seat, Role.APPLICANT_SUBMITTER),))[seat]
    put(Membership, [membership(person, key, role) for role in ALSO])
    called = company.names[person]
    return Lead(
        organisation_id=key,
        name=row["name"],
        area=lead.area,
        slug=f"{lead.slug}.{seat}",
        is_council=False,
        people=dict.fromkeys(SEATS, person),
        names=dict.fromkeys(SEATS, called),
        postcode=row["postcode"],
        phone=row["phone"],
        contact=row["email"],
    )
