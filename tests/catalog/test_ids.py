"""Names of things: ids that the Hub could have, the datasets that URLs point to, ids for everything else."""

from __future__ import annotations

import string

import pytest
from huggingface_hub.utils import HFValidationError, validate_repo_id  # type: ignore[attr-defined]
from hypothesis import example, given
from hypothesis import strategies as st

from lineage_platform.catalog.ids import (
    arxiv_id,
    hub_dataset,
    name_id,
    normalise_name,
    off_hub_id,
    parse_arxiv_id,
    parse_dataset_id,
)
from lineage_platform.errors import InvalidDatasetId, UsageError

HUB = "https://huggingface.co/datasets"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("teknium/OpenHermes-2.5", "teknium/OpenHermes-2.5"),
        ("gsm8k", "gsm8k"),
        ("  openai/gsm8k\n", "openai/gsm8k"),
        ("datasets/openai/gsm8k", "openai/gsm8k"),
        (f"{HUB}/openai/gsm8k", "openai/gsm8k"),
        (f"{HUB}/openai/gsm8k/viewer/main/train", "openai/gsm8k"),
        ("_org_/a_b-c.d", "_org_/a_b-c.d"),
        ("a/" + "n" * 96, "a/" + "n" * 96),
    ],
)
def test_an_id_is_read_however_it_is_given(text: str, expected: str) -> None:
    assert parse_dataset_id(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "../../x",
        "../x",
        "a/..",
        "a/../b",
        "a/b/c",
        "/a/b",
        "a/",
        "a" * 300,
        "a/" + "n" * 97,
        "org/na me",
        "org/na\tme",
        "org/na\x00me",
        "org/na\nme",
        "org/naïve",
        "org/a--b",
        "org/a..b",
        "org/-a",
        "org/a-",
        "org/.a",
        "org/a.",
        "org/a.git",
        "org/a#part",
        "org\\a",
        "https://example.com/org/a",
        "https://huggingface.co/openai/gsm8k",
    ],
)
def test_what_cannot_be_an_id_is_refused_with_what_an_id_is(text: str) -> None:
    with pytest.raises(InvalidDatasetId, match="ORGANISATION/NAME") as caught:
        parse_dataset_id(text)
    assert isinstance(caught.value, UsageError)
    assert len(caught.value.message) < 400
    assert "\n" not in caught.value.message


ID_TEXT = st.text(alphabet=string.ascii_letters[:4] + "01-_./ éA\n", max_size=12)


@given(ID_TEXT)
@example("a_/_b")
@example("a-/b")
def test_whatever_is_accepted_satisfies_the_client_and_the_reverse(text: str) -> None:
    def accepted_by_client(candidate: str) -> bool:
        try:
            validate_repo_id(candidate)
        except HFValidationError:
            return False
        return candidate.isascii()

    try:
        assert accepted_by_client(parse_dataset_id(text))
    except InvalidDatasetId:
        assert not accepted_by_client(text.strip())


