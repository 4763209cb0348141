"""The offline workbook in Chromium: taken, filled in, faulted, mended, seen and saved."""

from __future__ import annotations

import pytest

from grants.funds.loader import all_funds
from tests.documents.books import cell_at, typed
from tests.journeys import life

pytestmark = pytest.mark.browser


@pytest.mark.feature("A26", "P5")
def test_a_workbook_goes_out_and_comes_back(site, hands, tmp_path):
    _, world = site
    life.set_up_a_round(world)
    fund = all_funds()["adult"]
    sender = hands("sender").open("/applications").press("Begin an application")
    application = sender.address
    sender.press("Work offline and load it back").look()
    book = sender.download("Download the workbook")
    sheet, people = cell_at(fund, ("projects.people", ""))
    title = cell_at(fund, ("projects.title", ""))[1]
    file = tmp_path / "filled.xlsx"

    file.write_bytes(typed(book, sheet, **{people: "dozens", title: "Tuesday Table"}))
    sender.page.locator("[name=file]").set_input_files(file)
    sender.press("See what will change").look()
    assert f"Sheet ‘{sheet}’, cell {people}: type a whole number" in sender.text
    assert sender.page.evaluate("document.activeElement.id") == "error-summary"

    file.write_bytes(typed(book, sheet, **{people: 40, title: "Tuesday Table"}))
    sender.page.locator("[name=file]").set_input_files(file)
    sender.press("See what will change").look()
    assert "The workbook changes 2 answers" in sender.text
    sender.press("Save these answers")
    assert sender.address == application
    assert "Tuesday Table" in sender.open(f"{application}/sections/projects").text
