"""Profiles, areas and registers, as a browser meets them."""

from __future__ import annotations

import io
import re

import pytest

from grants.models.organisation import Organisation, OrganisationKind
from grants.rules.people import Role
from tests import build

FORM = {
    "_version": "1",
    "name": "Glen Hall (fictional)",
    "charity_number": "SC099001",
    "postcode": "ze1 0aa",
    "people.0001.name": "Mòrag Made-up",
    "people.0001.role": "Convener",
}
REGISTER = b"number,name\nSC099001,Glen Hall (fictional)\nSC099002,Another Hall (fictional)\n"


@pytest.fixture
def glen(app):
    """(key of the organisation, e-mail of its editor, of an administrator)"""
    with app.app_context():
        own = build.organisation("Glen Hall", OrganisationKind.PARTNERSHIP, "S12000027")
        return (
            own.key,
            build.person(Role.APPLICANT_EDITOR, at=own).email,
            build.person(Role.ADMINISTRATOR, at=build.programme()).email,
        )


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


@pytest.mark.feature("A11")
def test_profile_is_written_and_read(client, sign_in, glen):
    key, editor, _ = glen
    sign_in(client, editor)

    saved = client.post(f"/organisations/{key}/edit", data=FORM)
    page = text(client.get(saved.location))

    assert client.get("/organisations").location == saved.location == f"/organisations/{key}"
    for words in ("Glen Hall (fictional)", "SC099001", "Mòrag Made-up", "Shetland Islands"):
        assert words in page
    assert "Not looked up: no such register is loaded here." in page


@pytest.mark.feature("A11")
def test_profile_with_a_fault_keeps_what_was_typed(client, sign_in, glen):
    key, editor, _ = glen
    sign_in(client, editor)

    answer = client.post(
        f"/organisations/{key}/edit", data={**FORM, "company_number": "12", "email": "no"}
    )

    assert answer.status_code == 422
    assert "Company number: Enter a company number: eight characters" in text(answer)
    assert 'value="Mòrag Made-up"' in text(answer)
    assert 'value="12"' in text(answer)


@pytest.mark.feature("A11")
@pytest.mark.parametrize(
    ("button", "rows"), [({"add_row": "people"}, 2), ({"remove_row": "people.0001"}, 1)]
)
def test_row_is_added_and_removed_without_script(client, sign_in, glen, button, rows):
    key, editor, _ = glen
    sign_in(client, editor)

    answer = client.post(f"/organisations/{key}/edit", data={**FORM, **button})

    names = re.findall(r'name="people\.(?!__row__)[\w-]+\.name"', text(answer))
    assert (answer.status_code, len(names)) == (200, rows)
    assert 'value="SC099001"' in text(answer)
    assert ('value="Mòrag Made-up"' in text(answer)) is ("add_row" in button)


@pytest.mark.feature("A11")
def test_second_of_two_sees_both_texts_and_chooses(client, sign_in, glen):
    key, editor, _ = glen
    sign_in(client, editor)
    client.post(f"/organisations/{key}/edit", data=FORM)

    late = client.post(f"/organisations/{key}/edit", data={**FORM, "postcode": "ZE2 9AA"})
    version = re.search(r'name="_version" value="(\d+)"', text(late)).group(1)
    again = client.post(
        f"/organisations/{key}/edit", data={**FORM, "postcode": "ZE2 9AA", "_version": version}
    )

    assert late.status_code == 422
    assert "Somebody else saved this profile meanwhile" in text(late)
    assert '<td data-label="Yours" dir="auto">ZE2 9AA</td>' in text(late)
    assert again.status_code == 302
    assert "ZE2 9AA" in text(client.get(again.location))


@pytest.mark.feature("A11")
def test_administrator_changes_the_areas_and_editors_do_not(app, client, sign_in, glen):
    key, editor, administrator = glen
    sign_in(client, editor)
    assert client.get(f"/organisations/{key}/areas").status_code == 404

    other = sign_in(app.test_client(), administrator)
    form = {"areas": ["S12000023"], "reason": "They asked"}
    silent = other.post(f"/organisations/{key}/areas", data={**form, "reason": ""})
    done = other.post(f"/organisations/{key}/areas", data=form)

    assert (silent.status_code, done.status_code) == (422, 302)
    assert "Orkney Islands" in text(other.get(f"/organisations/{key}"))
    assert "Glen Hall" in text(other.get("/staff/organisations?search=glen"))


@pytest.mark.feature("A24")
def test_register_is_loaded_and_confirms_the_name(app, client, sign_in, glen):
    key, editor, administrator = glen
    other = sign_in(app.test_client(), administrator)
    sign_in(client, editor)
    client.post(f"/organisations/{key}/edit", data=FORM)
    form = {"register": "charities", "source": "A sample", "as_at": ["1", "10", "2026"]}

    none = other.post("/staff/registers", data=form)
    wrong = other.post("/staff/registers", data={**form, "file": (io.BytesIO(b"a,b\n"), "x.csv")})
    done = other.post("/staff/registers", data={**form, "file": (io.BytesIO(REGISTER), "x.csv")})

    assert [none.status_code, wrong.status_code, done.status_code] == [422, 422, 302]
    assert "must name the columns number and name" in text(wrong)
    assert "1 October 2026" in text(other.get("/staff/registers"))
    assert "In the register" in text(client.get(f"/organisations/{key}"))


@pytest.mark.feature("A24")
@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("SC099002", "has this number as “Another Hall (fictional)”"),
        ("SC099009", "It is not in the register loaded for 1 October 2026."),
        ("SC199009", "Scottish charity numbers begin with SC0."),
    ],
)
def test_number_that_does_not_fit_stops_nobody(app, client, sign_in, glen, number, words):
    key, editor, administrator = glen
    form = {"register": "charities", "source": "A sample", "as_at": ["1", "10", "2026"]}
    sign_in(app.test_client(), administrator).post(
        "/staff/registers", data={**form, "file": (io.BytesIO(REGISTER), "x.csv")}
    )
    sign_in(client, editor)

    saved = client.post(f"/organisations/{key}/edit", data={**FORM, "charity_number": number})

    assert saved.status_code == 302
    assert words in text(client.get(saved.location))


def test_pages_of_others_are_not_there(app, client, sign_in, glen):
    with app.app_context():
        programme = build.kept(Organisation(reference="P", name="P", kind="programme"))
        manager = build.person(Role.FUND_MANAGER, at=programme).email
        rival = build.person(Role.APPLICANT_SUBMITTER, at=build.organisation()).email
    places = [f"/organisations/{glen[0]}", f"/organisations/{glen[0]}/edit", "/staff/registers"]

    for who in (manager, rival):
        visitor = sign_in(app.test_client(), who)
        assert [visitor.get(place).status_code for place in places] == [404] * 3
