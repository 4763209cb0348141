"""What follows an award: projects report, the fund asks and accepts, and all of it is counted."""

from __future__ import annotations

from grants.rules.return_check import as_form
from tests.journeys.answerer import return_answers
from tests.journeys.life import as_fields, on_page
from tests.journeys.pages import Page
from tests.journeys.world import DECIDED, LINES, REACHED, World

QUERY = "How were these people counted?"


def report(world: World, period: int) -> None:
    """Each project's return of a period: written, sent, asked about, answered, accepted."""
    label = world.fund.return_form.periods[period].label
    for place, line in enumerate(DECIDED):
        address = _own_return(world, LINES[line].title, label)
        key = address.rpartition("/")[2]
        world.barred(address, "rival", "first", "evaluator", "public")
        _write(world, address, place, period)
        world.refused(f"/staff/returns/{key}/accept", "manager", "reporter", "auditor")
        _send(world, address)
        world.refused(f"/staff/returns/{key}/accept", "reporter", "sender", "finance", "rival")
        if place == 0:
            _query_and_answer(world, address)
        page = world.at("manager").open(f"/staff/returns/{key}")
        page = world.at("manager").press(page, "Accept the return")
        assert "The return is accepted." in page.text
        assert world.at("reporter").send(f"{address}/autosave", {"worked": "Late"}) in {403, 409}


def _own_return(world: World, title: str, label: str) -> str:
    page = world.at("reporter").open("/returns")
    rows = page.tree.xpath(
        f"//tr[th/a[starts-with(normalize-space(), '{title}')]][td[normalize-space()='{label}']]"
    )
    assert len(rows) == 1, page.text
    address: str = rows[0].xpath("./th/a/@href")[0]
    return address


def _write(world: World, address: str, place: int, period: int) -> None:
    reporter, form = world.at("reporter"), as_form(world.fund)
    whole = list(DECIDED.values())[place]
    spent = whole // 4 if period == 0 else whole - whole // 4
    answers = return_answers(form, REACHED[place][period], spent)
    for section in form.sections:
        page = reporter.open(f"{address}/sections/{section.key}")
        given = as_fields(page, on_page(page, answers))
        reporter.press(page, "Save and continue", given)


def _send(world: World, address: str) -> None:
    reporter = world.at("reporter")
    page = reporter.open(f"{address}/check")
    assert page.tree.xpath("//ul[@class='cf_missing']") == [], page.text
    page = reporter.press(page, "Send the return", _reasons(page))
    assert "The return is sent." in page.text


def _reasons(page: Page) -> dict[str, str]:
    names = page.tree.xpath("//textarea[starts-with(@name, '_reason.')]/@name")
    return dict.fromkeys(names, "Snow closed the road in December.")


def _query_and_answer(world: World, address: str) -> None:
    manager, key = world.at("manager"), address.rpartition("/")[2]
    page = manager.open(f"/staff/returns/{key}")
    manager.press(page, "Send the queries", status=422)
    page = manager.press(page, "Send the queries", {"ask.unique_people": QUERY})
    assert "The queries are sent." in page.text
    world.refused(f"/staff/returns/{key}/accept", "manager")
    reporter = world.at("reporter")
    page = reporter.open(address)
    assert "The fund has a question here." in page.text
    section = next(
        part.key
        for part in world.fund.return_form.sections
        if any(question.key == "unique_people" for question in part.questions)
    )
    page = reporter.open(f"{address}/sections/{section}")
    assert QUERY in page.text
    given = {"_reply..unique_people": "By the register at the door."}
    page = reporter.press(page, "Save and come back later", given)
    _send(world, address)
    assert "By the register at the door." in manager.open(f"/staff/returns/{key}").text


def close(world: World) -> None:
    """The fund manager closes the award once every return is accepted."""
    page = world.at("manager").open(world.places["award of application"])
    page = world.at("manager").press(page, "Close the award")
    assert "The award is closed." in page.text
