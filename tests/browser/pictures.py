"""Takes the pictures of docs/look: ``python -m tests.browser.pictures [folder]``."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS, NAMES
from tests.browser.hand import NARROW, Hand
from tests.browser.site import served
from tests.journeys import afterwards, life
from tests.journeys.answerer import Answerer
from tests.journeys.world import LINES, OWN_COSTS, World

LOOK = Path(__file__).parents[2] / "docs/look"
COLOURS = 128  # enough for pages, and small
LONGEST = 1400  # pixels of a picture's height


def main(folder: Path) -> None:
    """Live two lives, and take each picture where it is at its best."""
    chromium = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for stages in (_being_written, _decided):
            with tempfile.TemporaryDirectory() as place, served(Path(place)) as (site, world):
                stages(Camera(browser, site, world, folder))
        browser.close()


class Camera:
    """Takes a page as somebody sees it."""

    def __init__(self, browser: Browser, site: str, world: World, folder: Path) -> None:
        self.browser, self.site, self.world, self.folder = browser, site, world, folder

    def take(self, name: str, who: str, address: str, *, narrow: bool = False) -> None:
        """One picture, from the top of the page down."""
        hand = Hand(self.browser, self.site).sign_in(self.world, who)
        if narrow:
            hand.page.set_viewport_size(NARROW)
        hand.open(address)
        size = hand.page.viewport_size
        height = hand.page.evaluate("document.documentElement.scrollHeight")
        hand.page.set_viewport_size({"width": size["width"], "height": min(height, LONGEST)})
        self.keep(name, hand.page.screenshot())
        hand.close()

    def keep(self, name: str, png: bytes) -> None:
        """Write it with few colours."""
        self.folder.mkdir(parents=True, exist_ok=True)
        picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
        picture.save(self.folder / f"{name}.png", optimize=True)


def _being_written(camera: Camera) -> None:
    """The task list of an application half written, and its score form half filled in."""
    world = camera.world
    life.set_up_a_round(world)
    visitor = world.at("editor")
    application = visitor.press(visitor.open("/applications"), "Begin an application").address
    answers = Answerer(fund=world.fund, lines=LINES, own_costs=OWN_COSTS).answers()
    first, rest = world.fund.sections[:5], world.fund.sections[5:]
    for section in first:
        life.fill(visitor, f"{application}/sections/{section.key}", answers)
    camera.take("apply-tasks-1280", "editor", application)
    camera.take("apply-tasks-400", "editor", application, narrow=True)
    for section in rest:
        life.fill(visitor, f"{application}/sections/{section.key}", answers)
    sender = world.at("sender")
    sender.press(sender.open(f"{application}/check"), "Send the application")
    life.give(world, f"{application}/readers", "first")
    reader = world.at("first")
    page = reader.press(life.duty(world, "first"), "Declare and continue", {"interest": "none"})
    scored = world.fund.scoring.criteria[:4]
    given = {f"mark.{item.key}": "3" for item in scored}
    reader.press(page, "Save", given | {f"reason.{item.key}": life.REASON for item in scored})
    camera.take("score-form-1280", "first", page.address)


def _decided(camera: Camera) -> None:
    """The ranking, a decision, its letter and the figures."""
    world = camera.world
    life.set_up_a_round(world)
    life.apply(world)
    life.assess(world)
    life.decide(world)
    camera.take("ranking-1280", "manager", f"{world.places['round']}/ranking")
    camera.take("decision-1280", "manager", world.places["award of application"])
    life.release(world)
    life.write_letters(world)
    camera.keep("letter", _first_page(world.at("signatory").open(world.places["letter"]).data))
    life.accept(world)
    afterwards.report(world, 0)
    camera.take("evaluation-1280", "evaluator", f"{world.places['round']}/evaluation")
    camera.take("evaluation-400", "evaluator", f"{world.places['round']}/evaluation", narrow=True)


def _first_page(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=1.4).to_pil()
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else LOOK)
