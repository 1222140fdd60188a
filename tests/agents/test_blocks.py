"""Cleaned text as sentences, items and rows, each under its headings."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lineage_platform.agents.rules.blocks import MAX_UNIT, Kind, Unit, units
from lineage_platform.agents.rules.mentions import masked, mentions
from lineage_platform.agents.rules.passages import SHORT, passages
from lineage_platform.agents.rules.sections import Section, section
from lineage_platform.documents.reading import Reading
from lineage_platform.records import DocumentKind
from tests.agents.cards import card


def read(text: str, kind: DocumentKind = DocumentKind.CARD) -> tuple[Reading, list[Unit]]:
    document = card(text, kind=kind)
    return document, list(units(document))


def shown(text: str, kind: DocumentKind = DocumentKind.CARD) -> list[tuple[str, str]]:
    document, found = read(text, kind)
    return [(unit.kind.value, document.clean.text[unit.span.start : unit.span.end].strip()) for unit in found]


def test_paragraphs_are_parted_into_sentences() -> None:
    text = "One loaf, e.g. rye (Miller et al. 2020). Two loaves!\nStill two, i.e. v1.5 of them? Three."
    assert [sentence for _, sentence in shown(text)] == [
        "One loaf, e.g. rye (Miller et al. 2020).",
        "Two loaves!",
        "Still two, i.e. v1.5 of them?",
        "Three.",
    ]


def test_items_and_rows_know_what_introduces_them() -> None:
    _, found = read(
        "# T\n\n## Data\n\nTaken from:\n\n- a\n  - b\n- c\n\nAll told:\n\n| x | y |\n|---|---|\n| 1 | 2 |\n"
    )
    leads = [(unit.kind, unit.lead, unit.headings) for unit in found if unit.kind is not Kind.SENTENCE]
    assert [(kind, lead.strip()) for kind, lead, _ in leads] == [
        (Kind.ITEM, "Taken from:"),
        (Kind.ITEM, "- a"),
        (Kind.ITEM, "Taken from:"),
        (Kind.ROW, "All told:"),
    ]
    assert {headings for *_, headings in leads} == {("Data",)}


def test_a_row_has_its_cells_and_its_header() -> None:
    document, found = read("| Name | Rows |\n|:--|--:|\n| **a** | 1 \\| 2 |\n")
    (row,) = found
    assert row.header == ("Name", "Rows")
    assert [document.clean.text[cell.start : cell.end].strip() for cell in row.cells] == ["**a**", "1 \\| 2"]


@pytest.mark.parametrize(
    "heading", ["## Data sources", "Data sources\n------------", "**Data sources**", "<h2>Data sources</h2>"]
)
def test_headings_of_every_kind_are_seen(heading: str) -> None:
    _, found = read(f"# GrainSet\n\n{heading}\n\nBread and butter.\n")
    assert found[-1].headings == ("Data sources",)


def test_a_paper_s_numbered_headings_are_seen() -> None:
    text = "A paper\n\n3.1 Data Collection\nWe baked.\n\n4 Experiments\nWe ate.\n\nConclusion\nGood.\n"
    _, found = read(text, DocumentKind.PAPER)
    assert [unit.headings[-1:] for unit in found] == [(), ("Data Collection",), ("Experiments",), ("Conclusion",)]


def test_the_title_promises_nothing_of_its_parts() -> None:
    _, found = read("# A mixture of sources\n\nBread.\n")
    assert section(found[0].headings) is Section.NEUTRAL


def test_a_sentence_without_end_is_cut() -> None:
    assert all(unit.span.end - unit.span.start <= MAX_UNIT for unit in read("grain " * 5000)[1])


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("Data sources",), Section.SOURCES),
        (("Dataset creation",), Section.MAKING),
        (("Data",), Section.MAKING),
        (("Evaluation data",), Section.OTHER),
        (("Evaluation", "Data sources"), Section.SOURCES),
        (("Evaluation", "Data preparation"), Section.OTHER),
        (("Open-source models",), Section.OTHER),
        (("Source code",), Section.NEUTRAL),
        (("License & Acknowledgements",), Section.CREDITS),
        (("Why bread",), Section.NEUTRAL),
        ((), Section.NEUTRAL),
        (("数据来源",), Section.SOURCES),
    ],
)
def test_headings_promise_what_stands_under_them(headings: tuple[str, ...], expected: Section) -> None:
    assert section(headings) is expected


def test_masking_keeps_every_position() -> None:
    text = "See **[BranQA](https://a.example/b)** and `x_y` at https://a.example (Miller et al., 2020) for $a_b$."
    assert len(masked(text)) == len(text)
    assert masked(text).split() == ["See", "BranQA", "and", "x_y", "at", "for", "."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BranQA and the RyeTalk corpus", ["BranQA", "RyeTalk"]),
        ("[here](https://huggingface.co/datasets/oven/bran)", ["oven/bran"]),
        ("[Bran](https://huggingface.co/oven/bran)", []),
        ("bran-qa-7k by GPT-4 in 2023", ["bran-qa-7k"]),
        ("Stack Overflow & Math Exchange", ["Stack Overflow & Math Exchange"]),
        ("BranQA (https://github.com/oven/bran)", ["BranQA"]),
        ("12k rows, 3.5M tokens, v2", []),
        ("see data/train.json and src/main.py", []),
    ],
)
def test_names_are_told_from_words(text: str, expected: list[str]) -> None:
    assert [mention.name for mention in mentions(text)] == expected


def test_a_short_document_is_read_whole() -> None:
    document = card("# GrainSet\n\nBread.\n")
    assert passages(document) == (((0, len(document.clean.text))),)
    assert passages(card("\n\n")) == ()


def test_of_a_long_document_the_passages_about_data_are_kept_in_order_and_apart() -> None:
    filler = "The weather was fine and the oven was warm. " * 1000
    text = (
        f"# GrainSet\n\n{filler}\n\n## Data sources\n\nBranQA.\n\n## Results\n\n{filler}\n\nIt was sampled from "
        f"RyeTalk.\n"
    )
    document = card(text)
    assert len(document.clean.text) > SHORT
    spans = passages(document)
    kept = " ".join(document.clean.text[start:end] for start, end in spans)
    assert "BranQA" in kept
    assert "RyeTalk" not in kept, "a sentence under Results"
    assert len(kept) < len(document.clean.text) / 4
    assert all(before.end < after.start for before, after in pairwise(spans))
