from __future__ import annotations

from pathlib import Path

import pytest

from grants.funds.loader import all_funds, load_fund, load_funds, with_editions
from grants.funds.schema import FundError
from tests.funds import folders


def sentence(folder: Path) -> str:
    with pytest.raises(FundError) as refused:
        load_fund(folder)
    return str(refused.value)


def test_all_funds_are_the_folders_beside_the_loader():
    shipped = {path.parent.name for path in folders.SHIPPED.glob("*/fund.toml")}

    assert set(all_funds()) == shipped
    assert shipped >= {"adult", "children"}


@pytest.mark.parametrize("slug", all_funds())
def test_load_fund_from_a_copied_folder_needs_no_python(slug, tmp_path):
    folder = folders.copy(slug, tmp_path / "older_people")
    folders.edit(folder, "fund", f'name = "{all_funds()[slug].name}"', 'name = "Older people"')

    third = load_funds(tmp_path)["older-people"]

    assert third.name == "Older people"
    assert len(list(folder.iterdir())) == 5
    assert third.sections == all_funds()[slug].sections
    assert third.scoring == all_funds()[slug].scoring


@pytest.mark.parametrize("part", ["fund", "form", "criteria", "letters", "return"])
def test_load_fund_says_which_file_is_missing(part, tmp_path):
    folder = folders.copy("adult", tmp_path / "third")
    (folder / f"{part}.toml").unlink()

    assert sentence(folder) == f"third/{part}.toml, the whole: the file is missing."


def test_load_fund_says_where_the_toml_breaks(tmp_path):
    folder = folders.copy("adult", tmp_path / "third")
    (folder / "letters.toml").write_text("[[letters]\n", encoding="utf-8")

    assert sentence(folder).startswith("third/letters.toml, the whole: is not TOML: ")
    assert "(at line 1, column 10)" in sentence(folder)


def test_load_fund_refuses_a_file_that_is_not_text(tmp_path):
    folder = folders.copy("adult", tmp_path / "third")
    (folder / "form.toml").write_bytes(b"\xff\xfe")

    assert sentence(folder) == "third/form.toml, the whole: is not UTF-8 text."


@pytest.mark.parametrize(
    ("part", "old", "new", "expected"),
    [
        (
            "form",
            'label = "Postcode"',
            'label = "Postcode"\ncolour = "blue"',
            "sections.lead.questions.postcode.colour: there is no such key.",
        ),
        ("form", "[[sections]]", "page = 1\n\n[[sections]]", "page: there is no such key."),
        (
            "form",
            'kind = "postcode"',
            'kind = "essay"',
            "sections.lead.questions.postcode.kind: is not one of: text, long_text, number, ",
        ),
        (
            "form",
            'label = "Postcode"\n',
            "",
            "sections.lead.questions.postcode.label: is missing.",
        ),
        (
            "form",
            "max_words = 20",
            'max_words = "20"',
            "sections.lead.questions.lead_organisation.max_words: should be a whole number.",
        ),
        (
            "form",
            "locked = true",
            "locked = 1",
            "sections.lead.questions.lead_organisation.locked: should be true or false.",
        ),
        ("fund", 'short_name = "', 'slug = "a"\nshort_name = "', "slug: this does not belong in "),
        ("fund", "[ages]", 'colour = "blue"\n\n[ages]', "colour: there is no such key."),
        ("fund", "youngest = 16", "", "ages.youngest: is missing."),
        ("fund", 'theme = "y5"', 'theme = "y9"', "code_lists.theme: the code list 'theme' has no "),
        (
            "fund",
            'theme = "y5"',
            'dance = "y9"',
            "code_lists.dance: there is no code list 'dance'.",
        ),
        ("criteria", "readers = 2", "reader = 2", "reader: there is no such key."),
        (
            "criteria",
            "weight = 20",
            'weight = "a"',
            "criteria.fit.weight: should be a whole number.",
        ),
        ("letters", 'kind = "award"', "kind = 7", "letters.7.kind: should be text."),
        (
            "form",
            'values = ["yes"]',
            'values = "yes"',
            "sections.budget.questions.other_funding.show_when.values: should be a list.",
        ),
    ],
)
def test_load_fund_names_the_file_and_key_of_a_wrong_shape(part, old, new, expected, tmp_path):
    folder = folders.copy("adult", tmp_path / "third")
    folders.edit(folder, part, old, new)

    assert sentence(folder).startswith(f"third/{part}.toml, {expected}")


def test_load_fund_names_the_file_and_key_of_a_wrong_meaning(tmp_path):
    folder = folders.copy("adult", tmp_path / "third")
    folders.edit(folder, "criteria", "weight = 20", "weight = 21")

    assert sentence(folder) == "third/criteria.toml, criteria: the weights add up to 101, not 100."


def test_with_editions_swaps_only_the_named_lists():
    fund = all_funds()["adult"]

    earlier = with_editions(fund, {"financial_year": "2023-24"})

    assert [entry.code for entry in earlier.code_lists["financial_year"].codes] == ["2023-24"]
    assert earlier.code_lists["theme"] is fund.code_lists["theme"]
    assert earlier.sections == fund.sections


@pytest.mark.parametrize("slug", all_funds())
def test_no_python_knows_a_fund_by_its_slug(slug):
    package = folders.SHIPPED.parent
    quoted = (f'"{slug}"', f"'{slug}'")

    assert list((folders.SHIPPED / slug).rglob("*.py")) == []
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not any(word in text for word in quoted), path.relative_to(package)
