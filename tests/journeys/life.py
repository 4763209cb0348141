"""The stages of a grant's life, one after another, each through the pages of the people who do it."""

from __future__ import annotations

import datetime as dt
import io
import re

import pikepdf

from grants.funds.definition import QuestionKind
from tests.journeys.answerer import Answerer, Answers, Line, typed
from tests.journeys.pages import Page, Visitor
from tests.journeys.world import (
    AREA,
    ASKED,
    AWARD,
    LINES,
    OWN_COSTS,
    PART,
    RIVAL_AREA,
    RIVAL_LINES,
    SHARE,
    World,
)

with io.BytesIO() as _written, pikepdf.new() as _blank:
    _blank.add_blank_page()
    _blank.save(_written)
    PDF = _written.getvalue()
REASON = "Tha iad math: the plan fits and the group is known."
LESS = "fund_exhausted"


def set_up_a_round(world: World) -> None:
    """A round of two areas, opened by the fund manager alone."""
    world.barred("/rounds/new", "sender", "first", "evaluator", "public")
    manager, today = world.at("manager"), world.clock.now.date()
    closes = today + dt.timedelta(days=30)
    page = manager.open("/rounds/new")
    place = page.tree.xpath(f"//select[@name='fund']/option[contains(., '{world.fund.name[:20]}')]")
    given = {"fund": place[0].get("value"), "title": "A round for a whole life",
             "fund_year": "2026-27", "pot": typed(3 * SHARE), "opens": _date(today),
             "closes": _date(closes)}  # fmt: skip
    page = manager.press(page, "Begin", given)
    world.places["round"] = page.address
    assert world.at("sender").open("/applications").text.count("A round for a whole life") == 0
    for name, code in ((AREA, "S12000027"), (RIVAL_AREA, "S12000023")):
        page = manager.open(f"{page.address.removesuffix('/areas')}/areas/new")
        given = {"name": name, "amount": typed(SHARE), "councils": code}
        page = manager.press(page, "Save", given)
    page = manager.press(manager.open(f"{world.places['round']}/criteria"), "Save the weights")
    world.refused(f"{world.places['round']}/moves/open-round", "approver", "first", "sender")
    page = manager.press(manager.open(world.places["round"]), "Open the round")
    assert "The round is open." in page.text
    world.places["notice"] = page.links("^/rounds-open/")[0]
    world.places["reference"] = world.places["notice"].rpartition("/")[2]
    notice = world.at("public").open(world.places["notice"])
    for criterion in world.fund.scoring.criteria:
        assert criterion.title in notice.text


def _date(day: dt.date) -> list[str]:
    return [str(day.day), str(day.month), str(day.year)]


def apply(world: World) -> None:
    """The partnership writes, its editor may not send, its submitter does. The rival applies too."""
    world.places["application"] = write(world, "editor", LINES, OWN_COSTS)
    application = world.places["application"]
    world.barred(application, "rival", "manager", "first", "auditor", "public")
    world.barred(f"{application}/check", "rival", "manager", "public")
    world.refused(f"{application}/submit", "editor", "rival", "manager")
    page = world.at("editor").open(f"{application}/check")
    assert "can send it" in page.text
    confirm(world, "editor", application)
    page = world.at("sender").press(world.at("sender").open(page.address), "Send the application")
    assert page.address == f"{application}/receipt"
    assert typed(ASKED) in page.text
    world.places["rival application"] = write(world, "rival", RIVAL_LINES, 0)
    rival = world.at("rival")
    confirm(world, "rival", world.places["rival application"])
    rival.press(rival.open(f"{world.places['rival application']}/check"), "Send the application")
    _receive(world)


