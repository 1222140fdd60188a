"""Windows lose nothing and stay within their size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.agents.llm.windows import batches, merged, paragraph, windows
from lineage_platform.documents.reading import Span

texts = st.text(alphabet="ab \n", max_size=400)


@given(texts, st.integers(8, 60), st.integers(0, 2))
def test_windows_cover_every_word_and_none_is_too_large(text: str, size: int, overlap: int) -> None:
    spans = list(windows(text, size, overlap))
    assert all(0 < end - start <= size for start, end in spans)
    covered = {position for start, end in spans for position in range(start, end)}
    assert all(position in covered for position, character in enumerate(text) if not character.isspace())
    assert spans == sorted(spans)


def test_a_window_ends_where_a_paragraph_does() -> None:
    text = "one two\n\nthree four\n\nfive six"
    assert [text[start:end] for start, end in windows(text, 15, 0)] == ["one two\n\n", "three four\n\n", "five six"]


def test_neighbours_share_what_stands_at_the_seam() -> None:
    text = "word " * 100
    first, second = list(windows(text, 300, 60))[:2]
    assert first.end - second.start >= 55


def test_a_passage_is_grown_to_its_paragraphs() -> None:
    text = "first\n\nsecond here\nand there\n\nthird"
    assert text[slice(*paragraph(text, Span(15, 20)))] == "second here\nand there"
    assert paragraph("alone", Span(1, 2)) == (0, 5)


def test_ranges_with_only_white_space_between_become_one() -> None:
    assert merged([Span(8, 9), Span(0, 3), Span(4, 6)], "abc def gh") == ((0, 6), (8, 9))


@given(st.lists(st.integers(1, 50), max_size=12), st.integers(10, 60))
def test_batches_keep_order_and_size(lengths: list[int], size: int) -> None:
    text = "x" * sum(lengths)
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    spans = [Span(end - length, end) for end, length in zip(ends, lengths, strict=True)]
    groups = list(batches(spans, text, size))
    assert all(sum(end - start for start, end in group) <= size for group in groups)
    parts = [span for group in groups for span in group]
    assert parts == sorted(parts)
    assert {p for start, end in parts for p in range(start, end)} == set(range(len(text)))
