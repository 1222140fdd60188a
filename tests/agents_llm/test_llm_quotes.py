"""Quotes are ranges of the stored text, whatever a model does to white space, Unicode forms and emphasis."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.agents.llm.quotes import Quotable, stored_range
from lineage_platform.documents.reading import Span
from tests.agents_llm.worlds import document

TEXT = "Built from **GSM8K**\n  and “MATH” – see\u00a0[the paper](https://x.org/y).\n\nThe `ﬁrst` part is café-sized."


def found(text: str, quote: str) -> str | None:
    place = next(Quotable(text).find(quote), None)
    return text[place.start : place.end] if place else None


@pytest.mark.parametrize(
    ("quote", "stored"),
    [
        ("Built from GSM8K and", "Built from **GSM8K**\n  and"),
        ('and "MATH" – see the paper.', "and “MATH” – see\u00a0[the paper](https://x.org/y)."),
        ("see [the paper](https://x.org/y).", "see\u00a0[the paper](https://x.org/y)."),
        ("and “MATH” – see [the paper](https://x.org/y)", "and “MATH” – see\u00a0[the paper](https://x.org/y)"),
        ("Built  from **GSM8K**", "Built from **GSM8K**"),
        ("https://x.org/y", "https://x.org/y"),
        ("  and “MATH” ", "and “MATH”"),
        ("The first part", "The `ﬁrst` part"),
        ("cafe\u0301-sized", "café-sized"),
        ("built from GSM8K", None),
        ("Built from GSM8K or", None),
        ("", None),
        ("  ", None),
    ],
)
def test_a_copy_is_found_and_a_change_of_words_is_not(quote: str, stored: str | None) -> None:
    assert found(TEXT, quote) == stored


@given(st.text(alphabet="ab é\u0301ﬁ*`\n\t\u00a0“한각①"), st.data())
def test_every_passage_of_a_text_is_found_in_any_unicode_form(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    passage = text[start : data.draw(st.integers(start, len(text)))]
    form = data.draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    quote = " ".join(unicodedata.normalize(form, passage).split())
    place = found(text, quote)
    if place is None:
        assert not unicodedata.normalize("NFKD", quote).translate({ord("*"): None, ord("`"): None}).strip()
    else:
        plain = [Quotable(part).normal.text.strip() for part in (place, quote)]
        assert plain[0] == plain[1]


def test_a_place_that_readers_see_is_preferred_to_one_they_do_not() -> None:
    text = "<!-- taken from A --> Seriously: taken from A."
    reading = document(text, removed=[Span(0, 21)])
    reading = type(reading)(reading.document, text, reading.clean, hidden=(Span(0, 21),))
    assert stored_range(reading, Quotable(text), Quotable(reading.clean.text), "taken from A") == (33, 45)


def test_a_quote_of_the_cleaned_view_covers_what_cleaning_took_out() -> None:
    text = "Taken from <b>GSM8K</b> by hand."
    reading = document(text, removed=[Span(11, 14), Span(19, 23)])
    place = stored_range(reading, Quotable(text), Quotable(reading.clean.text), "from GSM8K by hand")
    assert place is not None
    assert text[place.start : place.end] == "from <b>GSM8K</b> by hand"


def test_a_quote_stitched_over_a_removed_page_is_not_one() -> None:
    text = f"Taken from {'x' * 5000} GSM8K."
    reading = document(text, removed=[Span(11, 5011)])
    assert stored_range(reading, Quotable(text), Quotable(reading.clean.text), "Taken from GSM8K.") is None
