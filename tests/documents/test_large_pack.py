"""The large-type pack: tagged, 18 point, its reader's name on every page, a sheet for every bid."""

import io
from datetime import UTC, datetime

import pikepdf
import pytest

from grants.documents.large_pack import LargePack, PackedBid, large_pack_pdf
from grants.documents.paper_looks import styles
from grants.funds.loader import all_funds
from grants.rules.score_sheet import Line
from tests.documents.pdf_checks import faults_of, text_of
from tests.documents.test_packs import SECTIONS

pytestmark = pytest.mark.feature("R22")
READER = "Mòrag NicLeòid (fictional)"


def pack(fund: str) -> bytes:
    scoring = all_funds()[fund].scoring
    bids = tuple(
        PackedBid(
            reference=f"BID-{number}",
            title="Walking together",
            number=2,
            sections=SECTIONS,
            scoring=scoring,
            lines=(Line("a", "Walks", 123_400),),
        )
        for number in (1, 2)
    )
    return large_pack_pdf(
        LargePack(
            fund_name="Communities Fund",
            funder="The funder (fictional)",
            round_title="Round of 2026",
            reader=READER,
            made_at=datetime(2026, 7, 1, 10, 59, tzinfo=UTC),
            bids=bids,
        )
    )


@pytest.mark.parametrize("fund", sorted(all_funds()))
def test_pack_is_tagged_and_says_all(fund) -> None:
    data = pack(fund)
    text = " ".join(text_of(data).split())

    assert faults_of(data) == []
    for criterion in all_funds()[fund].scoring.criteria:
        assert text.count(" ".join(criterion.title.split())) >= 2
        for anchor in criterion.anchors:
            assert " ".join(anchor.text.split()) in text
    assert "Walks: £1,234 asked" in text
    assert "Score sheet: BID-2" in text


def test_every_page_names_its_reader_and_no_text_is_small() -> None:
    sizes = set()
    with pikepdf.open(io.BytesIO(pack(min(all_funds())))) as pdf:
        for page in pdf.pages:
            inside = False
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "BDC":
                    inside = str(operands[0]) != "/Artifact"
                elif str(operator) == "Tf" and inside:
                    sizes.add(round(float(operands[1]), 1))

    assert min(sizes) >= 18


def test_another_document_keeps_its_size() -> None:
    pack(min(all_funds()))
    assert styles()["body"].fontSize == 10.5
