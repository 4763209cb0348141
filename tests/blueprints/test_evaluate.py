"""The pages of figures and extracts: who gets in, what they cost, what they show."""

import re
import uuid

import pytest
from lxml import html

from grants.jobs import worker
from grants.rules.people import Role
from tests import build
from tests.figures_world import World, people


def filled(app, *, projects=6, returns=3):
    with app.app_context():
        world = World()
        made = world.projects((("social", projects - 1), ("arts", 1)))
        groups = {"older": 30, "women": 3}
        world.returns(
            made[:returns],
            [people(40, reach_by_group=groups)] * returns,
            outcomes=[[("connected", 10, 20, 10, 10)]] * returns,
        )
        world.emails = {
            "evaluator": world.email(world.evaluator),
            "manager": world.email(world.manager),
        }
        return world


def page_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def words(node):
    return " ".join(node.text_content().split())


def test_index_lists_the_rounds_that_one_may_read(app, client, sign_in):
    world = filled(app)
    sign_in(client, world.emails["evaluator"])

    page = page_of(client, "/evaluation")
    assert page.xpath("//main//tbody//a/@href") == [f"/rounds/{world.key}/evaluation"]


@pytest.mark.feature("E2")
def test_each_table_says_what_it_counts_and_has_its_chart(app, client, sign_in):
    world = filled(app)
    sign_in(client, world.emails["evaluator"])

    page = page_of(client, f"/rounds/{world.key}/evaluation")
    sections = page.xpath("//main//section[h2]")
    anchors = [f"#{section.get('id')}" for section in sections]
    assert page.xpath("//nav[@aria-label='Tables on this page']//a/@href") == anchors
    captions = [words(caption) for caption in page.xpath("//main//table/caption")]
    assert [caption for caption in captions if "One row" not in caption] == []
    assert len(page.xpath("//main//section[.//svg]")) == 9
    assert page.xpath("//main//*[@style or self::style or self::script[not(@src)]]") == []


@pytest.mark.feature("E14")
def test_the_map_has_a_tile_for_each_of_the_council_areas(app, client, sign_in):
    world = filled(app)
    sign_in(client, world.emails["evaluator"])

    page = page_of(client, f"/rounds/{world.key}/evaluation")
    tiles = page.xpath("//svg[contains(@class, 'chart--tiles')]//text[contains(@class, 'value')]")
    assert len(tiles) == 32
    assert sorted(words(tile) for tile in tiles)[:3] == ["£10k", "£10k", "£10k"]


@pytest.mark.feature("E3")
def test_small_numbers_are_said_to_be_hidden(app, client, sign_in):
    world = filled(app, returns=1)
    sign_in(client, world.emails["evaluator"])

    page = page_of(client, f"/rounds/{world.key}/evaluation")
    row = page.xpath("//section[@id='people_reach_by_group']//tr[th[contains(., 'Women')]]")[0]
    assert [words(cell) for cell in row.xpath("td")] == ["hidden", "hidden"]
    chart = page.xpath("//section[@id='people_reach_by_group']//svg")[0]
    assert "hidden: small number" in words(chart)


def test_source_note_stands_at_every_table(app, client, sign_in):
    world = filled(app)
    sign_in(client, world.emails["evaluator"])

    page = page_of(client, f"/rounds/{world.key}/evaluation")
    notes = [words(section.xpath("p[last()]")[0]) for section in page.xpath("//main//section[h2]")]
    assert [
        note for note in notes if "Illustrative: names and figures are fictional." not in note
    ] == []


@pytest.mark.feature("E6", "E7", "E8")
@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_an_extract_is_asked_for_watched_and_fetched(app, client, sign_in, file_format):
    world = filled(app)
    sign_in(client, world.emails["evaluator"])
    form = {"tables": ["headline", "returns"], "format": file_format, "reason": "Year report"}
    answer = client.post(f"/rounds/{world.key}/extracts", data=form)
    assert answer.status_code == 302

    waiting = client.get(answer.location)
    assert ("Waiting to start" in waiting.text, waiting.headers["Refresh"]) == (True, "5")
    with app.app_context():
        worker.run_due(build.NOW)
    page = page_of(client, answer.location)
    (address,) = page.xpath("//a[text()='Download']/@href")
    with client.get(address) as file:
        assert (file.status_code, len(file.data) > 500) == (200, True)
        assert file.headers["Content-Disposition"].startswith("attachment; filename=")
        assert file.headers["Cache-Control"] == "no-store"
    assert re.search(r"\b[0-9a-f]{64}\b", words(page))


def test_what_is_missing_is_said_at_the_field(app, client, sign_in):
    world = filled(app)
    sign_in(client, world.emails["evaluator"])
    answer = client.post(f"/rounds/{world.key}/extracts", data={"tables": ["headline"]})

    page = html.fromstring(answer.text)
    assert answer.status_code == 422
    assert "Say what you need the extract for." in words(page.xpath("//div[@id='reason-error']")[0])
    assert page.xpath("//input[@name='tables' and @checked]/@value") == ["headline"]


def test_others_find_neither_figures_nor_files(app, client, sign_in):
    world = filled(app)
    with app.app_context():
        elsewhere = World(areas=1)
        other = elsewhere.email(elsewhere.evaluator)
        lead = build.organisation()
        applicant = build.person(Role.APPLICANT_SUBMITTER, at=lead).email
    sign_in(client, world.emails["evaluator"])
    form = {"tables": ["headline"], "format": "json", "reason": "Year report"}
    job = client.post(f"/rounds/{world.key}/extracts", data=form).location
    with app.app_context():
        worker.run_due(build.NOW)
    (file,) = page_of(client, job).xpath("//a[text()='Download']/@href")

    places = [f"/rounds/{world.key}/evaluation", f"/rounds/{world.key}/extracts", job, file]
    for who in (other, applicant):
        sign_in(client, who)
        assert [client.get(place).status_code for place in places] == [404] * 4
    assert client.get(f"/jobs/{uuid.uuid4()}").status_code == 404


@pytest.mark.feature("P7")
def test_pages_cost_the_same_at_three_and_at_three_hundred_rows(
    app, client, sign_in, count_statements
):
    costs = []
    for rows in (3, 300):
        world = filled(app, projects=rows, returns=rows)
        sign_in(client, world.emails["evaluator"])
        client.get(f"/rounds/{world.key}/evaluation")  # the rulebook is read once
        costs.append([])
        for place in ("evaluation", "extracts"):
            with count_statements() as found:
                client.get(f"/rounds/{world.key}/{place}")
            costs[-1].append(len(found))

    assert costs == [[10, 3], [10, 3]]
