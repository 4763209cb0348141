"""Takes the pictures of docs/look in the small demonstration: ``python -m tests.browser.pictures``."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from grants import demo
from grants.services.hashing import Hashing
from tests.browser.conftest import FLAGS, NAMES
from tests.browser.hand import NARROW, WIDE, Hand
from tests.browser.site import started
from tests.clock import Clock

LOOK = Path(__file__).parents[2] / "docs/look"
COLOURS = 128  # enough for pages, and small
HIGH = 1100  # pixels of a picture's height


class Camera:
    """Takes pages as people of the demonstration see them."""

    def __init__(self, browser: Browser, site: str, clock: Clock, folder: Path) -> None:
        self.browser, self.site, self.clock, self.folder = browser, site, clock, folder
        self.password = demo.sign_ins().partition("The password of all: ")[2].split()[0]

    def hand(self, who: str) -> Hand:
        """Their browser, signed in."""
        self.clock.move(seconds=30)
        hand = Hand(self.browser, self.site).enter(f"{who}@example.org", self.password)
        return hand.fill({"code": hand.code}).press("Go on") if hand.code else hand

    def take(self, name: str, hand: Hand, *, narrow: bool = False, at: str = "body") -> None:
        """The page from its top down, or from the element ``at``."""
        size = NARROW if narrow else WIDE
        hand.page.set_viewport_size({"width": size["width"], "height": HIGH})
        hand.page.locator(at).evaluate("element => element.scrollIntoView({behavior: 'instant'})")
        self.keep(name, hand.page.screenshot())
        hand.page.set_viewport_size(WIDE)

    def keep(self, name: str, png: bytes) -> None:
        """Write it with few colours."""
        self.folder.mkdir(parents=True, exist_ok=True)
        picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
        picture.save(self.folder / f"{name}.png", optimize=True)


def main(folder: Path) -> None:
    """Fill the demonstration and go through it."""
    chromium = next(filter(None, map(shutil.which, NAMES)))
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as place,
        started(Path(place)) as (site, app, clock),
        app.app_context(),
    ):
        demo.fill("small", clock.now, hashing=Hashing(64, 1), base_url=site)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        camera = Camera(browser, site, clock, folder)
        for part in (_applying, _assessing, _deciding, _answering, _counting):
            part(camera)
        browser.close()


def _applying(camera: Camera) -> None:
    editor = camera.hand("shetland.editor").open("/applications")
    drafts = editor.page.locator(".cf_card", has_text="Draft").locator("h2 a")
    editor.follow(drafts.first)
    camera.take("apply-tasks-1280", editor)
    camera.take("apply-tasks-400", editor, narrow=True)


def _assessing(camera: Camera) -> None:
    assessor = camera.hand("assessor2").open("/assessments")
    assessor.follow(assessor.page.locator("tr", has_text="2 criteria").locator("a").first)
    camera.take("score-form-1280", assessor)


def _at_the_round(camera: Camera) -> Hand:
    manager = camera.hand("manager").open("/rounds")
    return manager.follow(manager.page.locator("main a", has_text="ADULT-2026").first)


def _deciding(camera: Camera) -> None:
    manager = _at_the_round(camera)
    manager.press("Ranking")
    camera.take("ranking-1280", manager)


def _answering(camera: Camera) -> None:
    manager = _at_the_round(camera)
    manager.press("Letters")
    letter = manager.shown.links(r"^/letters/.*\.pdf$")[0]
    camera.keep("letter", _first_page(manager.fetch(letter)))


def _counting(camera: Camera) -> None:
    evaluator = camera.hand("evaluator").open("/evaluation")
    evaluator.follow(evaluator.page.locator("main a", has_text="Adults' fund, 2023-24").first)
    camera.take("evaluation-1280", evaluator, at="#areas")
    camera.take("evaluation-400", evaluator, narrow=True)


def _first_page(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=1.4).to_pil()
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else LOOK)
