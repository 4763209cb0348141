"""Extracts: asked for with a reason, made whole or not at all, and telling no more than the page."""

import csv
import datetime as dt
import hashlib
import io
import json
import tracemalloc
import zipfile
from contextlib import suppress

import openpyxl
import pytest
import sqlalchemy as sa

from grants.documents.cells import HIDDEN
from grants.extensions import db
from grants.jobs import worker
from grants.models.audit import AuditEntry
from grants.models.extract import Extract
from grants.rules.people import Role
from grants.rules.refusals import Blocked, NotFound
from grants.services import evaluate, extracts
from grants.storage.store import files
from tests import build
from tests.figures_world import World, by_chance, people

pytestmark = pytest.mark.usefixtures("context")
NOW = build.NOW
SMALL = 4


def filled(seed=1, *, each=4):
    """Nine to twelve returns with small numbers everywhere."""
    world = World()
    made = world.projects((("social", 3 * each),), people=3)
    figures, outcomes = [], []
    for place in range(3 * each):
        sexes = by_chance(seed * 100 + place, ("F", "M", "other"))
        ages = by_chance(seed * 200 + place, ("16-24", "25-34", "35-49"))
        total = max(sum(sexes.values()), sum(ages.values()))
        change = by_chance(seed * 300 + place, ("lost", "better", "same", "worse"), 12)
        figures.append(
            people(total, reach_by_sex=sexes, reach_by_age=ages) | {("volunteers", ""): place % 6}
        )
        outcomes.append([("connected", *change.values())])
    world.returns(made, figures, outcomes=outcomes)
    return world


def written(world, tmp_path, file_format="json"):
    return extracts.write(world.reference, file_format, tmp_path, now=NOW)


def as_json(world, tmp_path):
    (path,) = written(world, tmp_path)
    return json.loads(path.read_text(encoding="utf-8"))


def asked(world, who, tables, file_format="csv"):
    actor = world.actor(who)
    return extracts.ask(actor, world.key, tables, file_format, "For the test", now=NOW)


def finished(world, who, tables, file_format="csv"):
    """An extract as its maker fetches it: the row and the bytes."""
    job = asked(world, who, tables, file_format)
    worker.run_due(NOW)
    actor = world.actor(who)
    row = extracts.progress_of(actor, job, now=NOW).extract
    with extracts.fetch(actor, row.key, now=NOW).stream as stream:
        return row, stream.read()


def names_in(data):
    return [entry.filename for entry in zipfile.ZipFile(io.BytesIO(data)).infolist()]


def csv_rows(data, name):
    text = zipfile.ZipFile(io.BytesIO(data)).read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.feature("E5", "E6")
def test_csv_extract_holds_its_tables_with_a_dictionary():
    world = filled()
    row, data = finished(world, world.evaluator, ["headline", "returns"])

    assert names_in(data) == [
        "about.csv",
        "headline.csv",
        "returns.csv",
        "data_dictionary.csv",
        "datapackage.json",
    ]
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    dictionary = csv_rows(data, "data_dictionary.csv")
    assert {"about", "headline", "returns"} == {line["table"] for line in dictionary}
    assert list(csv_rows(data, "returns.csv")[0]) == [
        line["column"] for line in dictionary if line["table"] == "returns"
    ]
    assert row.rows == 13


@pytest.mark.feature("E5", "E7")
def test_workbook_opens_with_a_sheet_for_each_table():
    world = filled()
    _, data = finished(world, world.manager, ["activity_types", "projects"], "xlsx")

    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["About", "By activity type", "Projects", "Data dictionary"]
    sheet = book["By activity type"]
    heads = [cell.value for cell in sheet[1]]
    assert (heads[3], sheet["D2"].value) == ("Activity type", "Social")
    assert sheet.cell(2, heads.index("Projects") + 1).value == 12