def confirm(world: World, who: str, application: str) -> None:
    """What the round asks of others before it can be sent: each by a link and a code, without account."""
    asker, stages = world.at(who), world.fund.stages
    if stages.partners_confirm:
        for place in asker.open(f"{application}/partners").links("/partners/"):
            email = f"partner.{place[-6:]}@example.org"
            given = {"name": "Pàdraig Partner", "email": email}
            asker.press(asker.open(place), "Ask them to confirm", given)
            answered(world, email, "Confirm our part")
    if stages.sign_off:
        page = asker.press(asker.open(f"{application}/check"), "Send", status=422) if (
            who == "rival"
        ) else asker.open(f"{application}/check")  # fmt: skip
        assert "A second person" in page.text
        email = f"board.{who}@example.org"
        given = {"name": "Beathag Board", "role": "Chair of the board", "email": email}
        asker.press(asker.open(f"{application}/sign-off"), "Ask them to sign it off", given)
        answered(world, email, "Sign it off")
        assert "Beathag Board, Chair of the board," in asker.open(f"{application}/sign-off").text


def answered(world: World, email: str, words: str) -> None:
    """Open the link that was mailed, type the code that was mailed, and press the button."""
    visitor = world.at("public")
    link = re.search(r"/confirmations/\S+", world.latest_mail(email))
    assert link is not None
    visitor.press(visitor.open(link[0]), "E-mail me a code")
    code = re.search(r"\b\d{6}\b", world.latest_mail(email))
    assert code is not None
    page = visitor.press(visitor.open(link[0]), "Open it", {"code": code[0]})
    page = visitor.press(page, words)
    assert "Your answer is kept" in page.text


def write(world: World, who: str, lines: tuple[Line, ...], own_costs: int) -> str:
    visitor = world.at(who)
    page = visitor.press(visitor.open("/applications"), "Begin an application")
    application = page.address
    answerer = Answerer(fund=world.fund, lines=lines, own_costs=own_costs)
    answers = answerer.answers()
    for section in world.fund.sections:
        fill(visitor, f"{application}/sections/{section.key}", answers)
        uploads = [q.key for q in section.questions if q.kind == QuestionKind.UPLOAD]
        for key in uploads:
            page = visitor.open(f"{application}/sections/{section.key}")
            files = {key: ("plan.pdf", PDF)}
            page = visitor.press(page, "Add the chosen file", files=files)
            assert "plan.pdf" in page.text
    missing = visitor.open(f"{application}/check").tree.xpath("//ul[@class='cf_missing']/li")
    assert [entry.text_content() for entry in missing] == []
    return application


def fill(visitor: Visitor, address: str, answers: Answers) -> None:
    """A section through its page: long tables row by row, the others and the rest together."""
    page = visitor.open(address)
    for link in page.links(r"[?&]row=new"):
        table = re.search(r"table=([^&]+)", link)
        assert table is not None
        rows = sorted({row for place, row in answers if place.startswith(f"{table[1]}.")})
        for row in rows:
            blank = visitor.open(link)
            key = re.search(r"row=([^&]+)", blank.query)
            assert key is not None
            given = {
                f"{table[1]}.{key[1]}.{place.partition('.')[2]}": text
                for (place, at), text in answers.items()
                if place.startswith(f"{table[1]}.") and at == row
            }
            visitor.press(blank, "Save and go back", as_fields(blank, given))
    page = _with_rows(visitor, visitor.open(address), answers)
    visitor.press(page, "Save and continue", as_fields(page, on_page(page, answers)))


def _with_rows(visitor: Visitor, page: Page, answers: Answers) -> Page:
    """The page with as many rows in each short table as there are to fill in."""
    for fieldset in page.tree.xpath("//fieldset[@data-rows]"):
        name = fieldset.get("data-rows")
        wanted = len({row for place, row in answers if place.startswith(f"{name}.")})
        while len(keys(page, name)) < wanted:
            before = len(keys(page, name))
            button = f"Add another row to {_legend(page, name)}"
            page = visitor.press(page, button, as_fields(page, on_page(page, answers)))
            assert len(keys(page, name)) == before + 1
    return page


def _legend(page: Page, name: str) -> str:
    return page.tree.xpath(f"//fieldset[@data-rows='{name}']/legend")[0].text_content().strip()


