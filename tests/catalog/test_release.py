"""Release dates: the dataset's own paper counts, a cited one never; and dates compare only where they are certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.catalog.bibtex import MAX_ENTRIES, entries
from lineage_platform.catalog.papers import arxiv_month, own_papers
from lineage_platform.catalog.release import effective_release, is_younger, released_before
from lineage_platform.records import DatasetInfo, ReleaseDate


def info(dataset_id: str = "open-lab/MadeUp-1K", *arxiv: str, created: str | None = None) -> DatasetInfo:
    return DatasetInfo(id=dataset_id, created_at=created, tags=tuple(f"arxiv:{paper}" for paper in arxiv))


def papers(card: str, dataset_id: str = "open-lab/MadeUp-1K", *tags: str) -> dict[str, str]:
    return {paper.source: paper.date for paper in own_papers(info(dataset_id, *tags), card)}


@pytest.mark.parametrize(
    ("paper", "month"),
    [
        ("2305.14233", "2023-05"),
        ("0704.0001", "2007-04"),
        ("math/0309136", "2003-09"),
        ("hep-th/9901001", "1999-01"),
        ("2399.00001", None),
        ("2300.00001", None),
    ],
)
def test_an_arxiv_id_tells_its_month(paper: str, month: str | None) -> None:
    assert arxiv_month(paper) == month


def test_a_single_tag_is_the_datasets_own_paper() -> None:
    assert papers("# MadeUp", "open-lab/MadeUp-1K", "2305.14233v2") == {"arxiv:2305.14233": "2023-05"}
    assert papers("See https://arxiv.org/abs/2305.14233", "open-lab/MadeUp-1K", "2305.14233")


@pytest.mark.parametrize(
    "line",
    [
        "The questions were generated following [WizardLM](https://arxiv.org/abs/2304.12244).",
        "We evaluate on GSM8K (https://arxiv.org/abs/2304.12244).",
        "An implementation of https://arxiv.org/pdf/2304.12244.pdf for code.",
        "Trained models use the method proposed in arXiv:2304.12244.",
        "## References\n\n- https://arxiv.org/abs/2304.12244",
        "## Evaluation results\n\n| [MT-Bench](https://arxiv.org/abs/2304.12244) | 7.1 |",
    ],
)
def test_a_single_tag_that_the_card_cites_as_others_work_is_not_its_own(line: str) -> None:
    assert papers(line, "open-lab/MadeUp-1K", "2304.12244") == {}


@pytest.mark.parametrize(
    "line",
    [
        "- **Paper:** https://arxiv.org/abs/2304.12244",
        "Details are in [our paper](https://arxiv.org/abs/2304.12244), which uses other data, too.",
        "This dataset was introduced in [Some Title](https://arxiv.org/abs/2304.12244) and evaluated there.",
        "[MadeUp: Data from nothing](https://arxiv.org/abs/2304.12244) compares models.",
    ],
)
def test_words_that_claim_a_paper_win_over_words_that_cite(line: str) -> None:
    assert papers(line, "open-lab/MadeUp-1K", "2304.12244") == {"arxiv:2304.12244": "2023-04"}
    two_tags = papers(line, "open-lab/MadeUp-1K", "2304.12244", "2101.00001")
    assert two_tags == {"arxiv:2304.12244": "2023-04"}


def test_of_several_tags_only_those_that_the_card_binds_to_the_dataset_count() -> None:
    card = """
