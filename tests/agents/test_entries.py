"""Lists and tables: whose entries are sources, and whose are not."""

from __future__ import annotations

import pytest

from tests.agents.cards import HUB, sources, statements

TABLE = """# GrainSet

## {heading}

{lead}

| {first} | {second} |
|---|---|
| BranQA | 120 |
| [RyeTalk](https://huggingface.co/datasets/oven/rye-talk) | 7,000 |
| oat-house/oats_2k | 33 |
| Math | 12 |
| **Total** | **7165** |
"""


def table(heading: str = "Data", lead: str = "", first: str = "Dataset", second: str = "Rows") -> set[str]:
    return sources(TABLE.format(heading=heading, lead=lead, first=first, second=second))


@pytest.mark.parametrize(
    ("heading", "first", "second"),
    [
        ("Data sources", "Dataset", "Rows"),
        ("Data composition", "Source", "Number of samples"),
        ("Dataset details", "Raw Dataset", "#"),
        ("Training data mixture", "Corpus", "Ratio"),
        ("Composition", "set", "licence"),
    ],
)
def test_a_table_of_composition_names_every_row_s_dataset(heading: str, first: str, second: str) -> None:
    assert table(heading, first=first, second=second) == {"BranQA", "RyeTalk", "oat-house/oats_2k"}


@pytest.mark.parametrize(
    ("heading", "first", "second"),
    [
        ("Evaluation", "Dataset", "Rows"),
        ("Results", "Dataset", "Accuracy"),
        ("Data sources", "Dataset", "GSM8K"),
        ("Data", "Model", "Rows"),
        ("Comparison", "Dataset", "Rows"),
        ("Data", "Column", "Meaning"),
    ],
)
def test_a_table_of_results_models_or_columns_names_no_source(heading: str, first: str, second: str) -> None:
    assert table(heading, first=first, second=second) == set()


def test_a_sentence_before_the_table_says_what_it_lists() -> None:
    assert "BranQA" in table("Overview", "The table names the sets that the rows were taken from:")
    assert table("Overview", "The table below compares ours with other sets:", second="Turns") == set()


def test_bare_names_need_more_than_a_table_with_amounts() -> None:
    assert table("GrainSet at a glance", first="Dataset", second="Rows") == {"RyeTalk", "oat-house/oats_2k"}


def test_a_column_s_name_may_say_where_things_were_taken_from() -> None:
    text = (
        "| slice | where it was cut from |\n|---|---|\n| one | [BranQA](https://huggingface.co/datasets/oven/bran) |\n"
    )
    assert sources(text) == {"BranQA"}


def test_a_table_in_html_is_read_like_one_in_markdown() -> None:
    text = (
        "## Data sources\n\n<table>\n<tr><th>Dataset</th><th>Rows</th></tr>\n"
        f'<tr><td><a href="{HUB}/oven/bran-qa">BranQA</a></td><td>12</td></tr>\n'
        "<tr>\n  <td>RyeTalk</td>\n  <td>40</td>\n</tr>\n</table>\n"
    )
    assert sources(text) == {"BranQA", "RyeTalk"}


LIST = f"""# GrainSet

## {{heading}}

{{lead}}

- [BranQA]({HUB}/oven/bran-qa): bread questions, cut down from BreadForum
- [RyeTalk](https://github.com/oven/rye-talk) - 7k chats
- OatCorpus-40k (only the English part)
- and 40 rows of our own
"""


def listed(heading: str, lead: str = "") -> set[str]:
    return sources(LIST.format(heading=heading, lead=lead))


@pytest.mark.parametrize(
    ("heading", "lead"),
    [
        ("Data sources", ""),
        ("Source datasets", ""),
        ("Where the rows come from", ""),
        ("Overview", "The rows were collected from the following sets:"),
        ("Dataset creation", "GrainSet is composed of the sets below:"),
        ("How it was made", "We put the stories together from three places:"),
    ],
)
def test_a_list_of_sources_names_every_entry(heading: str, lead: str) -> None:
    assert listed(heading, lead) == {"BranQA", "RyeTalk", "OatCorpus-40k"}


@pytest.mark.parametrize(
    ("heading", "lead"),
    [
        ("Benchmarks", ""),
        ("Models trained on GrainSet", ""),
        ("Related work", "Similar sets are:"),
        ("Acknowledgements", "Thanks to the authors of:"),
        ("Overview", "Other sets about bread:"),
        ("Overview", "Models were evaluated on the following sets:"),
        ("Downstream use", "Datasets built from this one:"),
    ],
)
def test_a_list_of_something_else_names_no_source(heading: str, lead: str) -> None:
    assert listed(heading, lead) == set()


def test_what_an_entry_says_of_itself_is_not_said_of_the_target() -> None:
    assert "BreadForum" not in listed("Data sources")


def test_labels_of_remarks_are_no_entries() -> None:
    text = "## Data sources\n\n- **Quality:** every row was read twice.\n- **Fresh Grain:** rows are from this year.\n"
    assert sources(text) == set()


def test_items_that_hang_under_an_entry_take_their_introduction_from_it() -> None:
    text = (
        "# GrainSet\n\n- The stories were sampled from these sets:\n  - BranQA\n  - RyeTalk-2\n"
        "- Reported elsewhere:\n  - HuskBench\n"
    )
    assert sources(text) == {"BranQA", "RyeTalk-2"}


def test_links_to_datasets_under_a_heading_of_sources_count_in_running_text() -> None:
    text = f"# GrainSet\n\n## Dataset sources\n\n### Bran\n\nsecond version - {HUB}/oven/bran-qa\n"
    assert sources(text) == {"oven/bran-qa"}


def test_the_makers_own_releases_are_not_each_other_s_sources() -> None:
    text = "## Datasets\n\n| Dataset | Rows |\n|---|---|\n" + "".join(
        f"| [{name}]({HUB}/mill-house/{name}) | 10 |\n" for name in ("GrainSet", "GrainSet-mini", "FlourSet")
    )
    assert sources(text) == set()


def test_a_row_s_link_is_kept_with_its_name() -> None:
    found = {s.mention: s.link for s in statements(LIST.format(heading="Data sources", lead=""))}
    assert found == {
        "BranQA": f"{HUB}/oven/bran-qa",
        "RyeTalk": "https://github.com/oven/rye-talk",
        "OatCorpus-40k": None,
    }