def keys(page: Page, table: str) -> list[str]:
    """The keys of the rows that a short table has on this page."""
    fields = page.tree.xpath(f"//input[@name='{table}.rows'][not(ancestor::template)]")
    return [field.get("value") for field in fields]


def on_page(page: Page, answers: Answers) -> dict[str, str]:
    """The answers by the names of this page's fields. Rows are taken in order, or by their own key."""
    given: dict[str, str] = {}
    for (place, row), text in answers.items():
        table, _, column = place.partition(".")
        if not column:
            given[table] = text
            continue
        here = keys(page, table)
        rows = sorted({at for name, at in answers if name.startswith(f"{table}.")})
        if row in here:
            given[f"{table}.{row}.{column}"] = text
        elif len(here) > rows.index(row):
            given[f"{table}.{here[rows.index(row)]}.{column}"] = text
    return given


def as_fields(page: Page, given: dict[str, str]) -> dict[str, str | list[str]]:
    """Only what the page asks for, split as its controls send it."""
    return {
        name: _values(page, text, name)
        for name, text in given.items()
        if page.tree.xpath(f"//*[@name='{name}'][not(ancestor::template)]")
    }


def _values(page: Page, text: str, name: str) -> str | list[str]:
    controls = page.tree.xpath(f"//*[@name='{name}']")
    if sum(control.get("inputmode") == "numeric" for control in controls) == 3:
        return list(reversed(text.split("-")))
    is_ticks = any(control.get("type") == "checkbox" for control in controls)
    return text.split("\n") if is_ticks else text


def _receive(world: World) -> None:
    """Receipts by mail with the copy; the copy for whom it concerns."""
    world.work()
    outbox = world.at("administrator").open("/outbox")
    row = outbox.tree.xpath(f"//tr[contains(., '{world.emails['sender']}')]//a")[0]
    message = world.at("administrator").open(row.get("href"))
    assert re.search(r"With it\s+\S+\.pdf", message.text)
    world.barred("/outbox", "manager", "sender", "public")
    copy = f"{world.places['application']}/copy.pdf"
    assert world.at("editor").open(copy).data.startswith(b"%PDF-")
    world.barred(copy, "rival", "first", "auditor", "public")
    page = world.at("manager").open(f"{world.places['round']}/applications")
    own, other = (
        world.places[name].rpartition("/")[2] for name in ("application", "rival application")
    )
    assert {f"/staff/applications/{key}" for key in (own, other)} <= set(
        page.links("^/staff/applications/")
    )


def assess(world: World) -> None:
    """Two readers each; one more declares a conflict and is out. Blind until both are in."""
    for name in ("rival application", "application"):
        key = world.places[name].rpartition("/")[2]
        readers = f"/applications/{key}/readers"
        world.barred(readers, "sender", "first", "approver", "public")
        for who in (
            ("conflicted", "first", "second") if name == "application" else ("first", "second")
        ):
            give(world, readers, who)
        if name == "application":
            _declare_a_conflict(world)
        score(world, "first", key)
        if name == "application":
            _blind(world, key)
        score(world, "second", key)
        world.barred(f"/staff/applications/{key}", "conflicted", "sender", "rival", "public")


def give(world: World, readers: str, who: str) -> None:
    """The application goes to this assessor."""
    page = world.at("manager").open(readers)
    page = world.at("manager").press(page, f"Assign {world.names[who]}")
    assert "Assigned." in page.text


def duty(world: World, who: str) -> Page:
    """What this assessor has to do first."""
    page = world.at(who).open("/assessments")
    return world.at(who).open(page.links("^/assessments/")[0])


def _declare_a_conflict(world: World) -> None:
    page = duty(world, "conflicted")
    assert REASON not in page.text
    world.places["conflicted duty"] = page.address
    given = {"interest": "employer", "detail": "I was its treasurer until 2024."}
    world.at("conflicted").press(page, "Declare and continue", given)
    world.barred(page.address, "conflicted", "first", "sender", "public")


