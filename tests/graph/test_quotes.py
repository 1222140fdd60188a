"""A quote is found whatever its white space and Unicode form, at the right place, and never when a word differs."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.documents.normal import NormalText
from lineage_platform.documents.reading import Span
from lineage_platform.graph.quotes import beside, names, passage, visible

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "Mn", "P", "S"]), min_size=1, max_size=8)
TEXTS = st.lists(WORDS, min_size=3, max_size=30).map(" ".join)


def found(text: str, quote: str) -> list[str]:
    return [text[start:end] for start, end in NormalText.of(text).find(quote)]


def disguised(quote: str, seed: int) -> str:
    """The same quote with other white space and in another Unicode form."""
    dice = random.Random(seed)
    form = dice.choice(["NFC", "NFD", "NFKC", "NFKD"])
    spaces = [" ", "\n", "\t ", "\u00a0", "  \n> "[:3], "\u2003"]
    return "".join(dice.choice(spaces) if c == " " else c for c in unicodedata.normalize(form, quote))


@given(text=TEXTS, cut=st.tuples(st.floats(0, 1), st.floats(0, 1)), seed=st.integers())
def test_a_disguised_quote_is_found_where_it_was_cut(text: str, cut: tuple[float, float], seed: int) -> None:
    parts = text.split(" ")
    low, high = sorted(round(share * len(parts)) for share in cut)
    quote = " ".join(parts[low:high])
    start = len(" ".join(parts[:low])) + (low > 0)
    if NormalText.of(quote).text.strip():
        spans = list(NormalText.of(text).find(disguised(quote, seed)))
        assert any(span.start <= start + len(quote) and span.end >= start for span in spans)
        for span in spans:
            assert NormalText.of(text[span.start : span.end]).text.strip() == NormalText.of(quote).text.strip()


ALPHABET = st.text("abcdefgé", min_size=1, max_size=6)


@given(parts=st.lists(ALPHABET, min_size=4, max_size=20, unique=True), at=st.integers(0, 19), other=ALPHABET)
def test_a_quote_with_one_word_altered_is_never_found(parts: list[str], at: int, other: str) -> None:
    altered = [*parts]
    altered[at % len(parts)] = other
    if other not in parts:
        assert found(" ".join(parts), " ".join(altered)) == []


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("We use\n  GSM8K   data.", "use GSM8K data", ["use\n  GSM8K   data"]),
        ("ﬁne-tuned on Ａlpaca", "fine-tuned on Alpaca", ["ﬁne-tuned on Ａlpaca"]),
        ("the caf\u00e9 set", "caf\u0065\u0301 set", ["caf\u00e9 set"]),
        ("soft\u00adly and zero\u200bwidth", "softly and zerowidth", ["soft\u00adly and zero\u200bwidth"]),
        ("a quote, twice; a quote", "a quote", ["a quote", "a quote"]),
        ("café", "cafe", []),
        ("we use AlpacaEval", "use Alpaca", []),
        ("o\u0301\u0323 rows", "o\u0323\u0301 rows", ["o\u0301\u0323 rows"]),
        ("0 \u00b4", "0  \u0301", ["0 \u00b4"]),
        ("we reuse Alpaca", "use Alpaca", []),
        ("数据集GSM8K很好", "据集GSM8K", ["据集GSM8K"]),
        ("one two", "", []),
        ("one two", "\u200b", []),
    ],
)
def test_where_quotes_are_found(text: str, quote: str, expected: list[str]) -> None:
    assert found(text, quote) == expected


@pytest.mark.parametrize(
    ("text", "name", "is_named"),
    [
        ("built from GSM8K and MATH", "gsm8k", True),
        ("the aftermath of it", "math", False),
        ("**Open**-Platypus rows", "Open Platypus", True),
        ("see https://huggingface.co/datasets/tatsu-lab/alpaca", "tatsu-lab/alpaca", True),
        ("基于GSM8K数据集构建", "GSM8K", True),
        ("alpaca", "", False),
        ("alpaca", "...", False),
    ],
)
def test_names_are_compared_word_by_word(text: str, name: str, is_named: bool) -> None:
    assert names(text, name) is is_named


def units(text: str, quote: str) -> list[str]:
    start = text.index(quote)
    return [text[span.start : span.end].strip() for span in beside(text, Span(start, start + len(quote)))]


@pytest.mark.parametrize(
    ("text", "quote", "unit"),
    [
        (
            "First one. We took Alpaca rows and filtered them. Last.",
            "filtered",
            "We took Alpaca rows and filtered them.",
        ),
        ("- Alpaca:\n  filtered by hand\n- Dolly", "filtered", "- Alpaca:\n  filtered by hand"),
        ("| Alpaca | 52k |\n| Dolly | filtered |", "52k", "| Alpaca | 52k |"),
        ("<tr><td>Alpaca</td>\n<td>filtered</td></tr>", "filtered", "<tr><td>Alpaca</td>\n<td>filtered</td>"),
        ("我们使用了Alpaca。后来过滤了。", "使用", "我们使用了Alpaca。"),
    ],
)
def test_what_stands_beside_a_quote(text: str, quote: str, unit: str) -> None:
    assert units(text, quote)[0] == unit


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("# Top\n\n## Alpaca\n\nSome rows.\nMore quoted rows.", "## Alpaca"),
        ("Alpaca\n=====\n\nquoted rows", "Alpaca"),
        ("<h3>Alpaca</h3>\n\nquoted rows", "<h3>Alpaca</h3>"),
        ("**Alpaca**\n\nquoted rows", "**Alpaca**"),
    ],
)
def test_the_heading_above_a_quote(text: str, heading: str) -> None:
    assert units(text, "quoted")[1] == heading


def test_no_heading_is_made_up() -> None:
    assert len(units("Plain text.\n\nquoted rows", "quoted")) == 1


def test_the_passage_is_the_paragraph_and_its_neighbours() -> None:
    text = "far above\n\nabove\n\nthe quote\n\nbelow\n\nfar below"
    start = text.index("the quote")
    span = passage(text, Span(start, start + 9))
    assert text[span.start : span.end].strip() == "above\n\nthe quote\n\nbelow"


def test_hidden_text_is_blanked_and_zero_width_is_no_gap() -> None:
    text = "A <!-- x --> B GS\u200bM8K"
    hidden = [Span(2, 12), Span(text.index("\u200b"), text.index("\u200b") + 1)]
    assert visible(text, Span(0, len(text)), hidden) == "A   B GSM8K"
