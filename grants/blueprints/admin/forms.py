"""The forms of administrators, and of who manages an organisation's members."""

from __future__ import annotations

import datetime as dt
import uuid

from wtforms.validators import InputRequired

from grants.funds.loader import all_funds
from grants.rules import money
from grants.rules.people import STAFF, Role
from grants.rules.refusals import Blocked, Reason
from grants.services.delegations import Limits
from grants.services.members import MAY_INVITE
from grants.services.roles import Grant
from grants.web.forms import (
    DateField,
    EmailField,
    Form,
    LongTextField,
    MoneyField,
    RadiosField,
    SelectField,
    TextField,
)

MEMBERS = {
    Role.APPLICANT_EDITOR: "Writes applications",
    Role.SIGNATORY: "Answers offers",
    Role.PROJECT_REPORTER: "Reports on projects",
}


def role_name(role: Role) -> str:
    """A role as the first words of a line."""
    return role.value.replace("-", " ").capitalize()


def funds() -> list[tuple[str, str]]:
    """(slug, short name) of each fund."""
    return [(fund.slug, fund.short_name) for fund in all_funds().values()]


class RoleForm(Form):
    """A role in an organisation, for a fund or all, from and to."""

    role = SelectField("Role", [InputRequired("Choose a role.")])
    organisation = TextField(
        "Organisation",
        [InputRequired("Enter the organisation's reference or name.")],
        hint="Its reference, such as ORG-00001, or its exact name.",
    )
    fund = SelectField("Fund", optional=True, hint="Every fund, if you choose none.")
    starts_on = DateField("First day", optional=True, hint="Today, if you leave it empty.")
    ends_on = DateField("Last day", optional=True, hint="For ever, if you leave it empty.")
    reason = LongTextField("Why", optional=True, hint="Kept in the audit trail.")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = tuple(
            (
                role.value,
                role_name(role)
                + (" (confirmed by a second administrator)" if role in STAFF else ""),
            )
            for role in Role
        )
        self.fund.choices = (("", "Every fund"), *funds())

    def grant(self) -> Grant:
        """What was asked for. Raises Blocked for a role or a day that is none."""
        return Grant(
            role=_role(self.role.data),
            organisation=self.organisation.data,
            fund=self.fund.data or None,
            starts_on=_day(self.starts_on, "starts_on"),
            ends_on=_day(self.ends_on, "ends_on"),
        )


class InviteForm(RoleForm):
    """A new person, and their first role."""

    name = TextField("Name", [InputRequired("Enter their name.")])
    email = EmailField("E-mail address", [InputRequired("Enter their e-mail address.")])


class MemberForm(Form):
    """A colleague, and what they are to do."""

    name = TextField("Name", [InputRequired("Enter their name.")])
    email = EmailField("E-mail address", [InputRequired("Enter their e-mail address.")])
    role = RadiosField(
        "What will they do?",
        [InputRequired("Choose what they will do.")],
        options=[(role.value, role_name(role), MEMBERS[role]) for role in MAY_INVITE],
    )

    def chosen(self) -> Role:
        """The role. Raises Blocked where it is none."""
        return _role(self.role.data)


class ReasonForm(Form):
    """Why something is done to a person."""

    reason = LongTextField(
        "Why", [InputRequired("Give a reason.")], hint="Kept in the audit trail."
    )


class DelegationForm(Form):
    """Who may approve how much."""

    person = SelectField("Approver", [InputRequired("Choose an approver.")])
    organisation = SelectField(
        "Whose money it covers",
        [InputRequired("Choose whose money it covers.")],
        hint="The fund's owner for national rounds, or one partnership for its local rounds.",
    )
    fund = SelectField("Fund", [InputRequired("Choose a fund.")])
    year = TextField("Financial year", [InputRequired("Enter a financial year.")])
    most_per_award = MoneyField("Most for one award", [InputRequired("Enter an amount.")])
    most_in_all = MoneyField("Most in all", [InputRequired("Enter an amount.")])
    ends_on = DateField("Last day", optional=True, hint="For ever, if you leave it empty.")

    def limits(self) -> Limits:
        """What was asked for. Raises Blocked for an amount or a day that is none."""
        return Limits(
            organisation=uuid.UUID(self.organisation.data),
            fund=self.fund.data,
            year=self.year.data.strip(),
            most_per_award=_pence(self.most_per_award, "most_per_award"),
            most_in_all=_pence(self.most_in_all, "most_in_all"),
            ends_on=_day(self.ends_on, "ends_on"),
        )


def _pence(field: MoneyField, name: str) -> int:
    try:
        return money.parse_pounds(field.data)
    except Blocked as refusal:
        raise Blocked(Reason(str(refusal), name)) from refusal


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise Blocked(Reason("Choose a role.", "role")) from None


def _day(field: DateField, name: str) -> dt.date | None:
    if field.data.strip() and field.date is None:
        raise Blocked(Reason("Enter a day, such as 27 3 2027.", name))
    return field.date
