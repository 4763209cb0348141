"""Typing an application for a group, by the pages."""

from __future__ import annotations

import re

import pytest

from grants.extensions import db
from grants.models.helped_entry import HelpedEntry
from tests import applying

A21 = pytest.mark.feature("A21")
DAY = ["2", "11", "2026"]
SENT = {
    "channel": "phone",
    "given_by": "Beathag NicRath (fictional)",
    "received_on": DAY,
    "consent_on": DAY,
    "consent_how": "Said so by phone.",
}


@pytest.fixture
def at(app):
    with app.app_context():
        return applying.place("adult")


@pytest.fixture
def manager(app, sign_in, at):
    return applying.entered(app, sign_in, at, "manager")


def place(at, more=""):
    return f"/rounds/{at.round_key}/entries{more}"


def new(at):
    return place(at, "/new?organisation=new&name=Folk+of+the+Voe&area=Shetland+Islands")


@A21
def test_known_organisation_is_offered_before_a_new_one(manager, at):
    page = manager.get(place(at, "/look?name=Comann+Sealtainn&area=Shetland+Islands")).text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/new\?[^"]*)"', page)]

    assert "Comann Shealtainn (fictional)" in page
    assert [manager.get(link).status_code for link in links] == [200, 200]


@A21
def test_without_a_name_nothing_is_looked_for(manager, at):
    answer = manager.get(place(at, "/look?name=+&area="))

    assert (answer.status_code, "Enter the name of the organisation." in answer.text) == (422, True)


@A21
def test_what_is_missing_is_said_and_what_was_typed_stays(manager, at):
    answer = manager.post(new(at), data={**SENT, "consent_how": " "})

    assert (answer.status_code, "Say how they agreed." in answer.text) == (422, True)
    assert "Beathag NicRath (fictional)" in answer.text


@A21
def test_begun_it_says_for_whom_one_types_on_every_page(app, manager, at):
    begun = manager.post(new(at), data=SENT)
    key = begun.location
    pages = [key, f"{key}/check", f"{key}/sections/plan"]

    said = ["You are typing for Folk of the Voe" in manager.get(page).text for page in pages]

    assert (begun.status_code, said) == (302, [True, True, True])
    assert "Folk of the Voe" in manager.get(place(at)).text
    with app.app_context():
        assert db.session.query(HelpedEntry).one().channel == "phone"


@A21
def test_own_people_see_no_banner_and_take_it_over(app, sign_in, manager, at):
    known = place(at, f"/new?organisation={at.organisation_key}&name=x&area=Shetland+Islands")
    key = manager.post(known, data=SENT).location
    sender = applying.entered(app, sign_in, at, "sender")

    before = sender.get(key).text
    taken = sender.post(f"{key}/take-over")

    assert ("You are typing for" in before, "Typed for you by the fund" in before) == (False, True)
    assert (taken.status_code, manager.get(key).status_code) == (302, 404)


@A21
@pytest.mark.parametrize("who", ["sender", "rival", "assessor"])
def test_nobody_else_comes_to_these_pages(app, sign_in, at, who):
    browser = applying.entered(app, sign_in, at, who)

    assert {browser.get(at_).status_code for at_ in (place(at), place(at, "/look"), new(at))} <= {
        403,
        404,
    }
