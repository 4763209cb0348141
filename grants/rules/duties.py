"""Which duties must differ in a round: said before anybody begins, so that few people can finish."""

from __future__ import annotations

from grants.funds.definition import Fills, Fund


def people_needed(fund: Fund) -> int:
    """How few people of the applicant's side can finish an application."""
    return 2 if fund.stages.sign_off else 1


def must_differ(fund: Fund) -> tuple[str, ...]:
    """Who must be somebody else than whom, in this round."""
    found = []
    if fund.stages.sign_off:
        found.append(
            "Whoever signs the application off must not be the one who sends it: two people, each "
            "with an e-mail of their own. The one who signs off needs no account here: a board "
            "member or a partner can do it."
        )
    if fund.stages.partners_confirm and fund.table(Fills.PARTNERS) is not None:
        found.append(
            "Each partner confirms its own part, by an e-mail of its own: nobody in your "
            "organisation can do it for them. They need no account here."
        )
    found.append("Whoever helps to write an application can't assess it.")
    return tuple(found)


def may_be_one(fund: Fund) -> str:
    """What one and the same person may do, and how many are enough."""
    who = "One person may write the application, send it and answer the offer."
    count = people_needed(fund)
    enough = "Two people are enough to finish." if count > 1 else "One person is enough to finish."
    return f"{who} {enough}"
