"""Pence read from what people type, and shown as pounds. No float comes near."""

from __future__ import annotations

import re

from grants.rules.refusals import Blocked

Pence = int

POUND = 100
LARGEST: Pence = 99_999_999_99  # eight figures of pounds: more than any programme of these funds
MINUS = ("-", "\u2212")
TYPED = re.compile(r"£?\s*(?P<pounds>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<pence>\d{2}))?", re.ASCII)


def parse_pounds(text: str) -> Pence:
    """Pence from "£12,345.67", "12345" or "12,345". Anything else is Blocked with one sentence."""
    typed = text.strip()
    if not typed:
        raise Blocked("Enter an amount in pounds, such as 12,345 or 12,345.67.")
    if typed.lstrip("£ ").startswith(MINUS):
        raise Blocked("Enter an amount that is not less than £0.")
    found = TYPED.fullmatch(typed)
    if found is None:
        raise Blocked(_why_not(typed))
    whole = found["pounds"].replace(",", "").lstrip("0")
    if len(whole) > len(str(LARGEST // POUND)):
        raise Blocked(f"Enter an amount of {pounds(LARGEST, exact=True)} or less.")
    return int(whole or "0") * POUND + int(found["pence"] or "0")


def _why_not(typed: str) -> str:
    if re.fullmatch(r"£?[\d,\s]*\.\d*", typed, re.ASCII):
        return "Write pence with two figures, such as 12,345.60, or leave them out."
    if "," in typed and re.fullmatch(r"£?[\d,.\s]+", typed, re.ASCII):
        return "Put commas only between thousands, such as 12,345, or leave them out."
    return "Enter an amount in pounds with figures only, such as 12,345 or 12,345.67."


def pounds(pence: Pence, *, exact: bool = False) -> str:
    """ "£12,345", or "£12,345.67" where there are pence. ``exact`` always shows them."""
    whole, rest = divmod(abs(pence), POUND)
    sign = "-" if pence < 0 else ""
    shown = f"{sign}£{whole:,}"
    return f"{shown}.{rest:02d}" if exact or rest else shown
