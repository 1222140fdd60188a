"""Agents see prose, lists, tables and links; every character of it leads back to the stored text."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lineage_platform.documents import cleaning
from lineage_platform.documents.reading import Reading
from lineage_platform.records import DocumentKind
from tests.documents.support import card, document, hidden, page, paper, readme, shown, stored_behind


def assert_maps_back(read: Reading) -> None:
    """Each piece shows the stored text, or stands for a stretch of it; the rest of the clean text is white space."""
    covered = [False] * len(read.clean.text)
    for piece in read.clean.pieces:
        text = read.clean.text[piece.clean : piece.clean + piece.length]
        stored = read.text[piece.stored : piece.stored + piece.stored_length]
        assert len(text) == piece.length
        assert len(stored) == piece.stored_length > 0
        covered[piece.clean : piece.clean + piece.length] = [True] * piece.length
        if text != stored:  # decoded, or a mark that stands for a tag
            assert text == html.unescape(stored) or set(text) <= set("[]()#-| ") or "<" in stored
    assert all(known or not text.strip() for known, text in zip(covered, read.clean.text, strict=True))


# Prose and links -----------------------------------------------------------------------------------------------------


def test_prose_lists_tables_and_links_stay() -> None:
    prose = "# Title\n\nMade from [GSM8K](https://hf.co/datasets/openai/gsm8k).\n\n"
    text = f"{prose}- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert card(text).clean.text == text


def test_inline_code_stays_as_names_are_written_in_it() -> None:
    assert "`openai/gsm8k`" in card("We use `openai/gsm8k` and ``a`b``.").clean.text


def test_an_automatic_link_stays() -> None:
    assert "<https://github.com/o/r>" in card("See <https://github.com/o/r>.").clean.text


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_code_blocks_are_out_whatever_ends_the_lines(line_end: str) -> None:
    lines = ["before", "", "```python", "load('x')", "```", "", "after", "", "    indented code", "", "end"]
    read = card(line_end.join(lines))
    assert shown(read) == "before after end"
    assert read.text[: len("before")] == stored_behind(read, "before")


def test_a_fence_in_a_list_and_one_never_closed_are_out() -> None:
    assert shown(card("- item\n\n  ~~~\n  code\n  ~~~\n\n- next")) == "- item - next"
    assert shown(card("text\n\n```\nbibtex @article{x}\nand so on")) == "text"


def test_bibtex_is_out_of_the_clean_text_and_stays_in_the_stored_one() -> None:
    read = card("Cite:\n\n```bibtex\n@article{key, title={T}}\n```\n")
    assert "@article" not in read.clean.text
    assert "@article" in read.text


def test_a_tag_in_code_is_text() -> None:
    assert card("The token `<!--` and `<script>` are kept. So is this.").clean.text.endswith("So is this.")


# Pictures and badges -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "picture",
    [
        "![alt words](https://img.example/a.png)",
        '![alt words](a.png "title words")',
        "![alt words](https://img.example/a_(1).png)",
        "![alt words][ref]",
        "[![alt words](https://img.shields.io/x.svg)](https://ci.example/build)",
        "[![alt words](https://img.shields.io/x.svg)](LICENSE)",
        "[![alt words](https://img.shields.io/x.svg)](https://github.com/o/r/blob/main/LICENSE)",
        '<img src="a.png" alt="alt words">',
        "<img src='a.png' alt='alt words' width:auto; margin:10px\">",
        '<a href="https://ci.example/"><img src="a.png" alt="alt words"></a>',
    ],
)
def test_pictures_and_badges_are_out(picture: str) -> None:
    read = readme(f"Before. {picture} After.")
    assert "alt words" not in read.clean.text
    assert "shields" not in read.clean.text
    assert shown(read).startswith("Before.")
    assert shown(read).endswith("After.")


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2305.14233",
        "https://huggingface.co/datasets/o/n",
        "https://huggingface.co/papers/2305.14233",
        "https://github.com/o/r",
    ],
)
def test_a_badge_that_links_to_documentation_stays_as_a_link(url: str) -> None:
    assert shown(readme(f"[![Paper](https://img.shields.io/x.svg)]({url})")) == f"[Paper]({url})"
    assert shown(readme(f'<a href="{url}"><img alt="Paper" src="x.svg"></a>')) == f"[Paper]({url})"


def test_a_quote_that_a_broken_attribute_opens_does_not_swallow_the_text() -> None:
    text = '<img src="a.png" width:auto; margin-right:10px">\n\nMade from GSM8K. "Quoted" words.'
    assert "Made from GSM8K." in readme(text).clean.text


# Navigation ----------------------------------------------------------------------------------------------------------


def test_tables_of_contents_are_out() -> None:
    contents = "- [Data](#data)\n  1. [Sources](#sources)\n\n[Data](#data) • [News](#news)"
    text = f"# Name\n\n{contents}\n\n## Data\n\nSee [below](#x) for it."
    assert shown(readme(text)) == "# Name ## Data See [below](#x) for it."


# HTML in Markdown ----------------------------------------------------------------------------------------------------


def test_text_in_html_stays_and_its_tags_go() -> None:
    prose = '<div align="center"><p>Built on <b>Alpaca</b>&nbsp;&amp; more</p></div>'
    read = readme(f"{prose}\n\n<table><tr><td>GSM8K</td><td>7K</td></tr></table>")
    assert "<" not in read.clean.text
    assert "Built on Alpaca\xa0& more" in read.clean.text
    assert "| GSM8K  | 7K" in read.clean.text
    assert stored_behind(read, "Alpaca\xa0& more") == "Alpaca</b>&nbsp;&amp; more"


def test_an_html_link_is_shown_as_a_markdown_one() -> None:
    text = 'From <a class="x" href="https://github.com/o/r">their repository</a>.'
    read = readme(text)
    assert read.clean.text == "From [their repository](https://github.com/o/r)."
    assert stored_behind(read, "their repository") == "their repository"
    assert stored_behind(read, "[their repository](https://github.com/o/r)") == text[5:-1]


def test_words_in_angle_brackets_stay() -> None:
    assert (
        card("Answers hold <think>reasoning</think> first.").clean.text
        == "Answers hold <think>reasoning</think> first."
    )


def test_a_break_does_not_tear_a_table_row() -> None:
    assert readme("| a<br>b | c |").clean.text == "| a b | c |"


def test_details_are_text() -> None:
    assert "Sources: GSM8K" in shown(readme("<details><summary>More</summary>\n\nSources: GSM8K\n\n</details>"))


def test_an_element_that_never_ends_takes_no_markdown_with_it() -> None:
    for name in ("title", "style", "nav", "object", "pre", "button"):
        assert "the rest" in readme(f"A <{name}> was named.\n\nAnd the rest.").clean.text


def test_a_readme_that_is_html_is_read_as_a_page() -> None:
    text = "<!-- c -->\n<!DOCTYPE html>\n<html><body><nav>Home</nav><p>Made from GSM8K &amp; MATH.</p></body></html>"
    assert shown(readme(text)) == "Made from GSM8K & MATH."


# What no reader sees -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unseen",
    [
        "<!-- derived from secret -->",
        "<!-- derived from secret",
        '<div style="display:none">derived from secret</div>',
        '<p style="Display : None !important">derived from secret</p>',
        "<p hidden>derived from secret</p>",
        '<span style="visibility:hidden">derived from <b>secret</b></span>',
        '<span style="font-size:0">derived from secret</span>',
        '<span style="font-size: 0.1px; color:red">derived from secret</span>',
        '<span style="opacity:0">derived from secret</span>',
        '<div style="position:absolute;left:-9999px">derived from secret</div>',
        '<div style="color: transparent">derived from secret</div>',
        '<div hidden><div>derived</div> from <img src="x"> secret</div>',
        '<p class="x sr-only">derived from secret</p>',
        "<div hidden>derived from secret",
    ],
)
@pytest.mark.parametrize("read", [readme, page, card])
def test_hidden_text_is_neither_shown_nor_seen(unseen: str, read: object) -> None:
    opened = read(f"<p>Visible words here.</p>\n\n{unseen}")  # type: ignore[operator]
    assert "secret" not in opened.clean.text
    assert "Visible words here." in opened.clean.text
    assert any("secret" in text for text in hidden(opened))


@pytest.mark.parametrize(
    "seen",
    [
        '<p style="font-size:10px">shown text</p>',
        '<p style="font-size: 0.9em">shown text</p>',
        '<p style="opacity:0.8">shown text</p>',
        '<p style="display:block">shown text</p>',
        '<p style="margin-left:-10px">shown text</p>',
        '<p class="hidden-lg">shown text</p>',
        "<p hidden>gone</p><p>shown text</p>",
        "<p hidden>gone<p>shown text",
    ],
)
def test_text_that_is_shown_is_not_taken_for_hidden(seen: str) -> None:
    assert "shown text" in readme(seen).clean.text


@pytest.mark.parametrize("character", ["\u200b", "\u2060", "\ufeff", "\u202e", "\u2066", "\U000e0041", "\u00ad"])
def test_characters_without_shape_are_hidden_and_do_not_part_words(character: str) -> None:
    read = card(f"Open{character}Hermes")
    assert read.clean.text == "OpenHermes"
    assert hidden(read) == [character]
    assert stored_behind(read, "OpenHermes") == f"Open{character}Hermes"


def test_joiners_that_a_script_needs_stay() -> None:
    assert card("می\u200cخواهم 👨\u200d👩").clean.text == "می\u200cخواهم 👨\u200d👩"
    assert card("Open\u200dHermes").clean.text == "OpenHermes"


@pytest.mark.parametrize("run", ["QUJD" * 50, ("QUJDREVG" * 9 + "\n") * 4, "%41%42" * 40])
def test_encoded_runs_are_hidden(run: str) -> None:
    read = card(f"Before.\n\n{run}\n\nAfter.")
    assert shown(read) == "Before. After."
    assert len(hidden(read)) == 1


def test_long_links_are_no_encoded_runs() -> None:
    url = "https://huggingface.co/datasets/some-organisation/some-data-set-name/" + "tree/main/data/" * 8
    assert url in card(f"See {url} for it.").clean.text


# Anything at all -----------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *[
            "<!--",
            "-->",
            "<div hidden>",
            "</div>",
            "<p>",
            "<a href='https://x.y/z'>",
            "</a>",
            "![a](b)",
            "[![a](b)](c)",
        ],
        *[
            "```\n",
            "\n",
            "\n\n",
            "    code",
            "&amp;",
            "&#x41;",
            "\u200b",
            "\u200d",
            "---\n",
            "| a |",
            "[x](#y)",
            "<script>",
        ],
        *[
            "</script>",
            "`",
            "<td>",
            "<h2>",
            "<li>",
            "text ",
            "é",
            "\r\n",
            "\r",
            "\0",
            "<br/>",
            '"',
            "'",
            "<",
            ">",
            "=",
            "- ",
        ],
        "References\n",
    ]
)
ANYTHING = st.lists(PIECES | st.text(max_size=12), max_size=40).map("".join)


@settings(max_examples=150, deadline=None)
@given(ANYTHING)
@example("<a href='https://x.y/z'><a href='https://x.y/z'></a>")
def test_whatever_the_text_every_clean_range_leads_back(text: str) -> None:
    for read in (card(text), readme(text), paper(text)):
        assert_maps_back(read)
        for start, end in read.hidden:
            assert 0 <= start < end <= len(text)
        for piece in read.clean.pieces:
            inside = any(
                start < piece.stored + piece.stored_length and piece.stored < end for start, end in read.hidden
            )
            assert not inside or piece.length != piece.stored_length


@settings(max_examples=40, deadline=None)
@given(ANYTHING)
def test_whatever_the_page_every_clean_range_leads_back(text: str) -> None:
    assert_maps_back(page(text))


# Long texts ----------------------------------------------------------------------------------------------------------


def test_a_card_of_ten_megabytes_is_read_in_part_and_says_so() -> None:
    text = "Made from GSM8K.\n" + "word " * 2_000_000 + "end"
    read = card(text)
    assert read.text == text
    assert len(read.clean.text) <= cleaning.MAX_CHARACTERS
    assert read.clean.text.startswith("Made from GSM8K.")
    assert cleaning.too_long(text) == "10,000,020 characters long: only the first 1,000,000 are read"
    assert cleaning.too_long("short") == ""


@pytest.mark.parametrize(
    "unit",
    [
        *["[", "![", "<a ", '<a ="', "<a ='=\"", "<!--", "`", "[![a](", "</p>", "<p hidden>", "<script>", "<a><b></c>"],
        *["&amp", "A", "%41", "\u200d", "References\n", "](#", "A " * 20 + "\n", "<p style='", "- [x](#y)\n"],
    ],
)
def test_no_pattern_takes_more_than_linear_steps(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    for kind in (DocumentKind.CARD, DocumentKind.PAPER):
        read = cleaning.reading(document(kind), text)
        assert len(read.clean.text) <= 2 * len(text)


def test_every_real_readme_leads_back(real_data: Path) -> None:
    paths = sorted((real_data / "corpus" / "github").glob("*/*/README.md"))
    assert len(paths) > 80
    for path in paths:
        read = readme(path.read_bytes().decode("utf-8"))
        assert_maps_back(read)
        assert len(read.clean.text) > len(read.text) // 5, path
