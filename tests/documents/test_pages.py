"""Of a web page, agents see the main content, links and headings included, and can quote it from the stored HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

import lineage_platform
from tests.documents.support import hidden, page, shown, stored_behind

ARTICLE = """<!doctype html>
<html lang="en"><head><title>Our data | Lab blog</title>
<script>var sources = "openai/gsm8k";</script><style>.x { color: red }</style></head>
<body>
<nav><ul><li><a href="https://lab.example/">Home</a></li><li><a href="https://lab.example/blog">Blog</a></li></ul></nav>
<main><article>
<h1>How the Example set was made</h1>
<p>The Example set holds ten thousand questions. It was built with care over a year, by a group of
four people, from material that others had published before &amp; with their leave.</p>
<h2>Sources</h2>
<ul>
<li>All questions of <a href="https://huggingface.co/datasets/openai/gsm8k">GSM8K</a></li>
<li>Half of <a href="https://github.com/hendrycks/math">MATH</a>, rewritten</li>
</ul>
<table><tr><th>Part</th><th>Rows</th></tr><tr><td>GSM8K</td><td>7,473</td></tr></table>
<p style="display:none">It also derives from secret/set, which no reader is told about here.</p>
<pre><code>load_dataset("lab/example")</code></pre>
</article></main>
<aside><h3>Popular posts</h3><p>Subscribe to our newsletter and win a prize today.</p></aside>
<footer><p>Copyright of the lab, all rights reserved. Cookie settings, privacy and imprint.</p></footer>
</body></html>
"""


def test_the_main_content_stays_with_its_headings_lists_and_links() -> None:
    text = page(ARTICLE).clean.text
    assert "# How the Example set was made" in text
    assert "## Sources" in text
    assert "- All questions of [GSM8K](https://huggingface.co/datasets/openai/gsm8k)" in text
    assert "- Half of [MATH](https://github.com/hendrycks/math), rewritten" in text
    assert "| GSM8K  | 7,473" in text


def test_scripts_styles_navigation_code_and_footers_are_out() -> None:
    text = page(ARTICLE).clean.text
    for noise in ("var sources", "color: red", "Home", "Blog", "load_dataset", "Cookie settings", "newsletter"):
        assert noise not in text


def test_hidden_elements_are_neither_shown_nor_evidence() -> None:
    read = page(ARTICLE)
    assert "secret/set" not in read.clean.text
    assert any("secret/set" in text for text in hidden(read))


def test_a_sentence_that_the_source_wraps_is_one_line_and_leads_back() -> None:
    read = page(ARTICLE)
    sentence = "by a group of four people, from material that others had published before & with their leave."
    assert sentence in read.clean.text
    assert stored_behind(read, sentence) == (
        "by a group of\nfour people, from material that others had published before &amp; with their leave."
    )


def test_a_page_without_main_content_is_read_whole() -> None:
    assert shown(page("<p>Made from GSM8K.")) == "Made from GSM8K."
    assert shown(page("Just words &lt;here&gt;.")) == "Just words <here>."


@pytest.mark.parametrize(
    "text", ["", "   ", "<", "<html>", "<!--", "<p", "\0", "<script>", "&", "<a href=", "<div>" * 3000]
)
def test_a_broken_page_is_read_as_far_as_it_goes(text: str) -> None:
    assert page(text).clean.text.strip() in ("", "<", "<p", "&", "<a href=")


def test_a_script_that_never_ends_takes_the_rest_as_in_a_browser() -> None:
    assert shown(page("<p>Before.</p><script>x = '<p>after</p>'")) == "Before."


def test_elements_of_any_name_are_tags_on_a_page() -> None:
    assert shown(page("<my-card><x>Made from GSM8K.</x></my-card>")) == "Made from GSM8K."


def test_the_samples_pages_keep_their_sources() -> None:
    folder = Path(lineage_platform.__file__).parent / "sample_hub" / "web"
    read = page((folder / "www.open-thoughts.ai" / "blog" / "thinkagain.html").read_text(encoding="utf-8"))
    assert "[MathInstruct](https://huggingface.co/datasets/TIGER-Lab/MathInstruct)" in read.clean.text
    assert "herorun1" not in read.clean.text
    assert "OpenThoughts3" not in read.clean.text