@pytest.mark.feature("E5", "E8")
def test_json_has_the_figures_of_the_page(tmp_path):
    world = filled()
    document = as_json(world, tmp_path)

    found = evaluate.evaluation(world.actor(world.evaluator), world.key, now=NOW)
    for item in found.every:
        rows = document["tables"][item.table.name]["rows"]
        people_columns = [c.name for c in item.table.columns if c.type == "integer"]
        assert [[row[name] for name in people_columns] for row in rows] == [
            [row[name] for name in people_columns] for row in item.rows
        ]
    assert document["about"]["round"] == world.reference
    assert document["about"]["status"] == "Illustrative: names and figures are fictional."


def test_evaluators_are_offered_no_names():
    world = filled()
    offered = {
        who: {table.name for table in extracts.desk(world.actor(person), world.key, now=NOW).tables}
        for who, person in (("evaluator", world.evaluator), ("manager", world.manager))
    }

    assert offered["manager"] - offered["evaluator"] == {"awards", "projects", "organisations"}
    with pytest.raises(Blocked) as refused:
        asked(world, world.evaluator, ["projects"])
    assert [reason.key for reason in refused.value.reasons] == ["tables"]


def test_returns_stand_under_a_pseudonym_without_names_or_text(tmp_path):
    world = filled()
    document = as_json(world, tmp_path)

    projects = document["tables"]["projects"]["rows"]
    told = json.dumps([document["tables"][name] for name in ("returns", "outcomes")])
    assert [
        row for row in projects if row["title"] in told or row["project_reference"] in told
    ] == []
    rows = document["tables"]["returns"]["rows"]
    assert len({row["project"] for row in rows}) == 12


def leaks(document):
    """Hidden cells of a document that have one possible value, for a reader who adds up everything."""
    tables = {name: table["rows"] for name, table in document["tables"].items()}
    seen, sums, low = {}, [], {}

    def cell(name, value, least=1):
        if value is not None:
            seen[name], low[name] = value, least
        return name

    total = cell("people", tables["headline"][0]["people_reached"])
    for row in tables["areas"]:
        cell(f"area {row['area']}", row["people_reached"])
    sums.append((total, [f"area {row['area']}" for row in tables["areas"]]))
    for question in ("people_reach_by_sex", "people_reach_by_age"):
        parts = [cell(f"{question} {row['code']}", row["people"]) for row in tables[question]]
        sums.append((total, parts))
    returns = {}
    for place, row in enumerate(tables["returns"]):
        name = cell(f"return {place}", row["people_reached"], 0)
        returns.setdefault(f"area {row['area']}", []).append(name)
    sums.extend(returns.items())
    outcome = tables["outcome_totals"][0]
    for name in ("asked", "paired", "lost", "improved", "same", "worse"):
        cell(name, outcome[name])
    sums += [("asked", ["paired", "lost"]), ("paired", ["improved", "same", "worse"])]
    for place, row in enumerate(tables["outcomes"]):
        own = [cell(f"{name} {place}", row[name], 0) for name in ("improved", "same", "worse")]
        sums.append((cell(f"paired {place}", row["asked"], 0), own))
    for name in ("paired", "improved", "same", "worse"):
        sums.append((name, [f"{name} {place}" for place in range(len(tables["outcomes"]))]))
    shown = [value for value in seen.values() if value != HIDDEN and 1 <= value <= SMALL]
    return shown, determined(seen, sums, low)


def determined(seen, sums, low):
    """By narrowing what each hidden cell can be: the sums' least and most, until nothing changes.

    A cell is found out when its least is its most. It shares nothing with the rules.
    """
    hidden = {name for name, value in seen.items() if value == HIDDEN}
    least = {name: low[name] if name in hidden else value for name, value in seen.items()}
    most = {name: 500 if name in hidden else value for name, value in seen.items()}
    links = [
        (total, [part for part in parts if part in seen])
        for total, parts in sums
        if total in seen and seen.keys() & set(parts)
    ]
    changed, rounds = True, 0
    while changed:
        rounds += 1
        assert rounds < 2_000, "the sums contradict one another"
        before = (dict(least), dict(most))
        for total, parts in links:
            least[total] = max(least[total], sum(least[part] for part in parts))
            most[total] = min(most[total], sum(most[part] for part in parts))
            for part in parts:
                others = [other for other in parts if other != part]
                most[part] = min(most[part], most[total] - sum(least[o] for o in others))
                least[part] = max(least[part], least[total] - sum(most[o] for o in others))
        changed = before != (least, most)
    by_bounds = {name for name in hidden if least[name] == most[name]}
    return sorted(by_bounds | by_algebra(hidden, links))


