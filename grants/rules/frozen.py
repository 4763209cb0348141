"""What of an application is frozen when it is sent or confirmed, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from grants.funds.definition import Fund
from grants.rules import eligibility
from grants.rules.answers import is_blank
from grants.rules.eligibility import Answers

File = tuple[str, str, str]  # question, name, sha256


def content_of(fund: Fund, answers: Answers, files: Iterable[File]) -> dict[str, Any]:
    """The answers that were asked, and the files, in a fixed order."""
    kept = asked_answers(fund, answers)
    return {
        "answers": [[question, row, text] for (question, row), text in sorted(kept.items())],
        "attachments": [list(file) for file in sorted(files)],
    }


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: what the receipt shows."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def asked_answers(fund: Fund, answers: Answers) -> dict[tuple[str, str], str]:
    """The answers to questions that were asked, in the order of their rows; blanks left out."""
    asked = {question.key: question for question in fund.questions()}
    shown = {
        key for key, question in asked.items() if eligibility.is_shown(question, asked, answers)
    }
    places = sorted(answers, key=lambda place: (place[1], place[0]))
    return {
        place: answers[place]
        for place in places
        if place[0].partition(".")[0] in shown and not is_blank(answers[place])
    }
