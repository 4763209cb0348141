"""The samples of the first open round: three, scored by most of its assessors, one of them talked about."""

from __future__ import annotations

import sqlalchemy as sa

from grants.demo.kit import Kit
from grants.demo.running import Life
from grants.extensions import db
from grants.funds.definition import Criterion
from grants.funds.samples import samples_of
from grants.models.calibration import CalibrationSample
from grants.models.round import Round
from grants.services import calibrating, calibration, samples
from grants.services.acting import actor_with_id
from grants.services.answer_sheet import Sent
from grants.services.calibration import Agreed

# What each gave the strong, the uneven and the thin sample; one is lenient throughout.
GIVEN = {
    "assessor2": ((4, 4, 3, 4, 4, 3), (3, 3, 1, 2, 4, 1), (1, 1, 0, 1, 0, 1)),
    "assessor3": ((4, 3, 4, 3, 4, 4), (2, 4, 1, 1, 4, 1), (1, 0, 0, 1, 1, 1)),
    "assessor4": ((4, 4, 4, 4, 4, 4), (4, 4, 3, 4, 4, 3), (3, 2, 2, 3, 2, 3)),
    "chair": ((3, 4, 3, 3, 4, 3), (3, 3, 1, 2, 3, 1)),
    "assessor": ((3, 4, 4, 3, 3, 3),),
}
WHY = "We read the anchors aloud, and this one says it best. (Fictional.)"


def hold(kit: Kit, life: Life) -> None:
    """As the fund manager and the assessors would. The first assessor has two samples still to score."""
    record = db.session.get_one(Round, life.made.id, populate_existing=True)
    manager = actor_with_id(life.cast.staff["manager"], now=kit.now)
    keys = []
    for one in samples_of(record.fund):
        key = samples.add_sample(manager, record.key, f"fund:{one.key}", now=kit.now)
        keys.append(kit.key())
        db.session.execute(
            sa.update(CalibrationSample)
            .where(CalibrationSample.key == key)
            .values(key=keys[-1])
            .execution_options(synchronize_session=False)
        )
    if not keys:
        return
    db.session.expire_all()
    calibration.open_set(manager, record.key, now=kit.now)
    criteria = life.made.fund.scoring.criteria
    for seat, marks in GIVEN.items():
        reader = actor_with_id(life.cast.staff[seat], now=kit.now)
        for key, given in zip(keys, marks, strict=False):
            sheet = _sheet(kit, criteria, given)
            calibrating.send(reader, key, sheet, now=kit.now)
    agreed = {
        one.key: Agreed(mark=str(mark), reason=WHY)
        for one, mark in zip(criteria[:2], GIVEN["assessor2"][0], strict=False)
    }
    seen = db.session.scalars(
        sa.select(CalibrationSample.version).where(CalibrationSample.key == keys[0])
    ).one()
    calibration.agree(manager, keys[0], agreed, seen=seen, now=kit.now)


def _sheet(kit: Kit, criteria: tuple[Criterion, ...], given: tuple[int, ...]) -> Sent:
    texts: dict[tuple[str, str], str] = {}
    for one, mark in zip(criteria, given, strict=False):
        anchor = next((anchor.text for anchor in one.anchors if anchor.score == mark), "")
        texts["mark", one.key] = str(mark)
        texts["reason", one.key] = kit.world.text("score", anchor=anchor)
    return Sent(texts=texts)
