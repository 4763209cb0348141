"""Messages: held and released by administrators alone, links hidden outside the demonstration."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from grants.extensions import db
from grants.models.outbox import OutboxMessage
from grants.notifications import outbox
from grants.queries import outbox as queries
from grants.rules.people import Role
from grants.rules.refusals import MoveNotAllowed, NotFound
from grants.rules.states import MessageState
from grants.services import messages
from grants.services.transaction import transaction
from tests import build
from tests.build import NOW

LINK = "https://g.example.org/links/a-secret_token"


@pytest.fixture
def administrator(context):
    return build.actor_of(build.person(Role.ADMINISTRATOR, at=build.programme()))


@pytest.fixture
def message(context) -> OutboxMessage:
    with transaction():
        outbox.queue("password", "a@example.org", now=NOW, values={"name": "A", "link": LINK})
    return db.session.scalars(sa.select(OutboxMessage)).one()


def test_message_is_held_and_released(administrator, message):
    messages.hold(administrator, message.key, now=NOW)
    held = db.session.scalar(sa.select(OutboxMessage.state))

    messages.release(administrator, message.key, now=NOW)

    assert held == MessageState.HELD
    assert db.session.scalar(sa.select(OutboxMessage.state)) == MessageState.QUEUED


@pytest.mark.parametrize("state", sorted(set(MessageState) - {MessageState.QUEUED}))
def test_only_a_waiting_message_is_held(administrator, message, state):
    message.state = state
    db.session.commit()

    with pytest.raises(MoveNotAllowed):
        messages.hold(administrator, message.key, now=NOW)


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_what_is_under_way_is_not_released(administrator, message, state):
    message.state = MessageState(state)
    db.session.commit()

    with pytest.raises(MoveNotAllowed):
        messages.release(administrator, message.key, now=NOW)


@pytest.mark.feature("M1")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_outbox_is_nobody_elses(message, role):
    other = build.actor_of(build.person(role, at=build.programme()))

    assert queries.messages(other, state="", search="", number=1).total == 0
    with pytest.raises(NotFound):
        queries.message(other, message.key, shows_links=False)
    with pytest.raises(NotFound):
        messages.hold(other, message.key, now=NOW)


@pytest.mark.parametrize("shows_links", [True, False])
def test_link_is_shown_in_the_demonstration_alone(administrator, message, shows_links):
    page = queries.message(administrator, message.key, shows_links=shows_links)

    assert ("a-secret_token" in page.body) == shows_links
    assert page.links == (("/links/a-secret_token",) if shows_links else ())
