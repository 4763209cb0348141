"""The form editor by keyboard: every kind of question, conditions, rules, lists; published, applied to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from grants.funds.definition import QuestionKind
from tests.browser.hand import NARROW, WIDE, Hand

pytestmark = [pytest.mark.browser, pytest.mark.feature("S1", "S6")]
SENTENCE = "No more helpers can be trained than there are. Check both numbers."
PLAIN = "The first letters come before noon. (Fictional.)"


class Keys:
    """A manager who has no mouse: every control is reached and worked by keyboard."""

    def __init__(self, hand: Hand, size: dict[str, int]) -> None:
        self.hand, self.page, self.size = hand, hand.page, size
        self.page.set_viewport_size(size)

    def at(self, control: Locator) -> Locator:
        """Stand on it, as Tab does: what Tab passes over cannot be stood on."""
        control.focus()
        expect(control).to_be_focused()
        assert control.evaluate("c => c.tabIndex >= 0")
        return control

    def tab_to(self, words: str) -> int:
        """Press Tab until this control has the focus. Gives how often."""
        wanted = self.hand.control(words)
        for count in range(1, 60):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("c => c === document.activeElement"):
                return count
        raise AssertionError(f"Tab does not come to {words}")

    def press(self, words: str) -> Keys:
        """Enter on a button or a link; a page follows."""
        self.at(self.hand.control(words))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self

    def write(self, name: str, text: str) -> Keys:
        """Type over what stands in a field."""
        self.at(self.page.locator(f'[name="{name}"]:not([type=hidden])').first)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        return self

    def choose(self, name: str, value: str) -> Keys:
        """With the arrows, in a group of radio buttons or a list."""
        field = self.page.locator(f'[name="{name}"]:not([type=hidden])')
        wanted = self.page.locator(f'[name="{name}"][value="{value}"]')
        if field.first.evaluate("c => c.localName") == "select":
            self.at(field)
            while field.input_value() != value:
                self.page.keyboard.press("ArrowDown")
            return self
        field.first.focus()
        self.page.keyboard.press("Space")
        while not wanted.is_checked():
            self.page.keyboard.press("ArrowDown")
        return self

    def tick(self, name: str, value: str) -> Keys:
        """With the space bar."""
        box = self.at(self.page.locator(f'[name="{name}"][type=checkbox][value="{value}"]'))
        self.page.keyboard.press("Space")
        assert box.is_checked()
        return self

    def look(self, picture: str = "") -> Keys:
        """Without a fault at both widths; a picture where somebody wants to look."""
        self.hand.look()
        folder = os.environ.get("GRANTS_LOOK")
        for size in (WIDE, NARROW) if folder and picture else ():
            self.page.set_viewport_size(size)
            to = Path(folder or "") / f"{picture}-{size['width']}.png"
            self.page.screenshot(path=to, full_page=True)
        self.page.set_viewport_size(self.size)
        return self

    def open(self, address: str) -> Keys:
        self.hand.open(address)
        return self

    def add(self, label: str, kind: QuestionKind) -> str:
        """A question at the end of the section that was made here. Gives its address."""
        self.press("Add a question to Your place").write("label", label).choose("kind", kind)
        return self.press("Add").hand.address


def begun(hand: Hand) -> str:
    """A draft round with one area. Gives its address."""
    hand.open("/rounds/new").fill({"title": "The islands", "fund_year": "2026-27"})
    hand.fill({"pot": "100,000", "opens": ["2", "11", "2026"], "closes": ["2", "12", "2026"]})
    choice = hand.page.locator("[name=fund] option").nth(1).get_attribute("value")
    place = hand.fill({"fund": choice or ""}).press("Begin").address
    hand.open(f"{place}/areas/new").fill({"name": "Shetland Islands", "amount": "100,000"})
    hand.fill({"councils": "S12000027"}).press("Save")
    return place


@pytest.fixture
def manager(hands) -> Hand:
    return hands("manager")


def section(keys: Keys, place: str) -> Keys:
    """A section of one's own, after saying what is wrong with an empty one."""
    keys.open(f"{place}/form").press("Add a section").press("Save").look("section-error")
    assert "There is a problem" in keys.hand.text
    keys.write("title", "Your place").write("intro", PLAIN).press("Save")
    expect(keys.page.get_by_role("heading", name="Your place", exact=True)).to_be_visible()
    return keys


def test_question_of_each_kind_is_added_changed_moved_and_removed_by_keyboard(manager):
    keys = Keys(manager, NARROW)
    place = begun(manager)
    section(keys, place)
    keys.press("Add a question to Your place").press("Add").look("question-error")
    assert keys.page.locator(".ds_error-summary a").all_inner_texts() == [
        "Enter the words of the question.",
        "Choose the kind of answer.",
    ]
    assert keys.tab_to("Add") < 8  # the group of kinds is one stop

    keys.open(f"{place}/form")
    for number, kind in enumerate(QuestionKind):
        at = keys.add(f"Question {number} of {kind}", kind)
        if kind == QuestionKind.ROWS:
            keys.look(f"question-{kind}")
        keys.write("label", f"Changed {number}").press("Save")
        expect(keys.page.locator(f"#question-{at.rpartition('/')[2]}")).to_be_focused()

    shown = keys.page.locator("section", has_text="Your place").last.locator("tbody th a")
    was = shown.all_inner_texts()
    assert was == [f"Changed {number}" for number in range(len(QuestionKind))]
    keys.press("Up: Changed 14").look("editor-full")
    assert shown.all_inner_texts()[-2:] == ["Changed 14", "Changed 13"]
    keys.open(f"{place}/preview/form/{own(keys)}").look("preview-kinds")
    for number in (0, 14):
        keys.open(f"{place}/form").press(f"Changed {number}").press("Remove this question")
        keys.look("remove" if number else "").press("Remove")
    assert shown.all_inner_texts() == [text for text in was if text not in {was[0], was[14]}]
    keys.open(f"{place}/form").press("Remove: Your place").press("Remove")
    assert "Your place" not in keys.hand.text


