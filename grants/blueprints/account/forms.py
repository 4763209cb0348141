"""The forms of signing in and of one's own account."""

from __future__ import annotations

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from grants.rules.interests import TIES
from grants.web.forms import DateField, EmailField, Form, PostcodeField, RadiosField, TextField


class SignInForm(Form):
    """E-mail and password."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address.")])
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=200, message="Enter your password.")],
    )


class CodeForm(Form):
    """The code of an authenticator app."""

    code = TextField(
        "Code",
        [InputRequired("Enter the code from your app.")],
        hint="Six figures. A new code appears every 30 seconds.",
    )


class ForgottenForm(Form):
    """Where to send a link."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address.")])


class EntryLinkForm(Form):
    """Where to send a link to sign in with."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address.")])


class NewPasswordForm(Form):
    """A password to begin with."""

    password = PasswordField(
        "New password",
        [InputRequired("Enter a password.")],
        description="At least 12 characters. Three or four unrelated words are easy to remember.",
    )


class ChangePasswordForm(Form):
    """The present password, and the one to come."""

    old = PasswordField("Your present password", [InputRequired("Enter your present password.")])
    password = PasswordField(
        "New password",
        [InputRequired("Enter a password.")],
        description="At least 12 characters. Three or four unrelated words are easy to remember.",
    )


class InterestForm(Form):
    """A body or a place that one has to do with."""

    tie = RadiosField(
        "What do you have to do with it?",
        options=[(tie.value, label) for tie, label in TIES.items()],
    )
    body = TextField("Name of the body", hint="As it is usually written.")
    number = TextField("Its charity or company number, if you know it", optional=True)
    postcode = PostcodeField(
        "Postcode",
        hint="Of an address that you share with it. Leave it empty for anything else.",
        optional=True,
    )
    starts_on = DateField("Since", optional=True)
    ends_on = DateField(
        "Until", hint="Leave it empty if it goes on. We ask for 3 years after.", optional=True
    )
