"""Files in, files out, and who may open them when."""

from __future__ import annotations

import io

import pikepdf
import pytest

from grants.extensions import db
from grants.models.application import Application, ApplicationVersion
from grants.models.attachment import Attachment
from grants.models.audit import AuditEntry
from grants.rules.refusals import Blocked, Forbidden, NotFound
from grants.rules.states import ApplicationState as State
from grants.rules.states import ScanState
from grants.services import apply, asking, attachments
from grants.services.attachments import MOST_FILES, NOT_SCANNED, Upload
from grants.storage.scanner import scanner
from tests import applying, build
from tests.storage.test_inspect import PLAIN_PDF, office, pdf
from tests.storage.test_scanner import VIRUS, clamd

NOW = build.NOW
MOST = 1024 * 1024
SICK = office("word/document.xml", word__media__a_bin=VIRUS)


@pytest.fixture
def at(context):
    return applying.place("adult")


@pytest.fixture
def key(at):
    return applying.drafted(at)


@pytest.fixture
def silent(tmp_path):
    """A scanner is set that does not answer."""
    scanner.bind(str(tmp_path / "nobody.sock"))
    yield
    scanner.bind("")


def add(at, key, data=PLAIN_PDF, who="editor", question="plan_file"):
    upload = Upload(question, "plan.pdf", io.BytesIO(data), MOST)
    attachments.add(applying.actor(at, who), key, upload, now=NOW)
    return db.session.query(Attachment).order_by(Attachment.id.desc()).first().key


def test_file_comes_back_as_it_was(at, key):
    file = add(at, key)

    got = attachments.open_file(applying.actor(at, "signatory"), file)

    assert (got.data, got.name, got.media_type) == (PLAIN_PDF, "plan.pdf", "application/pdf")


@pytest.mark.feature("A16")
def test_without_a_scanner_the_trail_says_so(at, key):
    add(at, key)

    entry = db.session.query(AuditEntry).filter_by(action="add-file").one()
    assert entry.after["scan"] == NOT_SCANNED


@pytest.mark.feature("A16")
def test_nobody_opens_a_file_until_the_scanner_answers(at, key, silent):
    file = add(at, key)

    with pytest.raises(NotFound):
        attachments.open_file(applying.actor(at, "editor"), file)
    assert attachments.scan_waiting(now=NOW) == 0
    assert db.session.query(Attachment).one().scan == ScanState.WAITING


@pytest.mark.feature("A16")
@pytest.mark.parametrize(
    ("data", "state"),
    [(PLAIN_PDF, ScanState.CLEAN), (SICK, ScanState.INFECTED)],
)
def test_scanner_decides(at, key, silent, tmp_path, data, state):
    add(at, key, data)

    with clamd(tmp_path):
        scanner.bind(str(tmp_path / "clamd.sock"))
        answered = attachments.scan_waiting(now=NOW)

    assert (answered, db.session.query(Attachment).one().scan) == (1, state)


@pytest.mark.feature("A16")
def test_unsafe_file_keeps_the_application_from_being_sent(at, key):
    add(at, key)
    db.session.query(Attachment).one().scan = ScanState.INFECTED
    db.session.commit()

    with pytest.raises(Blocked, match="The file plan.pdf is not safe"):
        apply.submit(applying.actor(at, "sender"), key, now=NOW)


@pytest.mark.parametrize(
    ("who", "refusal"), [("rival", NotFound), ("manager", NotFound), ("signatory", Forbidden)]
)
def test_others_add_nothing(at, key, who, refusal):
    with pytest.raises(refusal):
        add(at, key, who=who)

    assert db.session.query(Attachment).count() == 0


def test_question_that_takes_no_file_is_not_there(at, key):
    with pytest.raises(NotFound):
        add(at, key, question="need")


def test_refused_file_leaves_nothing_behind(at, key, settings):
    with pytest.raises(Blocked):
        add(at, key, b"MZ a program")

    assert list((settings.instance / "files").rglob("*")) == []


def test_files_are_bounded(at, key):
    for number in range(MOST_FILES):
        add(at, key, PLAIN_PDF + b"\n%% %d" % number)
    add(at, key, PLAIN_PDF + b"\n% 0")  # a second click brings nothing more

    with pytest.raises(Blocked, match="There are 10 files here already"):
        add(at, key, PLAIN_PDF + b"\n% another")


@pytest.mark.asvs("8.2.2")
def test_funder_opens_what_was_sent_and_nothing_else(at, key):
    """After a return the applicant adds a file: it is part of a draft until it is sent."""
    before = add(at, key)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    manager = applying.actor(at, "manager")
    asking.return_for_correction(manager, key, "Add the plan.", now=NOW)
    after = add(at, key, pdf(Lang=pikepdf.String("gd")))

    assert attachments.open_file(manager, before).name == "plan.pdf"
    with pytest.raises(NotFound):
        attachments.open_file(manager, after)


@pytest.mark.parametrize("who", ["rival", "assessor"])
def test_strangers_open_nothing(at, key, who):
    file = add(at, key)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)

    with pytest.raises(NotFound):
        attachments.open_file(applying.actor(at, who), file)


def test_version_names_its_files(at, key):
    add(at, key)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)

    [[question, name, _]] = db.session.query(ApplicationVersion).one().content["attachments"]
    assert (question, name) == ("plan_file", "plan.pdf")


def test_file_of_another_application_is_not_removed(at, key):
    file = add(at, key)
    other = applying.drafted(at, full=False)

    with pytest.raises(NotFound):
        attachments.remove(applying.actor(at, "editor"), other, file, now=NOW)

    assert db.session.query(Application).filter_by(state=State.DRAFT).count() == 2
    assert db.session.query(Attachment).one().removed_at is None