def by_algebra(hidden, links):
    """Cells that some sum of sums gives away: those alone in a row of the reduced equations."""
    numpy = pytest.importorskip("numpy")
    names = sorted(hidden)
    matrix = numpy.zeros((len(links), len(names)))
    for row, (total, parts) in enumerate(links):
        for name, sign in [(total, -1), *((part, 1) for part in parts)]:
            if name in hidden:
                matrix[row, names.index(name)] += sign
    if not names:
        return set()
    _, sizes, rows = numpy.linalg.svd(matrix, full_matrices=True)
    free = rows[int((sizes > 1e-9).sum()) :]
    return {
        name for place, name in enumerate(names) if numpy.abs(free[:, place]).max(initial=0) < 1e-9
    }


@pytest.mark.feature("E3", "E4")
@pytest.mark.parametrize("seed", range(6))
def test_no_small_number_is_in_a_file_or_can_be_worked_out(tmp_path, seed):
    world = filled(seed, each=3 + seed % 2)

    assert leaks(as_json(world, tmp_path)) == ([], [])


def test_the_attack_finds_what_careless_hiding_gives_away(tmp_path):
    document = as_json(World(areas=1), tmp_path)
    tables = {name: table["rows"] for name, table in document["tables"].items()}
    tables["headline"][0]["people_reached"] = 99
    for row, number in zip(tables["people_reach_by_sex"], (HIDDEN, 90, 6, None), strict=True):
        row["people"] = number
    tables["outcome_totals"].append({"asked": 10, "paired": 10, "lost": 0})
    tables["outcome_totals"][0] |= {"improved": 8, "same": HIDDEN, "worse": HIDDEN}

    # 3 of sex F by subtraction; one and one, because no hidden count is nought
    assert leaks(document) == ([], ["people_reach_by_sex F", "same", "worse"])


@pytest.mark.feature("E3")
def test_plans_of_few_people_are_hidden_too(tmp_path):
    world = World()
    world.projects((("social", 1),), people=3)
    world.projects((("arts", 3),), people=30)

    rows = as_json(world, tmp_path)["tables"]["projects"]["rows"]
    assert [row["people_planned"] for row in rows] == [HIDDEN, HIDDEN, 30, 30]


def test_reason_and_format_and_tables_are_required():
    world = World(areas=1)

    with pytest.raises(Blocked) as refused:
        extracts.ask(world.actor(world.evaluator), world.key, [], "pdf", " ", now=NOW)
    assert [reason.key for reason in refused.value.reasons] == ["tables", "format", "reason"]


@pytest.mark.feature("M2")
def test_asking_is_in_the_audit_trail_with_its_reason():
    world = World(areas=1)
    asked(world, world.evaluator, ["headline"], "json")

    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.person_id, entry.reason) == (
        "extract",
        world.evaluator,
        "For the test",
    )
    assert entry.after == {"format": "json", "tables": ["headline"]}


def test_only_the_maker_fetches_it_and_only_until_it_expires():
    world = World(areas=1)
    row, _ = finished(world, world.evaluator, ["headline"], "json")
    maker = world.actor(world.evaluator)

    with pytest.raises(NotFound):
        extracts.fetch(world.actor(world.manager), row.key, now=NOW)
    with pytest.raises(NotFound):
        extracts.fetch(maker, row.key, now=NOW + extracts.KEPT)
    assert extracts.clear_expired(now=NOW + extracts.KEPT) == 1
    with pytest.raises(NotFound):
        extracts.fetch(maker, row.key, now=NOW)


def test_a_person_who_lost_the_role_gets_no_file():
    from grants.models.person import Membership

    world = World(areas=1)
    job = asked(world, world.evaluator, ["headline"], "json")
    membership = db.session.query(Membership).filter_by(person_id=world.evaluator).one()
    membership.ends_at = NOW - dt.timedelta(minutes=1)
    db.session.commit()
    worker.run_due(NOW)

    assert db.session.scalar(sa.select(Extract.storage_key)) is None
    assert job is not None