We start from [GSM8K](https://arxiv.org/abs/2110.14168) and [MATH](https://arxiv.org/abs/2103.03874).

```bibtex
@article{someone2024madeup,
  title={{MadeUp}: A Dataset From Nothing},
  author={One, Some and {Two}, Any},
  journal={arXiv preprint arXiv:2402.00001},
  year={2024}
}
@article{cobbe2021training,
  title={Training Verifiers to Solve Math Word Problems},
  eprint={2110.14168}, archivePrefix={arXiv}, year={2021}
}
```
"""
    tags = ("2110.14168", "2103.03874", "2402.00001")
    assert papers(card, "open-lab/MadeUp-1K", *tags) == {"arxiv:2402.00001": "2024-02"}
    assert papers("No word about them.", "open-lab/MadeUp-1K", *tags) == {}


@pytest.mark.parametrize(
    ("dataset_id", "entry"),
    [
        ("open-thoughts/OpenThoughts3-1.2M", "@misc{x, title={OpenThoughts: Data Recipes}, eprint={2506.04178}}"),
        ("allenai/tulu-3-sft-mixture", '@misc{x, title="T\u00fclu 3: Pushing Frontiers", eprint="2506.04178"}'),
        ("GAIR/LIMO-v2", "@misc{x, title={{LIMO}: Less is More}, url={https://arxiv.org/abs/2506.04178}}"),
        ("openai/gsm8k", "@misc{cobbe2021gsm8k, title={Training Verifiers}, eprint={2506.04178}}"),
        ("a/MegaScience", "@misc{x, title = {Pushing with the MegaScience Collection}, eprint = {2506.04178}}"),
    ],
)
def test_an_entry_whose_title_or_key_names_the_dataset_is_its_own(dataset_id: str, entry: str) -> None:
    assert papers(entry, dataset_id) == {"arxiv:2506.04178": "2025-06"}


@pytest.mark.parametrize(
    ("dataset_id", "entry"),
    [
        ("vicgalle/alpaca-gpt4", "@misc{alpaca, title={Alpaca: A Strong Model}, year={2019}}"),
        ("yahma/alpaca-cleaned", "@misc{alpaca, title={Stanford Alpaca}, year={2019}}"),
        ("camel-ai/math", "@misc{x, title={Measuring math problem solving}, eprint={1906.04178}}"),
        ("a/b", "@misc{ab, title={AB: Tests}, eprint={1906.04178}}"),
        ("HuggingFaceH4/MATH-500", "@misc{x, title={Measuring with the MATH Dataset}, eprint={1906.04178}}"),
    ],
)
def test_an_entry_that_names_a_source_or_a_word_is_cited_only(dataset_id: str, entry: str) -> None:
    assert papers(entry, dataset_id) == {}


def test_an_entry_without_arxiv_id_gives_its_year_and_month_if_it_has_one() -> None:
    assert papers("@misc{k, title={MadeUp}, year={2021}}") == {"bibtex:k": "2021"}
    assert papers("@misc{k, title={MadeUp}, year=2021, month=jun}") == {"bibtex:k": "2021-06"}
    assert papers('@misc{k, title={MadeUp}, year="2021", month={11}}') == {"bibtex:k": "2021-11"}
    assert papers("@misc{k, title={MadeUp}, year={soon}}") == {}


def test_bibtex_is_read_as_people_write_it() -> None:
    text = '@Misc { a key ,\n title = {One {Two}\n three} , YEAR = 2020,\n note = "a, {b} c" }\n'
    text += "@string{x = {y}}\n@article{open, title={never closed"
    first, second = entries(text)
    assert first.key == "a key"
    assert first.fields == {"title": "One Two three", "year": "2020", "note": "a, b c"}
    assert text[first.start : first.end].endswith("}")
    assert (second.key, second.fields["title"]) == ("open", "never closed")


@pytest.mark.parametrize(
    "text",
    [
        "@a{" * 50_000,
        "@misc{k, " + "a={" * 50_000,
        "@misc{k," * 20_000,
        "arxiv.org/abs/2305.14233 " * 20_000,
        "[" * 200_000,
    ],
    ids=["openings", "nested", "entries", "links", "brackets"],
)
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    assert len(list(entries(text))) <= MAX_ENTRIES
    own_papers(info("open-lab/MadeUp-1K", "2305.14233"), text)


@given(st.text(alphabet='@misc{}k,="\\ \n#[]()arxiv:2305.14233/tlepo', max_size=200))
def test_no_card_breaks_the_reading_of_papers(card: str) -> None:
    own_papers(info("open-lab/MadeUp-1K", "2305.14233"), card)


def test_the_earlier_of_hub_and_paper_is_effective_and_each_keeps_its_origin() -> None:
    release, dates = effective_release(info("a/MadeUp", "2101.00001", created="2023-04-05T00:00:00.000Z"), "")
    assert release == ReleaseDate(value="2021-01", origin="paper:arxiv:2101.00001")
    assert [(date.value, date.origin) for date in dates] == [
        ("2023-04-05", "hub"),
        ("2021-01", "paper:arxiv:2101.00001"),
    ]
    release, _ = effective_release(info("a/MadeUp", "2309.00001", created="2023-04-05T00:00:00.000Z"), "")
    assert release == ReleaseDate(value="2023-04-05", origin="hub")


def test_in_the_same_month_the_more_precise_date_is_kept() -> None:
    release, _ = effective_release(info("a/MadeUp", "2304.00001", created="2023-04-05T00:00:00.000Z"), "")
    assert release == ReleaseDate(value="2023-04-05", origin="hub")


def test_a_year_counts_as_earlier_only_when_it_is() -> None:
    entry = "@misc{k, title={MadeUp}, year={2023}}"
    release, _ = effective_release(info("a/MadeUp", created="2023-04-05T00:00:00.000Z"), entry)
    assert release == ReleaseDate(value="2023-04-05", origin="hub")
    release, _ = effective_release(info("a/MadeUp", created="2024-04-05T00:00:00.000Z"), entry)
    assert release == ReleaseDate(value="2023", origin="paper:bibtex:k")


def test_the_first_day_of_the_hub_has_its_own_origin_and_gives_way_to_an_older_paper() -> None:
    first_day = "2022-03-02T23:29:22.000Z"
    release, _ = effective_release(info("a/MadeUp", created=first_day), "")
    assert release == ReleaseDate(value="2022-03-02", origin="hub_epoch")
    release, _ = effective_release(info("a/MadeUp", "1705.04146", created=first_day), "")
    assert release == ReleaseDate(value="2017-05", origin="paper:arxiv:1705.04146")


@pytest.mark.parametrize("created", [None, "", "long ago", "2023-99-01T00:00:00Z"])
def test_without_any_date_nothing_is_known(created: str | None) -> None:
    assert effective_release(info("a/MadeUp", created=created), "") == (None, ())


def date(value: str, origin: str = "hub") -> ReleaseDate:
    return ReleaseDate(value=value, origin=origin)


@pytest.mark.parametrize(
    ("source", "target", "younger"),
    [
        (date("2024-02-01"), date("2024-01-31"), True),
        (date("2024-01-31"), date("2024-01-01"), False),
        (date("2024-01"), date("2024-01-01"), False),
        (date("2024-01"), date("2024-02"), False),
        (date("2025"), date("2024-12-31"), True),
        (date("2024"), date("2024-01-01"), False),
        (date("2024-06"), date("2024"), False),
        (date("2025-01"), date("2024"), True),
        (None, date("2020"), False),
        (date("2024-01"), None, False),
        (date("2022-03-02", "hub_epoch"), date("2021-01"), False),
        (date("2023-01"), date("2022-03-02", "hub_epoch"), True),
    ],
)
def test_a_source_is_younger_only_in_a_certainly_later_month(
    source: ReleaseDate | None, target: ReleaseDate | None, younger: bool
) -> None:
    assert is_younger(source, target) is younger


DATES = st.builds(
    lambda year, month, day, precision: date(f"{year}-{month:02d}-{day:02d}"[: (4, 7, 10)[precision]]),
    st.integers(1990, 2030),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 2),
)


@given(DATES, DATES, DATES)
def test_being_younger_is_a_strict_order(a: ReleaseDate, b: ReleaseDate, c: ReleaseDate) -> None:
    assert not is_younger(a, a)
    assert not (is_younger(a, b) and is_younger(b, a))
    if is_younger(a, b) and is_younger(b, c):
        assert is_younger(a, c)


@pytest.mark.parametrize(
    ("release", "before"),
    [
        (date("2019-12-31"), True),
        (date("2019"), True),
        (date("2020-01"), False),
        (date("2020"), False),
        (date("2022-03-02", "hub_epoch"), False),
        (None, False),
    ],
)
def test_the_cutoff_takes_certain_dates_only(release: ReleaseDate | None, before: bool) -> None:
    assert released_before(release, 2020) is before
