"""The doors of: local rounds, which a partnership opens from its accepted award."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.blueprints.rounds import blueprint, forms
from grants.blueprints.rounds.pages import form_page, guarded, to_change
from grants.queries import local_rounds as queries
from grants.queries import rounds
from grants.rules.actions import Action
from grants.rules.money import parse_pounds, pounds
from grants.rules.refusals import Blocked, NotFound, Refusal
from grants.rules.states import RoundState, Tier
from grants.services import local_pots, local_rounds
from grants.web.forms import LongTextField, MoneyField
from grants.web.guards import current_actor, needs, now
from grants.web.shared_forms import SharedForm


class LocalRoundForm(forms.DatesForm):
    """What is needed to begin a local round."""

    pot = MoneyField("Pot", hint="How much of the award this round gives out, in pounds")
    areas = LongTextField(
        "Areas with a share of their own",
        hint="One a line with its share, such as North isles: 20,000. Leave it empty where the "
        "whole area shares one pot.",
    )

    def shares(self) -> tuple[tuple[str, int], ...] | None:
        """(name, pence) of each area, or None after putting a sentence at the field."""
        found = []
        for line in filter(str.strip, (self.areas.data or "").splitlines()):
            name, _, amount = line.rpartition(":")
            try:
                found.append((name.strip(), parse_pounds(amount)))
            except Refusal:
                self.add_problem("areas", f"Write {line.strip()} as name: amount.")
                return None
        return tuple(found)


@blueprint.get("/rounds/local")
@needs(Action.SET_UP_ROUND, "round")
def local() -> ResponseReturnValue:
    """One's own accepted awards, what each has left for local rounds, and those there are."""
    return render_template("rounds/local.html", pots=queries.pots(current_actor()))


@blueprint.route("/rounds/local/<uuid:key>/new", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def create_local(key: uuid.UUID) -> ResponseReturnValue:
    """Begin a local round from the award with this key."""
    actor = current_actor()
    award = queries.pot(actor, key)
    form = LocalRoundForm(data={"pot": pounds(award.left)})
    if form.validate_on_submit():
        made = _create(form, key)
        if made is not None:
            return redirect(url_for("rounds.show", key=made))
    intro = (
        f"{award.organisation}, {award.area}: {pounds(award.left)} of {pounds(award.amount)} "
        "is left for local rounds. The questions, criteria and returns begin as the fund has "
        "them, and you can add your own."
    )
    back = url_for("rounds.local")
    return form_page(form, "Open a local round", back, button_text="Begin", intro=intro)


def _create(form: LocalRoundForm, key: uuid.UUID) -> uuid.UUID | None:
    times, pot, areas = form.times(), forms.money_of(form, "pot"), form.shares()
    if times is None or pot is None or areas is None:
        return None
    new = local_rounds.NewLocalRound(
        title=form.title.data, opens_at=times[0], closes_at=times[1], pot=pot, areas=areas
    )
    try:
        return local_rounds.create_local(current_actor(), key, new, now=now())
    except Blocked as error:
        form.add_reasons(error)
        return None


class PotForm(SharedForm):
    """Another pot."""

    pot = MoneyField("Pot", hint="How much of the award this round gives out, in pounds")


@blueprint.route("/rounds/<uuid:key>/pot", methods=["GET", "POST"])
@needs(Action.SET_UP_ROUND, "round")
def pot(key: uuid.UUID) -> ResponseReturnValue:
    """Change how much of the award a local round gives out."""
    record = to_change(key)
    if record.tier != Tier.LOCAL or record.state == RoundState.CLOSED:
        raise NotFound("There is no such page.")
    form = PotForm(data={"pot": pounds(record.pot)})
    back = url_for("rounds.show", key=key)
    amount = forms.money_of(form, "pot") if form.validate_on_submit() else None
    if amount is not None and guarded(
        form, lambda: local_pots.change(current_actor(), key, amount, now=now())
    ):
        flash("The pot is changed.", "success")
        return redirect(back)
    return form_page(form, "Pot of the round", back, record=record)


@blueprint.post("/rounds/<uuid:key>/give-back")
@needs(Action.SET_UP_ROUND, "round")
def give_back(key: uuid.UUID) -> ResponseReturnValue:
    """Give back to the award what the closed round did not award."""
    local_pots.give_back(current_actor(), key, now=now())
    flash("What was left went back to the award.", "success")
    return redirect(url_for("rounds.show", key=key))


@blueprint.get("/rounds/<uuid:key>/local-rounds")
@needs(Action.READ_BALANCE, "round")
def below(key: uuid.UUID) -> ResponseReturnValue:
    """What partnerships passed on from a national round: their rounds, and the funded projects."""
    actor = current_actor()
    record = rounds.one(actor, key, Action.READ_BALANCE)
    return render_template(
        "rounds/below.html",
        record=record,
        rounds=queries.below(actor, record),
        page=queries.funded(actor, record, request.args.get("page", 1, type=int)),
    )
