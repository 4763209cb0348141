"""Made-up applications that come with a fund: to begin a calibration from. A fund needs none."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grants.funds.schema import read


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAnswer:
    """One answer of a sample, as an applicant would have typed it."""

    question: str
    text: str
    row: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A made-up application. ``note`` tells the fund's manager, and nobody else, what it is like."""

    key: str
    title: str
    applicant: str
    note: str
    answers: tuple[SampleAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFile:
    """What a file of samples holds."""

    samples: tuple[Sample, ...]


@cache
def samples_of(slug: str) -> tuple[Sample, ...]:
    """The samples that come with this fund, in the order of its file; none where there is no file."""
    path = Path(__file__).parent / "sample_texts" / f"{slug}.toml"
    if path not in path.parent.glob("*.toml"):
        return ()
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return read(SampleFile, document, f"sample_texts/{path.name}").samples
