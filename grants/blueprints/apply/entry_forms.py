"""The forms of typing an application for a group."""

from __future__ import annotations

import datetime as dt
import uuid

from grants.rules.helping import CHANNELS
from grants.services.entering import Given, NewGroup
from grants.web.forms import (
    DateField,
    EmailField,
    FileField,
    Form,
    LongTextField,
    PhoneField,
    PostcodeField,
    RadiosField,
    SelectField,
    TextField,
)

NEW = "new"


class LookForm(Form):
    """For whom: looked for before anything is typed."""

    name = TextField("Name of the organisation", hint="As it stands on their form.")
    number = TextField("Charity or company number", optional=True)
    area = SelectField("Share of the round")


class EntryForm(Form):
    """How it came and that they agreed; and the organisation where it is not known yet."""

    address = LongTextField("Address", optional=True)
    postcode = PostcodeField("Postcode", optional=True)
    charity_number = TextField("Charity number", optional=True)
    company_number = TextField("Company number", optional=True)
    channel = RadiosField(
        "How did they give it?", options=[(code.value, text) for code, text in CHANNELS.items()]
    )
    given_by = TextField("Who gave it?", hint="The name of the person of the group.")
    email = EmailField(
        "Their e-mail address",
        hint="The receipt with the copy goes there. Leave it empty if they have none.",
        optional=True,
    )
    phone = PhoneField("Their phone number", optional=True)
    received_on = DateField("When did it reach you?")
    consent_on = DateField("When did they agree that you type it for them?")
    consent_how = LongTextField(
        "How did they agree?", hint="For example: signed at the foot of the form, said by phone."
    )

    def given(self) -> Given:
        """What was typed of how it came."""
        return Given(
            channel=str(self.channel.data),
            given_by=str(self.given_by.data),
            email=str(self.email.data),
            phone=str(self.phone.data),
            received_on=_day(self.received_on),
            consent_on=_day(self.consent_on),
            consent_how=str(self.consent_how.data),
        )

    def group(self, chosen: str, name: str) -> uuid.UUID | NewGroup:
        """The organisation that was chosen, or a new one of this name."""
        try:
            return uuid.UUID(chosen)
        except ValueError:
            return NewGroup(
                name=name,
                address=str(self.address.data),
                postcode=str(self.postcode.data),
                charity_number=str(self.charity_number.data),
                company_number=str(self.company_number.data),
            )


class EvidenceForm(Form):
    """The scan of the form that they gave."""

    file = FileField("Scan or photograph of their form", hint="PDF, JPEG or PNG.")


def _day(field: DateField) -> dt.date | None:
    return field.date
