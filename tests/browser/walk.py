"""The stages of a grant's life in a browser, each done by hand by the person whose part it is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from grants.rules.return_check import as_form
from tests.browser.hand import Hand
from tests.journeys import life
from tests.journeys.answerer import Answerer, return_answers, typed
from tests.journeys.world import AWARD, LINES, OWN_COSTS, PART, REACHED, World

LESS = "fund_exhausted"
Hands = Callable[[str], Hand]


def whole_life(world: World, hands: Hands) -> None:
    """Every stage in the browser of the person who does it, each page looked at."""
    hands("").visit("/", "/sign-in", "/awards", "/letters/check", "/accessibility", "/privacy")
    set_up(world, hands("manager"))
    write(world, hands("editor"))
    send(world, hands("sender"))
    manager = hands("manager")
    assign(world, manager)
    score(world, hands("first"))
    life.score(world, "second", _key(world))
    decide(world, manager, hands("approver"))
    release_and_write(world, hands("approver"), hands("issuer"))
    accept(world, hands("signatory"))
    report(world, hands("reporter"))
    count(world, manager, hands("evaluator"))
    hands("administrator").visit("/home", "/people", "/outbox", "/audit-trail", "/delegations")


def _key(world: World) -> str:
    return world.places["application"].rpartition("/")[2]


def set_up(world: World, manager: Hand) -> None:
    """The pages of a round that is being set up, and that is open."""
    manager.look().visit("/rounds", "/rounds/new")
    life.set_up_a_round(world)
    place = world.places["round"]
    manager.visit(place, f"{place}/areas", f"{place}/criteria", world.places["notice"])


def write(world: World, editor: Hand) -> None:
    """An application from its beginning to its check."""
    editor.look().visit("/applications").press("Begin an application").look()
    world.places["application"] = application = editor.address
    answers = Answerer(fund=world.fund, lines=LINES, own_costs=OWN_COSTS).answers()
    for section in world.fund.sections:
        editor.open(f"{application}/sections/{section.key}")
        _rows(editor, answers)
        editor.open(f"{application}/sections/{section.key}")
        _lines(editor, answers)
        if section == world.fund.sections[0] and editor.script:
            _lose_the_connection(editor)
        editor.answer(answers).look().press("Save and continue")
    assert editor.address == f"{application}/check"
    assert editor.page.locator(".cf_missing li").all_inner_texts() == []
    editor.look().visit(application)
    assert f"All {len(world.fund.sections)} parts are complete." in editor.text


def _rows(editor: Hand, answers) -> None:
    """The rows of long tables, each on its page."""
    for link in editor.shown.links(r"[?&]row=new"):
        table = re.search(r"table=([^&]+)", link)[1]
        rows = sorted({row for place, row in answers if place.startswith(f"{table}.")})
        for row in rows:
            editor.open(link)
            key = re.search(r"row=([^&]+)", editor.page.url)[1]
            given = {
                f"{table}.{key}.{place.partition('.')[2]}": text
                for (place, at), text in answers.items()
                if place.startswith(f"{table}.") and at == row
            }
            editor.fill(life.as_fields(editor.shown, given))
            if row == rows[0]:
                editor.look()
            editor.press("Save and go back")
        editor.look()


def _lines(editor: Hand, answers) -> None:
    """Short tables get a line for each row. With script the page stays."""
    for fieldset in editor.shown.tree.xpath("//fieldset[@data-rows]"):
        name = fieldset.get("data-rows")
        wanted = len({row for place, row in answers if place.startswith(f"{name}.")})
        while (count := len(life.keys(editor.shown, name))) < wanted:
            button = editor.page.locator(f'button[name="add_row"][value="{name}"]')
            if editor.script:
                button.click()
            else:
                editor.follow(button)
            assert len(life.keys(editor.shown, name)) == count + 1


def _lose_the_connection(editor: Hand) -> None:
    """What is typed is saved as it is typed, and not lost while there is no network."""
    status = editor.page.locator("[data-save-status]")
    field = editor.page.locator("textarea").first
    field.fill("Saved as it was typed")
    status.filter(has_text="Saved at").wait_for()
    editor.page.reload()
    assert field.input_value() == "Saved as it was typed"
    editor.context.set_offline(True)
    field.fill("Typed on a hill without a signal")
    status.filter(has_text="No connection. We save as soon as it is back.").wait_for()
    editor.context.set_offline(False)
    status.filter(has_text="Saved at").wait_for()
    editor.page.reload()
    assert field.input_value() == "Typed on a hill without a signal"
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in editor.faults)
    editor.faults.clear()


def send(world: World, sender: Hand) -> None:
    """Sent, with receipt and copy."""
    sender.open(f"{world.places['application']}/check").press("Send the application").look()
    assert sender.address.endswith("/receipt")
    world.work()
    assert sender.fetch(f"{world.places['application']}/copy.pdf").startswith(b"%PDF-")
    sender.visit("/home", "/applications", world.places["application"])


def assign(world: World, manager: Hand) -> None:
    """Given to two readers."""
    place, key = world.places["round"], _key(world)
    manager.visit(f"{place}/applications", f"{place}/assignments", f"/applications/{key}/readers")
    for who in ("first", "second"):
        manager.press(f"Assign {world.names[who]}").look()
    manager.visit(f"{place}/assignments/proposal", f"{place}/assignments?by=assessor")
    manager.open(manager.shown.links("/assignments/assessors/")[0]).look()
    manager.fill({"most": "9"}).press("Save").look()
    assert "at most 9" in manager.text


def score(world: World, reader: Hand) -> None:
    """Declared, and scored with the keyboard alone where there is script."""
    reader.visit("/home", "/assessments")
    reader.open(reader.shown.links("^/assessments/")[0]).look()
    reader.fill({"interest": "none"}).press("Declare and continue").look()
    if reader.script:
        _score_with_keys(world, reader)
    else:
        _score_by_hand(world, reader)
    assert "Your scores are submitted" in reader.text
    reader.look()


def _score_with_keys(world: World, reader: Hand) -> None:
    keyboard = reader.page.keyboard
    reader.page.locator("[data-sheet-weight] input").first.focus()
    for _ in world.fund.scoring.criteria:
        keyboard.press("3")
        keyboard.press("Tab")
        keyboard.type(f"{life.REASON} (first)")
        keyboard.press("Tab")
    assert reader.page.locator("[data-sheet-total]").inner_text() == "75.00"
    for _ in LINES:
        keyboard.press("Space")
        keyboard.press("Tab")
    keyboard.type("A sound plan.")
    reader.page.locator("[data-save-status]").filter(has_text="Saved at").wait_for()
    keyboard.press("Tab")
    keyboard.press("Tab")
    with reader.page.expect_navigation():
        keyboard.press("Enter")


def _score_by_hand(world: World, reader: Hand) -> None:
    for criterion in world.fund.scoring.criteria:
        reader.fill({f"mark.{criterion.key}": "3", f"reason.{criterion.key}": life.REASON})
    for name in sorted(set(reader.shown.tree.xpath("//input/@name[starts-with(., 'line.')]"))):
        reader.fill({name: "full"})
    reader.press("Submit your scores")


def decide(world: World, manager: Hand, approver: Hand) -> None:
    """Recommended line by line by one, approved by another."""
    manager.open(f"/staff/applications/{_key(world)}").look().press("Open moderation")
    world.places["award"] = award = manager.address
    manager.look()
    choices = ("full", "full", "part", "reserve", "out")
    rows = [name.get("name").removeprefix("decision-") for name in
            manager.shown.tree.xpath("//select[starts-with(@name, 'decision-')]")]  # fmt: skip
    manager.fill({f"decision-{row}": choice for row, choice in zip(rows, choices, strict=True)})
    manager.fill({f"amount-{rows[2]}": typed(PART)}).press("Recommend").look()
    if manager.script:
        assert manager.page.evaluate("document.activeElement.id") == "error-summary"
    manager.fill({f"reason-{row}": LESS for row in rows[2:]} | {"reason": LESS})
    manager.press("Recommend").look().visit(f"{world.places['round']}/ranking")
    manager.visit(f"{world.places['round']}/ranking?area=Shetland+Islands")
    manager.visit(f"{world.places['round']}/ranking/fairness")
    approver.look().open(award).look().press(f"Approve £{typed(AWARD)}").look()
    assert "Approved. The money is set aside." in approver.text


def release_and_write(world: World, approver: Hand, issuer: Hand) -> None:
    """Outcomes released; letters drafted in the background and issued by another."""
    place = world.places["round"]
    approver.open(f"{place}/release").look().fill({"typed": "7"}).press("Release").look()
    approver.fill({"typed": "1"}).press("Release").look()
    issuer.open(f"{place}/letters").press("Draft 1 missing letter").look()
    world.work()
    issuer.open(issuer.address).look()
    approver.open(f"{place}/letters").fill({"typed": "1"}).press("Issue them").look()
    world.places["code"] = approver.page.locator("td[data-label='Letter'] span").inner_text()


def accept(world: World, signatory: Hand) -> None:
    """The letter read, the offer accepted, the letter checked as anybody may."""
    signatory.open("/applications").look().press("Read the decision").look()
    world.places["letter"] = signatory.shown.links(r"^/letters/.*\.pdf$")[0]
    assert signatory.fetch(world.places["letter"]).startswith(b"%PDF-")
    signatory.press("Accept the offer").look()
    signatory.fill({"typed_name": world.names["signatory"], "agrees": "yes"})
    signatory.press("Accept the offer").look()
    assert "You have accepted the offer" in signatory.text
    signatory.open("/letters/check").fill({"code": world.places["code"]}).press("Check").look()
    assert "Genuine" in signatory.text


def report(world: World, reporter: Hand) -> None:
    """One return, written and sent."""
    reporter.look().visit("/returns").open(reporter.shown.links("^/returns/[0-9a-f-]{36}$")[0])
    world.places["return"] = place = reporter.look().address
    form = as_form(world.fund)
    title = reporter.page.locator("h1").inner_text()
    amount = {"Tuesday Table": 400_000, "Harbour Choir": 600_050}.get(title, PART)
    answers = return_answers(form, REACHED[0][0], amount // 4)
    for section in form.sections:
        reporter.open(f"{place}/sections/{section.key}").answer(answers).look()
        reporter.press("Save and continue")
    reporter.look()
    for name in reporter.shown.tree.xpath("//textarea[starts-with(@name, '_reason.')]/@name"):
        reporter.fill({name: "Snow closed the road."})
    reporter.press("Send the return").look()
    assert "The return is sent." in reporter.text


def count(world: World, manager: Hand, evaluator: Hand) -> None:
    """The return accepted, the figures read and taken away."""
    place, key = world.places["round"], world.places["return"].rpartition("/")[2]
    manager.visit("/home", "/returns", f"{place}/returns").open(f"/staff/returns/{key}").look()
    manager.press("Accept the return").look()
    evaluator.visit("/home", "/evaluation", f"{place}/evaluation")
    assert typed(AWARD) in evaluator.text
    evaluator.open(f"{place}/extracts").look()
    names = evaluator.shown.tree.xpath("//input[@type='checkbox'][@name='tables']/@value")
    evaluator.press("Make the extract").look()
    evaluator.fill({"tables": names, "format": "csv", "reason": "The yearly report"})
    evaluator.press("Make the extract").look()
    world.work()
    evaluator.open(evaluator.address).look()
    with zipfile.ZipFile(io.BytesIO(evaluator.download("Download"))) as archive:
        assert {"headline.csv", "areas.csv", "data_dictionary.csv"} <= set(archive.namelist())