def score(world: World, who: str, key: str) -> None:
    """Declared, refused while it is not whole, saved, submitted."""
    reader = world.at(who)
    page = duty(world, who)
    assert "safeguard" not in page.text or "Before you read" in page.text
    page = reader.press(page, "Declare and continue", {"interest": "none"})
    given = {}
    for criterion in world.fund.scoring.criteria:
        given[f"mark.{criterion.key}"] = str(world.fund.scoring.highest - 1)
        given[f"reason.{criterion.key}"] = f"{REASON} ({who})"
    for control in page.tree.xpath("//input[starts-with(@name, 'line.')]"):
        given[control.get("name")] = "full"
    short = dict(list(given.items())[:1])
    assert reader.press(page, "Submit your scores", short, status=422)
    page = reader.press(reader.open(page.address), "Save", given)
    page = reader.press(page, "Submit your scores")
    assert "Your scores are submitted" in page.text
    world.places[f"{who} of {key}"] = page.address


def _blind(world: World, key: str) -> None:
    """Nobody reads the first scores before the second are in."""
    page = world.at("manager").open(f"/staff/applications/{key}")
    assert "(first)" not in page.text
    assert "Scores can be read once every assigned score is in" in page.text
    page = duty(world, "second")
    assert "(first)" not in page.text


def decide(world: World) -> None:
    """Moderation and ranking; recommended line by line; approved and refused by another."""
    manager, place = world.at("manager"), world.places
    for name in ("application", "rival application"):
        key = place[name].rpartition("/")[2]
        page = manager.open(f"/staff/applications/{key}")
        assert "(first)" in page.text
        assert "(second)" in page.text
        page = manager.press(page, "Open moderation")
        place[f"award of {name}"] = page.address
    ranking = manager.open(f"{place['round']}/ranking")
    assert place["award of application"] in ranking.links("^/awards/")
    world.barred(ranking.address, "first", "sender", "rival", "evaluator", "public")
    award, rival = place["award of application"], place["award of rival application"]
    world.barred(award, "first", "conflicted", "sender", "rival", "evaluator", "public")
    world.refused(award, "approver", "sender", "first", is_award="yes")
    _recommend(world, award)
    page = manager.press(
        manager.open(rival), "Recommend",
        {"is_award": "no", "reason": LESS, "feedback": "Come back next year."},
    )  # fmt: skip
    assert "Recommended." in page.text
    for address in (award, rival):
        world.refused(f"{address}/approval", "manager", "first", "sender", "auditor", seen="x")
    _approve(world, award, rival)


def _recommend(world: World, award: str) -> None:
    manager = world.at("manager")
    page = manager.open(award)
    rows = [name.get("name").removeprefix("decision-")
            for name in page.tree.xpath("//select[starts-with(@name, 'decision-')]")]  # fmt: skip
    assert len(rows) == len(LINES)
    given = {"is_award": "yes", "own_costs": typed(OWN_COSTS), "reason": LESS,
             "feedback": "A clear plan.", "condition-0": "Send the agreement with the landlord."}  # fmt: skip
    choices = ("full", "full", "part", "reserve", "out")
    given |= {f"decision-{row}": choice for row, choice in zip(rows, choices, strict=True)}
    given |= {f"amount-{rows[2]}": typed(PART)}
    page = manager.press(page, "Recommend", given, status=422)
    assert "Give a reason" in page.text
    given |= {f"reason-{row}": LESS for row in rows[2:]}
    page = manager.press(manager.open(award), "Recommend", given)
    assert typed(AWARD) in page.text
    assert "Approve" not in [b.text_content().strip()[:7] for b in page.tree.xpath("//button")]


def _approve(world: World, award: str, rival: str) -> None:
    approver = world.at("approver")
    assert approver.send(f"{award}/approval", {"seen": "0" * 64}) == 422
    page = approver.press(approver.open(award), f"Approve £{typed(AWARD)}")
    assert "Approved. The money is set aside." in page.text
    page = approver.press(approver.open(rival), "Refuse", {"refusal-code": LESS})
    assert "Refused." in page.text
    areas = world.at("manager").open(f"{world.places['round']}/areas").text
    assert typed(SHARE - AWARD) in areas
    for name in ("sender", "rival"):
        home = world.at(name).open("/applications").text
        assert "Decision made" not in home