def test_an_auditor_may_take_figures_away():
    from grants.models.organisation import Organisation

    world = World(areas=1)
    programme = db.session.get_one(Organisation, world.programme_id)
    auditor = build.person(Role.AUDITOR, at=programme).id
    row, _ = finished(world, auditor, ["awards"], "json")

    assert row.rows == 1


@pytest.mark.feature("E5", "E6")
def test_command_writes_every_table_into_the_folder(tmp_path):
    world = filled()
    paths = written(world, tmp_path, "csv")

    assert sorted(tmp_path.iterdir()) == sorted(paths)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert {entry["path"] for entry in package["resources"]} | {"datapackage.json"} == {
        path.name for path in paths
    }
    assert "returns.csv" in {path.name for path in paths}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_files_are_what_their_description_says(tmp_path):
    frictionless = pytest.importorskip("frictionless")
    written(filled(), tmp_path, "csv")

    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert report.flatten(["rowNumber", "fieldName", "message"]) == []


def test_unknown_round_and_format_are_refused_with_a_sentence(tmp_path):
    with pytest.raises(NotFound, match="There is no round NONE-1."):
        extracts.write("NONE-1", "csv", tmp_path, now=NOW)
    with pytest.raises(Blocked, match="choose csv, xlsx or json"):
        extracts.write("NONE-1", "pdf", tmp_path, now=NOW)


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_nothing_half_written_is_left_when_the_disk_is_full(tmp_path, monkeypatch, file_format):
    from grants.services import row_tables

    def full(_source):
        yield from ()
        raise OSError(28, "No space left on device")

    world = filled()
    monkeypatch.setattr(row_tables.Source, "_projects", full)
    with pytest.raises(OSError, match="No space left"):
        written(world, tmp_path, file_format)
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_was_cut_short_leaves_no_file(monkeypatch, settings):
    from grants.services import row_tables

    def full(_source):
        yield from ()
        raise OSError(28, "No space left on device")

    world = filled()
    job = asked(world, world.manager, ["projects"])
    with monkeypatch.context() as patch:
        patch.setattr(row_tables.Source, "_projects", full)
        worker.run_due(NOW)
    left = [path for path in (settings.instance / "files").rglob("*") if path.is_file()]
    assert left == []

    worker.run_due(NOW + dt.timedelta(hours=1))
    found = extracts.progress_of(world.actor(world.manager), job, now=NOW)
    assert (found.state, found.extract.is_ready) == ("done", True)


def test_a_reader_does_not_keep_a_writer_waiting(tmp_path):
    from grants.queries.snapshot import snapshot

    world = World(areas=1)
    world.projects((("social", 3),))
    found = evaluate.queries.round_of(world.actor(world.manager), world.key)
    with snapshot(tmp_path) as at:
        before = evaluate.of_round(world.actor(world.manager), found, now=NOW, at=at)
        world.projects((("arts", 5),))
        after = evaluate.of_round(world.actor(world.manager), found, now=NOW, at=at)

    counts = [item.headline.rows[0]["projects"] for item in (before, after)]
    assert counts == [3, 3]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
@pytest.mark.feature("P7")
def test_thousands_of_rows_take_little_memory(tmp_path, long):
    count = 15_000 if long else 1_500
    world = World()
    made = world.projects((("social", count),), organisations=300)
    world.returns(made, [people(20, reach_by_sex={"F": 12, "M": 8})] * count)
    db.session.remove()

    peaks = {}
    for file_format in ("csv", "xlsx", "json"):
        tracemalloc.start()
        try:
            written(world, tmp_path, file_format)
            peaks[file_format] = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert [name for name, peak in peaks.items() if peak > 12 * 1024 * 1024] == []


def test_streams_are_closed_by_the_caller():
    world = World(areas=1)
    row, _ = finished(world, world.evaluator, ["headline"], "json")
    file = extracts.fetch(world.actor(world.evaluator), row.key, now=NOW)

    with suppress(ValueError), file.stream as stream:
        assert stream.readable()
    assert file.stream.closed
    assert files.has(f"extracts/{row.key}.json")
