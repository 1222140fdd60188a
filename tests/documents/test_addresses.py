"""Many addresses are one document: the repository, the paper."""

from __future__ import annotations

import pytest

from lineage_platform.documents.addresses import ArxivPaper, Page, Repository, kind_of, locate
from lineage_platform.errors import FetchRefused
from lineage_platform.records import DocumentKind


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Open-Thoughts/open-thoughts",
        "http://github.com/open-thoughts/open-thoughts/",
        "https://www.github.com/open-thoughts/open-thoughts.git",
        "https://github.com/open-thoughts/open-thoughts/tree/main/data",
        "https://github.com/open-thoughts/open-thoughts/blob/main/README.md#data",
        "https://raw.githubusercontent.com/open-thoughts/open-thoughts/main/README.md",
        "  https://github.com/open-thoughts/open-thoughts?tab=readme-ov-file#x ",
    ],
)
def test_every_address_in_a_repository_is_the_repository(url: str) -> None:
    address = locate(url)
    assert isinstance(address, Repository)
    assert address.url == "https://github.com/open-thoughts/open-thoughts"
    assert kind_of(address, DocumentKind.BLOG) is DocumentKind.REPOSITORY


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2305.14233",
        "http://arxiv.org/abs/2305.14233v2",
        "https://arxiv.org/pdf/2305.14233.pdf",
        "https://arxiv.org/pdf/2305.14233v1",
        "https://arxiv.org/html/2305.14233v3",
        "https://export.arxiv.org/abs/2305.14233",
        "https://huggingface.co/papers/2305.14233",
        "https://doi.org/10.48550/arXiv.2305.14233",
    ],
)
def test_every_address_of_a_paper_is_the_paper(url: str) -> None:
    assert locate(url) == ArxivPaper("2305.14233")
    assert locate(url).url == "https://arxiv.org/abs/2305.14233"
    assert kind_of(locate(url), DocumentKind.BLOG) is DocumentKind.PAPER


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Lab.Example/Blog/Post?id=1#part", "https://lab.example/Blog/Post?id=1"),
        ("HTTPS://lab.example", "https://lab.example"),
        ("https://github.com/topics/datasets", "https://github.com/topics/datasets"),
        ("https://github.com/openai", "https://github.com/openai"),
        ("https://huggingface.co/blog/cosmopedia", "https://huggingface.co/blog/cosmopedia"),
    ],
)
def test_any_other_address_is_a_page_without_its_fragment(url: str, kept: str) -> None:
    assert locate(url) == Page(kept)
    assert kind_of(locate(url), DocumentKind.REPOSITORY) is DocumentKind.BLOG
    assert kind_of(locate(url), DocumentKind.PAPER) is DocumentKind.PAPER


@pytest.mark.parametrize(
    "url",
    [
        "https://huggingface.co/datasets/openai/gsm8k",
        "https://hf.co/datasets/openai/gsm8k/tree/main",
        "hf://datasets/openai/gsm8k",
        "",
        "README.md",
        "#data",
        "./data/README.md",
        "mailto:someone@lab.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://lab.example/data",
        "https://",
        "http://[::1",
    ],
)
def test_datasets_and_what_is_no_web_address_are_no_documents(url: str) -> None:
    with pytest.raises(FetchRefused):
        locate(url)
