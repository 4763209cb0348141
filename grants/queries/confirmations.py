"""How far the confirmations of a draft are: the sign-off, and each partner's."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from grants.extensions import db
from grants.models.confirmation import Confirmation
from grants.queries.drafts import Draft
from grants.rules import confirmations as rules
from grants.rules.confirmations import Kind, Reply, Standing
from grants.rules.frozen import content_of, fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, as it stands: nobody asked yet where ``key`` is None."""

    row: str
    what: str
    """The partner; empty for a sign-off."""
    standing: Standing
    key: uuid.UUID | None = None
    name: str = ""
    role: str = ""
    email: str = ""
    asked_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    words: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.standing == Standing.CONFIRMED


@dataclass(frozen=True, slots=True)
class Requests:
    """What a draft's round asks for before it is sent. Nothing where it asks for nothing."""

    sign_off: Request | None = None
    partners: tuple[Request, ...] = ()

    @property
    def are_done(self) -> bool:
        """Whether all of it is confirmed as it stands."""
        signed = self.sign_off is None or self.sign_off.is_done
        return signed and all(partner.is_done for partner in self.partners)


def of_draft(draft: Draft, *, now: dt.datetime) -> Requests:
    """Of a draft that was fetched for its own people. One statement, none where nothing is asked."""
    stages = draft.fund.stages
    if not (stages.sign_off or stages.partners_confirm):
        return Requests()
    held = {
        (record.kind, record.row): record
        for record in db.session.scalars(
            sa.select(Confirmation).where(
                Confirmation.application_id == draft.id, Confirmation.reply != Reply.OVER
            )
        )
    }
    files = [(file.question, file.name, file.sha256) for file in draft.files]
    whole = fingerprint(content_of(draft.fund, draft.answers, files))
    signed = held.get((Kind.SIGN_OFF, ""))
    return Requests(
        _request(signed, "", "", whole, now) if stages.sign_off else None,
        tuple(
            _request(held.get((Kind.PARTNER, p.row)), p.row, p.name, p.sha256, now)
            for p in rules.partners(draft.fund, draft.answers)
        )
        if stages.partners_confirm
        else (),
    )


def _request(
    record: Confirmation | None, row: str, what: str, today: str, now: dt.datetime
) -> Request:
    if record is None:
        return Request(row=row, what=what, standing=Standing.NOT_ASKED)
    return Request(
        row=row,
        what=what,
        standing=rules.standing(record.reply, record.content_sha256, today, record.expires_at, now),
        key=record.key,
        name=record.name,
        role=record.role,
        email=record.email,
        asked_at=record.asked_at,
        expires_at=record.expires_at,
        decided_at=record.decided_at,
        words=record.words,
    )