def own(keys: Keys) -> str:
    """The key of the section that was made here."""
    found = keys.page.locator("section", has_text="Your place").last
    return (found.get_attribute("id") or "").removeprefix("section-")


def with_list(keys: Keys, place: str) -> None:
    """A list of answers of the round's own, after an empty one."""
    keys.open(f"{place}/lists").look("lists").press("Add a list").press("Save").look("list-error")
    keys.write("title", "Kinds of weather").write("labels", "Dry\nWet\nWild").press("Save")
    assert "Kinds of weather" in keys.hand.text


def with_questions(keys: Keys, place: str) -> dict[str, str]:
    """A question, one that waits for its answer, two numbers, and one with the round's own list."""
    at: dict[str, str] = {}
    wanted = {
        "hall": ("Is there a hall?", QuestionKind.YES_NO),
        "size": ("How large is the hall?", QuestionKind.NUMBER),
        "helpers": ("How many helpers are there?", QuestionKind.NUMBER),
        "trained": ("How many helpers are trained?", QuestionKind.NUMBER),
        "weather": ("What is the weather like?", QuestionKind.SINGLE),
    }
    for name, (label, kind) in wanted.items():
        at[name] = keys.open(f"{place}/form").add(label, kind).rpartition("/")[2]
    choice = keys.page.locator("[name=choices] option", has_text="Kinds of weather")
    keys.choose("choices", choice.get_attribute("value") or "").press("Save")
    keys.press("How large is the hall?").press("Change when it is asked").look("when")
    keys.choose("question", at["hall"]).press("Continue").press("Save").look("when-error")
    assert "There is a problem" in keys.hand.text
    keys.tick("values", "yes").press("Save")
    assert "When “Is there a hall?” is “Yes”" in keys.hand.text
    return at


def with_rule(keys: Keys, place: str, at: dict[str, str]) -> None:
    """Not more may be trained than there are; the sentence is the officer's own."""
    keys.open(f"{place}/rules").look("rules").press("Add a rule").press("Continue")
    keys.look("rule-kind-error").choose("kind", "less_or_equal").press("Continue")
    keys.press("Save").look("rule-error")
    wrong = keys.page.locator(".ds_error-summary a")
    assert wrong.all_inner_texts() == [
        "Choose at least one question that the rule looks at.",
        "Enter a whole number, or choose a question above.",
        "Choose the question beside which the sentence stands.",
        "Write the sentence.",
    ]
    keys.tick("questions", at["trained"]).choose("than", at["helpers"])
    keys.choose("at", at["trained"]).write("sentence", SENTENCE).press("Save").look("rules-one")
    assert SENTENCE in keys.hand.text


def with_criteria(keys: Keys, place: str) -> None:
    """Weights that do not add up are refused; an anchor gets other words."""
    keys.open(f"{place}/criteria")
    first = keys.page.locator(".cf_weights input[type=text], .cf_weights input[inputmode]").first
    name, was = first.get_attribute("name") or "", first.input_value()
    keys.write(name, "99").press("Save the weights").look("weights-error")
    assert "There is a problem" in keys.hand.text
    assert keys.page.locator(f'[name="{name}"]').bounding_box()["width"] < NARROW["width"] / 2
    keys.write(name, was).press("Save the weights")
    keys.press("Change").write("anchor_0", "Nothing shows how.").press("Save").look("criteria")
    assert "Nothing shows how." in keys.hand.text


def test_form_of_ones_own_is_published_and_applied_to(manager, hands):
    keys = Keys(manager, WIDE)
    place = begun(manager)
    with_list(keys, place)
    at = with_questions(section(keys, place), place)
    here = own(keys.open(f"{place}/form"))
    with_rule(keys, place, at)
    with_criteria(keys, place)
    keys.open(f"{place}/preview/form/{here}").look("preview")
    assert "Wild" in keys.hand.text
    keys.open(place).press("Open the round").look("opened")
    assert "The round is open." in keys.hand.text
    keys.open(f"{place}/form").look("frozen")
    assert not keys.page.get_by_role("link", name="Add a section").count()

    applied(hands("editor"), here, at)


def applied(editor: Hand, here: str, at: dict[str, str]) -> None:
    """The form as its applicants meet it: the condition, the list and the rule with its sentence."""
    application = editor.open("/applications").press("Begin an application").address
    editor.open(f"{application}/sections/{here}").look()
    size = editor.page.locator(f'[name="{at["size"]}"]')
    expect(size).to_be_hidden()
    editor.fill({at["hall"]: "yes"})
    expect(size).to_be_visible()
    editor.fill({at["size"]: "40", at["helpers"]: "2", at["trained"]: "3"})
    editor.page.get_by_label("Wild").check(force=True)
    editor.press("Save and continue").open(f"{application}/check")
    assert SENTENCE in editor.text
    editor.look().open(f"{application}/sections/{here}").fill({at["trained"]: "2"})
    editor.press("Save and continue").open(f"{application}/check")
    assert SENTENCE not in editor.text
    assert "Wild" in editor.text
