"""The receipt by e-mail with its copy, and the copy on demand."""

from __future__ import annotations

import datetime as dt
import io

import pypdf
import pytest

from grants.extensions import db
from grants.funds.loader import all_funds
from grants.models.outbox import OutboxMessage
from grants.rules.refusals import NotFound
from grants.rules.states import ApplicationState as State
from grants.rules.states import AssessmentState
from grants.services import apply, asking, copies
from grants.storage.store import files
from tests import applying, build

NOW = build.NOW


@pytest.fixture(params=sorted(all_funds()))
def at(context, request):
    return applying.place(request.param)


def sent(at):
    key = applying.drafted(at)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    return key


def words(data: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


@pytest.mark.feature("A17")
def test_receipt_carries_the_copy_to_everybody_who_works_on_it(at):
    sent(at)

    made = copies.send_receipts(now=NOW)

    messages = db.session.query(OutboxMessage).filter_by(kind="received").all()
    told = {message.recipient for message in messages}
    people = {at.people[who] for who in ("editor", "sender", "signatory")}
    assert (made, told) == (1, people | {"contact@example.org"})
    text = words(files.read(messages[0].attachment_key))
    assert ("Tuesday Table 2" in text, "Sgioba a’ ghlinne" in text) == (True, True)


@pytest.mark.feature("A17")
def test_receipt_goes_out_once_for_each_version(at):
    key = sent(at)
    first = [copies.send_receipts(now=NOW), copies.send_receipts(now=NOW)]
    asking.return_for_correction(applying.actor(at, "manager"), key, "x", now=NOW)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)

    assert (first, copies.send_receipts(now=NOW)) == ([1, 0], 1)
    assert db.session.query(OutboxMessage).filter_by(kind="received").count() == 8


@pytest.mark.feature("A17")
def test_receipt_cut_short_begins_again(at, monkeypatch):
    """Killed after the file was written and before the message was kept."""
    sent(at)
    with monkeypatch.context() as patch:
        patch.setattr(copies.outbox, "queue", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            copies.send_receipts(now=NOW)

    assert copies.send_receipts(now=NOW) == 1


def test_old_versions_are_left_alone(at):
    sent(at)

    assert copies.send_receipts(now=NOW + dt.timedelta(days=8)) == 0


@pytest.mark.feature("A17")
def test_copy_is_the_same_bytes_each_time(at):
    key = sent(at)
    actor = applying.actor(at, "signatory")

    first, second = copies.copy_of(actor, key), copies.copy_of(actor, key)

    assert (first.data == second.data, first.name.endswith("-version-1.pdf")) == (True, True)


@pytest.mark.feature("A17")
def test_assessor_gets_the_copy_of_the_version_they_assess(at):
    key = sent(at)
    record = db.session.query(build.Application).filter_by(key=key).one()
    assessor = db.session.query(build.Person).filter_by(email=at.people["assessor"]).one()
    record.state = State.ASSESSING
    build.assessment(record, assessor, assessor, state=AssessmentState.SCORING)
    asking.return_for_correction(applying.actor(at, "manager"), key, "x", now=NOW)
    apply.submit(applying.actor(at, "sender"), key, now=NOW)
    record.state = State.ASSESSING
    db.session.commit()

    names = [copies.copy_of(applying.actor(at, who), key).name for who in ("assessor", "manager")]

    assert [name[-6:] for name in names] == ["-1.pdf", "-2.pdf"]


@pytest.mark.parametrize("who", ["rival", "assessor"])
def test_strangers_get_no_copy(at, who):
    with pytest.raises(NotFound):
        copies.copy_of(applying.actor(at, who), sent(at))


def test_draft_has_no_copy(at):
    key = applying.drafted(at, state=State.DRAFT)

    with pytest.raises(NotFound):
        copies.copy_of(applying.actor(at, "sender"), key)
