"""Signing a person in, past password and second factor, without their cost."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants.extensions import db
from grants.models.person import Person, SignInSession
from grants.services.sign_in import digest
from grants.web.gate import COOKIE


def sign_in(
    app: Flask, client: FlaskClient, who: str | uuid.UUID, *, now: dt.datetime
) -> FlaskClient:
    """Begin a session for the person with this e-mail or key, and give the client its cookie."""
    column = Person.key if isinstance(who, uuid.UUID) else Person.email
    token = secrets.token_urlsafe(32)
    with app.app_context():
        person_id = db.session.scalars(sa.select(Person.id).where(column == who)).one()
        session = SignInSession(person_id=person_id, token_sha256=digest(token))
        session.created_at = session.last_seen_at = session.second_factor_at = now
        db.session.add(session)
        db.session.commit()
    client.set_cookie(COOKIE, token)
    return client
