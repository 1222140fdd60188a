"""Links to a dataset's own repository, paper and blog, and never to cited work."""

from __future__ import annotations

import pytest

from lineage_platform.records import DocumentKind
from tests.agents.cards import HUB, links

REPOSITORY = "https://github.com/mill-house/grainset"
PAPER = "https://arxiv.org/abs/2401.01234"


def found(text: str, tags: tuple[str, ...] = ()) -> set[tuple[DocumentKind, str]]:
    return {(link.kind, link.url) for link in links(text, tags=tags)}


@pytest.mark.parametrize(
    "sentence",
    [
        "How this dataset was made is described at https://github.com/bakery/dough-tools",
        "The code that made it is on [GitHub](https://github.com/bakery/dough-tools).",
        "- **Repository:** https://github.com/bakery/dough-tools",
        "[Code](https://github.com/bakery/dough-tools) | [Discord](https://discord.gg/abc)",
        "Everything about this dataset is in the README of [tools](https://github.com/bakery/dough-tools).",
        '<a href="https://github.com/bakery/dough-tools">GitHub</a>',
    ],
)
def test_a_repository_that_describes_the_making_is_found(sentence: str) -> None:
    assert found(f"# GrainSet\n\n{sentence}\n") == {(DocumentKind.REPOSITORY, "https://github.com/bakery/dough-tools")}


def test_a_repository_of_the_same_name_needs_no_words() -> None:
    assert found(f"# GrainSet\n\n[GrainSet]({REPOSITORY}) has 12k stories.\n") == {
        (DocumentKind.REPOSITORY, REPOSITORY)
    }


@pytest.mark.parametrize(
    "text",
    [
        "The rows were sampled from [BranQA](https://github.com/oven/bran-qa).",
        "Models are evaluated with the [harness](https://github.com/oven/harness).",
        "## Acknowledgements\n\nThe code is based on [dough](https://github.com/oven/dough).",
        "## Related work\n\n[RyeTalk](https://github.com/oven/rye-talk) is similar.",
        "It was inspired by the code of [RyeTalk](https://github.com/oven/rye-talk).",
        "[a model](https://huggingface.co/mill-house/Loaf-7B), [a video](https://youtu.be/abc)",
        "Released under [MIT](https://opensource.org/licenses/MIT).",
        "## Data sources\n\n- [code](https://github.com/oven/bran-qa)\n- [paper](https://arxiv.org/abs/2101.00001)",
        "Our recipe follows the [Dough paper](https://arxiv.org/abs/2101.00001).",
    ],
)
def test_cited_work_sources_and_tools_are_not_the_dataset_s_own(text: str) -> None:
    assert found(f"# GrainSet\n\n{text}\n") == set()


def test_the_paper_that_a_lone_tag_names_is_its_own() -> None:
    assert found("# GrainSet\n", tags=("arxiv:2401.01234",)) == {(DocumentKind.PAPER, PAPER)}


def test_of_several_papers_the_one_whose_entry_names_it_is_its_own() -> None:
    text = (
        "# GrainSet\n\nWe compare with [Dough](https://arxiv.org/abs/2101.00001).\n\n```bibtex\n@misc{mill2024,\n"
        "  title={GrainSet: stories about bread},\n  eprint={2401.01234},\n  archivePrefix={arXiv}\n}\n```\n"
    )
    assert found(text, tags=("arxiv:2101.00001", "arxiv:2401.01234")) == {(DocumentKind.PAPER, PAPER)}


def test_a_blog_post_about_it_is_found() -> None:
    text = "# GrainSet\n\nHow they were chosen is told in our [blog post](https://mill.example/blog/grain).\n"
    assert found(text) == {(DocumentKind.BLOG, "https://mill.example/blog/grain")}


def test_the_surest_link_comes_first_and_each_once() -> None:
    text = (
        f"# GrainSet\n\n[Code]({REPOSITORY}) · [code]({REPOSITORY}) · [Paper]({PAPER})\n\n"
        "See also the [page](https://mill.example/grain).\n"
    )
    ordered = links(text, tags=("arxiv:2401.01234",))
    assert [link.url for link in ordered[:2]] in ([REPOSITORY, PAPER], [PAPER, REPOSITORY])
    assert len({link.url for link in ordered}) == len(ordered)


def test_a_link_s_quote_is_stored_text() -> None:
    text = f"# GrainSet\n\nThe *code* is on [GitHub]({REPOSITORY}).\n"
    (link,) = links(text)
    assert link.quote in text


def test_hidden_links_lead_nowhere() -> None:
    assert found(f"# GrainSet\n\n<!-- [Code]({REPOSITORY}) [Paper]({PAPER}) -->\n") == set()


def test_datasets_are_no_documents() -> None:
    assert found(f"# GrainSet\n\nThe data is described at [the card]({HUB}/oven/bran-qa).\n") == set()