def release(world: World) -> None:
    """All outcomes together, by somebody who recommended none, with their number typed."""
    place = f"{world.places['round']}/release"
    world.refused(place, "manager", "sender", "first", "evaluator", typed="2")
    outcomes = [world.places[name].replace("/awards/", "/outcomes/")
                for name in ("award of application", "award of rival application")]  # fmt: skip
    world.places["outcome"], world.places["rival outcome"] = outcomes
    world.barred(outcomes[0], "sender", "rival", "public")
    approver = world.at("approver")
    approver.press(approver.open(place), "Release", {"typed": "3"}, status=422)
    page = approver.press(approver.open(place), "Release", {"typed": "2"})
    assert "2 outcomes released" in page.text
    page = world.at("signatory").open(outcomes[0])
    assert f"We can offer you £{typed(AWARD)}" in page.heading
    assert "Your letter is being prepared" in page.text
    assert "We cannot fund this application" in world.at("rival").open(outcomes[1]).heading
    world.barred(outcomes[0], "rival", "first", "public")
    world.barred(outcomes[1], "signatory", "public")


def write_letters(world: World) -> None:
    """Drafted by a job that one person asked for, issued by another who is not the drafter."""
    place = f"{world.places['round']}/letters"
    issuer, approver = world.at("issuer"), world.at("approver")
    page = issuer.press(issuer.open(place), "Draft 2 missing letters")
    assert "/jobs/" in page.address
    world.barred(page.address, "manager", "sender", "public")
    world.work()
    page = issuer.open(page.address)
    drafts = approver.open(place).links(r"^/letters/.*\.pdf$")
    assert len(drafts) == 2
    for draft in drafts:
        world.barred(draft, "sender", "rival", "first", "evaluator", "public")
    world.refused(f"{place}/issue", "manager", "sender", "first", typed="2")
    assert issuer.send(f"{place}/issue", {"typed": "2"}) == 302
    assert "No draft waits for you" in issuer.open(place).text
    world.barred(drafts[0], "signatory")
    page = approver.press(approver.open(place), "Issue them", {"typed": "2"})
    assert "2 letters issued" in page.text
    page = world.at("signatory").open(world.places["outcome"])
    world.places["letter"] = page.links(r"^/letters/.*\.pdf$")[0]
    letter = world.at("signatory").open(world.places["letter"])
    assert letter.data.startswith(b"%PDF-")
    assert letter.data == world.at("manager").open(world.places["letter"]).data
    world.barred(world.places["letter"], "rival", "first", "evaluator", "public")
    rows = approver.open(place).tree.xpath("//td[@data-label='Letter']/span")
    for row in rows:
        _check_publicly(world, row.text_content().strip())


def _check_publicly(world: World, code: str) -> None:
    anybody = world.at("public")
    page = anybody.press(anybody.open("/letters/check"), "Check", {"code": code})
    assert "in force. Check that the letter in your hand" in page.text
    assert typed(AWARD) not in page.text
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    page = anybody.press(anybody.open("/letters/check"), "Check", {"code": wrong})
    assert "No letter in force carries this code." in page.text


def accept(world: World) -> None:
    """The signatory accepts in their own name; nobody else can."""
    place, signatory = world.places["outcome"], world.at("signatory")
    given = {"typed_name": world.names["signatory"], "agrees": "yes"}
    world.refused(f"{place}/acceptance", "editor", "rival", "manager", "first", **given)
    page = signatory.press(
        signatory.open(place), "Accept the offer", given | {"typed_name": "Somebody"}, status=422
    )
    page = signatory.press(signatory.open(place), "Accept the offer", given)
    assert page.heading == "You have accepted the offer"
    register = world.at("public").open("/awards")
    assert typed(AWARD) in register.text
    assert "Orkney Rival" not in register.text
