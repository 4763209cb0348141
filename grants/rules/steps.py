"""The steps that a round has or leaves out: what each does, in words, and until when it may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from grants.funds.definition import Fund, Stages
from grants.rules.form_edits import Edited


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One flag of ``Stages`` in words. ``on`` and ``off`` are what applicants read of it."""

    key: str
    title: str
    does: str
    on: str
    off: str = ""
    after_opening: bool  # whether a new version of an open round may still change it
    holds_drafts: bool = False  # switched on, it asks more of drafts: they stay as they were begun

    @property
    def until(self) -> str:
        """When it may still change, in one sentence."""
        if not self.after_opening:
            return "It can't change once the round is open: all are judged in the same way."
        if self.holds_drafts:
            return "Once the round is open a new version may change it. Drafts that were begun without it stay without it."
        return "Once the round is open a new version may change it."


STEPS = (
    Step(
        key="sign_off",
        title="A second person signs off",
        does="Before an application is sent, a second person whom it names reads it and agrees.",
        on="A second person whom your application names reads it and agrees before it is sent.",
        after_opening=True,
        holds_drafts=True,
    ),
    Step(
        key="partners_confirm",
        title="Partners confirm their part",
        does="Before an application is sent, every partner that it names confirms its part.",
        on="Every partner that your application names confirms its part before it is sent.",
        after_opening=True,
        holds_drafts=True,
    ),
    Step(
        key="equality",
        title="Equality questions",
        does="Applicants are asked about equality on a page of its own. Nobody has to answer.",
        on="You are asked about equality, apart from the application. You need not answer, "
        "and those who score never see it.",
        after_opening=True,
    ),
    Step(
        key="triage",
        title="A check before scoring",
        does="Eligibility and completeness are checked before anybody scores.",
        on="We check first whether an application is complete and may be funded.",
        after_opening=False,
    ),
    Step(
        key="blind",
        title="Scoring without names",
        does="Answers, files and names that would tell who applies are hidden from those who score. "
        "They say beforehand which bodies they have to do with.",
        on="Those who score do not see who applies.",
        after_opening=False,
    ),
    Step(
        key="moderation",
        title="A panel discusses the scores",
        does="Once the scores are in, a panel talks about each application before anything is "
        "recommended. Without this step the mean of the scores stands.",
        on="A panel discusses the scores before anything is decided.",
        off="The mean of the scores stands. No panel discusses them.",
        after_opening=False,
    ),
)


def is_on(stages: Stages, step: Step) -> bool:
    """Whether a round has this step."""
    return bool(getattr(stages, step.key))


def told(fund: Fund) -> Iterator[str]:
    """What applicants are told of the steps, before they apply."""
    for step in STEPS:
        sentence = step.on if is_on(fund.stages, step) else step.off
        if sentence:
            yield sentence


def save_steps(fund: Fund, chosen: Mapping[str, bool]) -> Edited:
    """Switch steps on and off; one that is not among ``chosen`` stays as it is."""
    switched = {step.key: chosen[step.key] for step in STEPS if step.key in chosen}
    return Edited(replace(fund, stages=replace(fund.stages, **switched)), "steps")
