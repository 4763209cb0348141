"""The words of each kind of message. They never hold an outcome, a score or an answer: they send
people to the page that does, where it is known who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A subject and a body, filled in."""

    subject: str
    body: str


SIGNED = "\n\nCommunity Fund Grants"
WORDS: dict[str, tuple[str, str]] = {
    "received": (
        "We have your application {reference}",
        (
            "Hello {name},\n\nWe have received your application {reference}, {title}, for {round_title}."
            "\n\nA copy of what you sent is on its page: sign in and open the application. "
            "We will write when there is news. You do not need to do anything now."
        ),
    ),
    "received_for_you": (
        "We typed in the application {reference} for {organisation}",
        (
            "Hello {name},\n\n{organisation} gave us its application to {round_title}, and we have "
            "typed it in as {reference}, {title}. The copy that comes with this is what we hold. "
            "Please read it: if anything is not as you gave it, tell us and we will put it right."
            "\n\nYou may take the application over at any time: ask us for an account."
        ),
    ),
    "returned": (
        "Your application {reference} needs a change",
        (
            "Hello {name},\n\nWe have returned your application {reference} so that you can put "
            "something right. Sign in to see what we ask, change it and send it again."
        ),
    ),
    "withdrawn": (
        "Your application {reference} is withdrawn",
        (
            "Hello {name},\n\nYour application {reference} to {round_title} has been withdrawn. "
            "If you did not expect this, please reply to the fund."
        ),
    ),
    "scores_typed": (
        "{reference}: please check the scores that we typed for you",
        (
            "Hello {name},\n\nWe have typed the scores that you gave on paper for {reference} in "
            "{round_title}. Sign in, hold them against your paper, put right what is wrong and "
            "submit them. Until you do, they do not count."
        ),
    ),
    "scores_confirmed": (
        "{reference}: the scores that you gave on paper are in",
        (
            "Hello {name},\n\nThe scores that you gave on paper for {reference} in {round_title} "
            "are typed, were held against your sheets by a second person, and are in. If you want "
            "to change them, tell us why: we can open them again."
        ),
    ),
    "scores_reopened": (
        "{reference}: you may change your scores",
        (
            "Hello {name},\n\nThe fund has opened what you submitted for {reference} in {round_title} "
            "again. Sign in to see why. What you wrote is there: change what you need to and submit "
            "it once more. Until you do, it does not count."
        ),
    ),
    "calibration_opened": (
        "{round_title}: score the samples first",
        (
            "Hello {name},\n\nBefore {round_title} is read, everybody who assesses it scores {count}: "
            "made-up applications, for practice. They show how differently the same text can be "
            "scored, and count for nothing else.{first}\n\nSign in and open your assessments to begin."
        ),
    ),
    "calibration_waits": (
        "{round_title}: the samples wait for your scores",
        (
            "Hello {name},\n\nThere are {count} to score in {round_title}: made-up applications, for "
            "practice. Your scores are not all in yet.{first}\n\nSign in and open your assessments."
        ),
    ),
    "taken_back": (
        "{reference}: the applicant has withdrawn",
        (
            "Hello {name},\n\n{reference}, {title}, in {round_title} has been withdrawn by the "
            "applicant. Nothing stands on it any more, and any money set aside for it is free again."
        ),
    ),
    "reminder": (
        "{reference}: your application is not sent yet",
        (
            "Hello {name},\n\nYour application {reference}, {title}, for {round_title} is saved but "
            "not sent. {deadline}\n\nSign in to see what is left, finish and send it. If you do "
            "not mean to apply, do nothing."
        ),
    ),
    "query_near": (
        "{reference}: the fund waits for your answer",
        (
            "Hello {name},\n\nThe fund asked something about your application {reference}, {title}, "
            "for {round_title}, and asks for an answer by {day}.\n\nSign in to see what is asked, "
            "answer it and send the application again."
        ),
    ),
    "query_passed": (
        "{reference}: the day to answer the fund has passed",
        (
            "Hello {name},\n\nThe fund asked for an answer about your application {reference}, "
            "{title}, for {round_title}, by {day}. It has not been sent again yet.\n\nYou can still "
            "sign in, answer and send it. If you need more time, tell the fund now."
        ),
    ),
    "query_unanswered": (
        "{reference}: your query has no answer",
        (
            "Hello {name},\n\nYou asked about the application {reference}, {title}, in {round_title}, "
            "and asked for an answer by {day}. It has not been sent again yet. The applicant has been "
            "told that the day has passed."
        ),
    ),
    "extended": (
        "{reference}: there is more time",
        (
            "Hello {name},\n\nThe deadline for {reference}, {round_title}, has been moved. {deadline}"
            "\n\nWhat you have written is kept. Sign in to finish and send it."
        ),
    ),
    "form_changed": (
        "The form of {reference} has changed",
        (
            "Hello {name},\n\nThe form for {round_title} has changed while you were writing "
            "{reference}:\n\n{changes}\n\nYour answers are all kept and your draft has moved to the "
            "new form."
        ),
    ),
    "form_held": (
        "The form for {round_title} has changed",
        (
            "Hello {name},\n\nThe form for {round_title} has changed while you were writing "
            "{reference}:\n\n{changes}\n\nYour draft {reference} stays on the form it was begun on, "
            "with all your answers. You do not need to do anything."
        ),
    ),
    "outcome": (
        "There is a decision on {reference}",
        (
            "Hello {name},\n\nThere is now a decision on your application {reference}, {title}. "
            "Sign in to read it."
        ),
    ),
    "letter": (
        "Your letter about {reference} is ready",
        "Hello {name},\n\nYour letter about {reference} is ready. Sign in to read it and to answer.",
    ),
    "accepted": (
        "{reference}: the offer was accepted",
        "Hello {name},\n\nThe offer for {reference}, {title}, was accepted.",
    ),
    "offer_declined": (
        "{reference}: the offer was declined",
        "Hello {name},\n\nThe offer for {reference}, {title}, was declined.",
    ),
    "lapsed": (
        "Your offer for {reference} has lapsed",
        "Hello {name},\n\nThe offer for {reference} was not accepted in time and has lapsed.",
    ),
    "return_received": (
        "{reference}: a return came in",
        "Hello {name},\n\nA return for {reference} was sent. It is waiting to be read.",
    ),
    "return_queried": (
        "We have a question about your return",
        (
            "Hello {name},\n\nWe have read your return for {reference} and have a question. "
            "Sign in to see it, answer and send the return again."
        ),
    ),
    "return_accepted": (
        "Your return is accepted",
        "Hello {name},\n\nThank you. We have accepted your return for {reference}.",
    ),
    "invitation": (
        "You are invited to Community Fund Grants",
        (
            "Hello {name},\n\n{inviter} has invited you to work with {organisation}. Choose a password "
            "here within seven days:\n\n{link}\n\nIf you did not expect this, do nothing."
        ),
    ),
    "comments": (
        "{reference}: {count}",
        (
            "Hello {name},\n\nThere is news on {title}: {count}. Sign in and open the application to "
            "read and to answer."
        ),
    ),
    "sign_off": (
        "{asker} asks you to sign off an application",
        (
            "Hello {name},\n\n{asker} of {organisation} asks you to read an application and to sign "
            "it off before it is sent: {title}.\n\nOpen this link within fourteen days. You need no "
            "account: we then e-mail a code to this address.\n\n{link}\n\nIf you did not expect "
            "this, do nothing."
        ),
    ),
    "partner_confirms": (
        "{organisation} asks you to confirm your part in an application",
        (
            "Hello {name},\n\n{asker} of {organisation} names your organisation as a partner in an "
            "application: {title}. Please read what it says about your part, and confirm it or ask "
            "for a change.\n\nOpen this link within fourteen days. You need no account: we then "
            "e-mail a code to this address.\n\n{link}\n\nIf you did not expect this, do nothing."
        ),
    ),
    "confirmation_code": (
        "Your code: {code}",
        (
            "Hello {name},\n\nYour code to read {title} is {code}. It is good for fifteen minutes, "
            "in the page that you asked for it from.\n\nWe never ask for it in any other way. If you "
            "did not ask for a code, do nothing."
        ),
    ),
    "confirmation_answered": (
        "{reference}: {who} has answered",
        (
            "Hello {name},\n\n{who} has answered what you asked about {title}. Sign in and open the "
            "application to see it."
        ),
    ),
    "share": (
        "{inviter} invites you to work on an application",
        (
            "Hello {name},\n\n{inviter} of {organisation} invites you to work with them on one "
            "application in Community Fund Grants: {title}.\n\nOpen this link within fourteen days "
            "to see what is asked and to begin. It works once:\n\n{link}\n\nIf you did not expect "
            "this, do nothing: nobody is told."
        ),
    ),
    "role_given": (
        "You can now do more in Community Fund Grants",
        (
            "Hello {name},\n\nYou now have the role of {role} in {organisation}. "
            "Sign in as you always do to use it."
        ),
    ),
    "second_factor_reset": (
        "Your second factor was reset",
        (
            "Hello {name},\n\nTwo administrators have reset the second factor of your sign-in. The next "
            "time you sign in you will set up a new one.\n\nIf you did not ask for this, tell the fund "
            "at once."
        ),
    ),
    "password_changed": (
        "Your password was changed",
        (
            "Hello {name},\n\nThe password of your account has just been changed. If it was not you, "
            "choose a new one at once with 'I have forgotten my password' on the sign-in page."
        ),
    ),
    "entry_link": (
        "Your link to sign in",
        (
            "Hello {name},\n\nSomebody, we think you, asked to sign in without a password. Open this "
            "link within thirty minutes, on any device, and press the button:\n\n{link}\n\nIt works "
            "once. If it was not you, do nothing: nobody can sign in without this message."
        ),
    ),
    "password": (
        "Choose a new password",
        (
            "Hello {name},\n\nSomebody, we think you, asked for a new password. Choose one here within "
            "fifteen minutes:\n\n{link}\n\nIf it was not you, do nothing: your password stays as it is."
        ),
    ),
}


def fill(kind: str, values: Mapping[str, str]) -> Text:
    """The words of this kind with these values. Raises KeyError for an unknown kind or value."""
    subject, body = WORDS[kind]
    one_line = {name: " ".join(value.split()) for name, value in values.items()}
    return Text(subject.format_map(one_line), body.format_map(dict(values)) + SIGNED)