@given(st.text())
def test_no_text_breaks_the_parsers(text: str) -> None:
    try:
        parsed = parse_dataset_id(text)
        assert ".." not in parsed
        assert parsed.count("/") <= 1
    except InvalidDatasetId:
        pass
    hub_dataset(text)
    hub_dataset(f"{HUB}/{text}")
    arxiv_id(text)
    assert off_hub_id(text).split(":", 1)[0] in {"github", "arxiv", "url", "name"}
    assert off_hub_id(f"https://{text}")
    assert normalise_name(normalise_name(text)) == normalise_name(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{HUB}/openai/gsm8k", ("openai/gsm8k", None)),
        (f"{HUB}/openai/gsm8k/", ("openai/gsm8k", None)),
        (f"{HUB}/openai/gsm8k).", ("openai/gsm8k", None)),
        (f"{HUB}/gsm8k", ("gsm8k", None)),
        (f"{HUB}/gsm8k/viewer/main/test", ("gsm8k", "main/test")),
        ("http://hf.co/datasets/openai/gsm8k?row=3#x", ("openai/gsm8k", None)),
        ("huggingface.co/datasets/openai/gsm8k", ("openai/gsm8k", None)),
        ("https://www.huggingface.co/datasets/openai/gsm8k", ("openai/gsm8k", None)),
        ("https://hf-mirror.com/datasets/openai/gsm8k", ("openai/gsm8k", None)),
        ("https://HuggingFace.co:443/datasets/openai/gsm8k", ("openai/gsm8k", None)),
        ("hf://datasets/openai/gsm8k", ("openai/gsm8k", None)),
        ("https://huggingface.co/api/datasets/openai/gsm8k", ("openai/gsm8k", None)),
        (f"{HUB}/a/b/tree/main", ("a/b", None)),
        (f"{HUB}/a/b/tree/main/data/math", ("a/b", "data/math")),
        (f"{HUB}/a/b/tree/refs%2Fconvert%2Fparquet/socratic", ("a/b", "socratic")),
        (f"{HUB}/a/b/blob/main/README.md", ("a/b", None)),
        (f"{HUB}/a/b/blob/main/math.jsonl", ("a/b", "math.jsonl")),
        (f"{HUB}/a/b/resolve/main/math.jsonl?download=true", ("a/b", "math.jsonl")),
        (f"{HUB}/a/b/viewer/socratic", ("a/b", "socratic")),
        (f"{HUB}/a/b/viewer/default/train", ("a/b", "train")),
        (f"{HUB}/a/b/discussions/3", ("a/b", None)),
    ],
)
def test_a_hub_url_names_a_dataset_and_perhaps_a_part(url: str, expected: tuple[str, str | None]) -> None:
    assert hub_dataset(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://huggingface.co.evil.com/datasets/a/b",
        "https://evil.com/huggingface.co/datasets/a/b",
        "https://evilhuggingface.co/datasets/a/b",
        "https://huggingface.co@evil.com/datasets/a/b",
        "https://user:pw@huggingface.co/datasets/a/b",
        "https://huggingface.co\\@evil.com/datasets/a/b",
        "https://huggingface.co:8443/datasets/a/b",
        "ftp://huggingface.co/datasets/a/b",
        "file:///datasets/a/b",
        "https://huggingface.co/a/b",
        "https://huggingface.co/spaces/a/b",
        "https://huggingface.co/datasets",
        "https://huggingface.co/datasets?search=x",
        "https://huggingface.co/datasets/../../x",
        "https://huggingface.co/datasets/a/%2e%2e",
        "https://huggingface.co/datasets/a/b c",
        "http://[::1",
        "https://huggingface.co:port/datasets/a/b",
        "openai/gsm8k",
        "",
    ],
)
def test_no_other_url_passes_for_a_hub_dataset(url: str) -> None:
    assert hub_dataset(url) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/Tatsu-Lab/Stanford_Alpaca", "github:tatsu-lab/stanford_alpaca"),
        ("https://github.com/a/b.git", "github:a/b"),
        ("github.com/a/b/tree/main/data", "github:a/b"),
        ("https://raw.githubusercontent.com/a/b/main/README.md", "github:a/b"),
        ("https://github.com/topics/datasets", "url:github.com/topics/datasets"),
        ("https://arxiv.org/abs/2305.14233v3", "arxiv:2305.14233"),
        ("https://arxiv.org/pdf/2305.14233v3.pdf", "arxiv:2305.14233"),
        ("http://www.arxiv.org/abs/math/0309136v2", "arxiv:math/0309136"),
        ("https://ar5iv.labs.arxiv.org/html/2305.14233", "arxiv:2305.14233"),
        ("https://huggingface.co/papers/2305.14233", "arxiv:2305.14233"),
        ("https://doi.org/10.48550/arXiv.2305.14233", "arxiv:2305.14233"),
        ("https://doi.org/10.1000/xyz", "url:doi.org/10.1000/xyz"),
        ("https://www.Kaggle.com/Some/Data/?x=1#y", "url:kaggle.com/Some/Data"),
        ("https://github.com@evil.com/a/b", "url:evil.com/a/b"),
        ("https://github.com.evil.com/a/b", "url:github.com.evil.com/a/b"),
        ("Common Crawl", "name:common-crawl"),
        ("ftp://example.com/a", "name:ftp://example.com/a"),
    ],
)
def test_a_source_off_the_hub_gets_an_id_with_a_scheme(url: str, expected: str) -> None:
    assert off_hub_id(url) == expected


def test_a_name_is_its_own_id_in_lower_case() -> None:
    assert name_id("  Stack \u00a0Exchange\n") == name_id("stack exchange") == "name:stack-exchange"
    assert len(name_id("x" * 5000)) < 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2305.14233", "2305.14233"),
        ("arXiv:2305.14233v2", "2305.14233"),
        ("0704.0001", "0704.0001"),
        ("math/0309136", "math/0309136"),
        ("hep-th/9901001v3", "hep-th/9901001"),
        ("2305", None),
        ("2305.142339", None),
        ("not/a-paper", None),
    ],
)
def test_arxiv_ids_are_read_without_their_version(text: str, expected: str | None) -> None:
    assert parse_arxiv_id(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OpenHermes-2.5", "open hermes 2.5"),
        ("GSM8K", "gsm-8k"),
        ("Tülu 3", "tulu_3"),
        ("HumanEval+", "humaneval plus"),
        ("ＭＡＴＨ", "math"),
    ],
)
def test_spellings_of_one_name_compare_equal(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other)


@pytest.mark.parametrize(("one", "other"), [("v1.5", "v15"), ("MATH", "MATH-500"), ("HumanEval", "HumanEval+")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)
