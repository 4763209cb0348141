"""The forms of signing in and of one's own account."""

from __future__ import annotations

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from grants.web.forms import EmailField, Form, TextField


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
