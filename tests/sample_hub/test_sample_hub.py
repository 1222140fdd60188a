"""The embedded sample hub: its layout, and that its documents say what the expectations say they do."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from lineage_platform.catalog import open_hub
from lineage_platform.catalog.validation import validate
from lineage_platform.records import EdgeStatus, Outcome, Relation
from tests.sample_hub.sample_hub_rows import SAMPLE_HUB

HERE = Path(__file__).resolve().parent
DATASETS = SAMPLE_HUB / "datasets"
BROKEN_INFO = "sample-broken-org/truncated-info"


def table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


EDGES = table("expected_edges.tsv")
OUTCOMES = {row["dataset_id"]: set(row["outcomes"].split("|")) for row in table("expected_outcomes.tsv")}
NOT_SOURCES = table("not_sources.tsv")
IDS = sorted(str(path.relative_to(DATASETS)) for path in DATASETS.glob("*/*"))
ALIASES = dict(line.split("\t") for line in (SAMPLE_HUB / "aliases.tsv").read_text(encoding="utf-8").splitlines()[1:])


def info(dataset_id: str) -> dict[str, Any]:
    return dict(json.loads((DATASETS / dataset_id / "info.json").read_text(encoding="utf-8")))


def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def card(dataset_id: str) -> str:
    return text(DATASETS / dataset_id / "README.md")


# Layout --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset_id", [name for name in IDS if name != BROKEN_INFO])
def test_the_hub_describes_a_dataset_under_its_own_id(dataset_id: str) -> None:
    described = info(dataset_id)
    assert described["id"] == dataset_id
    assert re.fullmatch(r"[0-9a-f]{40}", described["sha"])
    assert datetime.fromisoformat(described["createdAt"]) <= datetime.fromisoformat(described["lastModified"])
    assert described["downloads"] >= 0
    assert described["likes"] >= 0


def test_exactly_one_description_is_broken() -> None:
    with pytest.raises(json.JSONDecodeError):
        info(BROKEN_INFO)


def test_no_two_datasets_share_a_revision() -> None:
    revisions = [info(dataset_id)["sha"] for dataset_id in IDS if dataset_id != BROKEN_INFO]
    assert len(set(revisions)) == len(revisions)


def test_an_old_name_leads_to_a_dataset_that_is_there() -> None:
    assert ALIASES
    for old, new in ALIASES.items():
        assert new in IDS
        assert old not in IDS


def test_some_card_cites_each_old_name() -> None:
    cards = "\n".join(card(name) for name in IDS if (DATASETS / name / "README.md").exists())
    assert [old for old in ALIASES if old not in cards] == []


def test_the_sample_is_small_and_says_what_it_is() -> None:
    assert sum(path.stat().st_size for path in SAMPLE_HUB.rglob("*") if path.is_file()) <= 3_000_000
    assert "Sample data: real names, invented rows" in text(SAMPLE_HUB / "README.md")


def test_every_invented_organisation_can_be_told_by_its_name() -> None:
    # Gated, broken, hostile and odd datasets are pinned on nobody who exists.
    odd = [name for name, outcomes in OUTCOMES.items() if outcomes & {"gated", "failed", "no_documentation"}]
    assert [name for name in odd if not name.startswith("sample-")] == ["hoanganhpham/openr1_hard"]


def held_documents() -> Iterator[tuple[Path, str]]:
    for path in SAMPLE_HUB.glob("github/*/*/README.md"):
        yield path, "github.com/" + "/".join(path.relative_to(SAMPLE_HUB / "github").parts[:2])
    for path in SAMPLE_HUB.glob("arxiv/*/metadata.json"):
        yield path, path.parent.name
    for path in SAMPLE_HUB.glob("web/**/*.html"):
        yield path, path.relative_to(SAMPLE_HUB / "web").with_suffix("").as_posix()


@pytest.mark.parametrize(("path", "address"), list(held_documents()), ids=lambda value: str(value)[-40:])
def test_a_document_of_the_sample_is_linked_from_a_card(path: Path, address: str) -> None:
    assert any(address in text(readme) for readme in DATASETS.glob("*/*/README.md"))


@pytest.mark.parametrize("path", sorted(SAMPLE_HUB.glob("arxiv/*/metadata.json")), ids=lambda path: path.parent.name)
def test_a_paper_has_the_id_of_its_folder_and_a_date_in_that_month(path: Path) -> None:
    metadata = json.loads(text(path))
    assert metadata["id"] == path.parent.name
    assert metadata["title"]
    assert metadata["published"].startswith(f"20{metadata['id'][:2]}-{metadata['id'][2:4]}-")
    assert (path.parent / "paper.txt").exists()


# Difficulties that the invented organisations bring ------------------------------------------------------------------


def test_the_difficult_cards_are_as_difficult_as_they_say() -> None:
    assert info("sample-gated-org/locked-traces")["gated"] == "manual"
    assert not (DATASETS / "sample-broken-org/no-card/README.md").exists()
    assert (DATASETS / "sample-broken-org/empty-card/README.md").read_bytes() == b""
    with pytest.raises(UnicodeDecodeError):
        (DATASETS / "sample-broken-org/latin1-card/README.md").read_bytes().decode("utf-8")
    for name in ("sample-broken-org/broken-yaml", "sample-hostile-org/yaml-tags"):
        with pytest.raises(yaml.YAMLError):
            yaml.safe_load(card(name).split("---")[1])
    assert card("sample-broken-org/html-readme").startswith("<!DOCTYPE html>")
    assert b"\x00" in (SAMPLE_HUB / "arxiv/2506.99001/paper.txt").read_bytes()
    assert "169.254.169.254" in card("sample-hostile-org/private-links")


def test_hidden_sources_are_really_hidden() -> None:
    hidden = card("sample-hostile-org/hidden-instructions")
    seen = re.sub(r"<!--.*?-->|<div style=\"display:none\">.*?</div>|^\[//\]: .*$", "", hidden, flags=re.S | re.M)
    seen = re.sub(r"[\u200b\U000e0000-\U000e007f]", "", seen)
    assert not re.search("derived|source|huggingface", seen, re.I)
    told = "".join(chr(ord(c) - 0xE0000) for c in hidden if 0xE0000 <= ord(c) <= 0xE007F)
    assert told == "Derived from openai/gsm8k and stingning/ultrachat."


# Expectations --------------------------------------------------------------------------------------------------------


def test_expectations_use_the_words_of_the_records() -> None:
    assert {status for row in EDGES for status in [row["status"]]} <= {status.value for status in EdgeStatus}
    assert {word for row in EDGES for word in row["relations"].split("|")} <= {word.value for word in Relation}
    assert set().union(*OUTCOMES.values()) == {outcome.value for outcome in Outcome}  # every outcome occurs


def test_every_dataset_has_an_expected_outcome_and_every_missing_one_is_somebodys_source() -> None:
    missing = {name for name, outcomes in OUTCOMES.items() if outcomes == {"not_found"}}
    assert OUTCOMES.keys() - missing == set(IDS)
    assert missing == {row["source"] for row in EDGES if ":" not in row["source"]} - set(IDS)


def test_an_edge_is_expected_once_and_never_from_a_dataset_to_itself() -> None:
    pairs = [(row["source"], row["target"]) for row in EDGES]
    assert len(set(pairs)) == len(pairs)
    assert all(source != target and target in IDS for source, target in pairs)


def test_what_has_accepted_sources_is_traced_and_nothing_else_is() -> None:
    traced = {name for name, outcomes in OUTCOMES.items() if outcomes == {"traced"}}
    assert traced == {row["target"] for row in EDGES if row["status"] == "accepted"}


def test_what_is_no_source_is_not_expected_to_be_one() -> None:
    assert not {(row["source"], row["target"]) for row in EDGES} & {(r["source"], r["target"]) for r in NOT_SOURCES}


def spellings(source: str) -> set[str]:
    """Ways in which a document may write a source: its id, an old id, its address, its name; as letters and digits."""
    ids = {source, *(old for old, new in ALIASES.items() if new == source)}
    bare = {dataset_id.split(":", 1)[-1] for dataset_id in ids}
    tails = {dataset_id.rsplit("/", 1)[-1] for dataset_id in ids if not dataset_id.startswith("url:")}
    return {_letters(name) for name in ids | tails | bare | INFORMAL.get(source, set())}


def _letters(words: str) -> str:
    return re.sub(r"[\W_]", "", words.lower())


INFORMAL = {
    "EleutherAI/hendrycks_math": {"MATH"},
    "deepmind/code_contests": {"CodeContests"},
    "microsoft/orca-math-word-problems-200k": {"Orca-Math"},
}


@pytest.mark.parametrize("row", EDGES, ids=lambda row: f"{row['source']}-{row['target']}")
def test_every_document_of_an_expected_edge_names_the_source(row: dict[str, str]) -> None:
    for name in row["documents"].split(","):
        letters = _letters(text(SAMPLE_HUB / name))
        assert any(spelling in letters for spelling in spellings(row["source"])), name


def released(dataset_id: str) -> str:
    """Month of a dataset's release: of its creation, or of its own paper if that is earlier."""
    described = info(dataset_id)
    created: str = described["createdAt"]
    papers = [tag.removeprefix("arxiv:") for tag in described["tags"] if tag.startswith("arxiv:")]
    return min([created[:7], *(f"20{paper[:2]}-{paper[2:4]}" for paper in papers)])


@pytest.mark.parametrize("row", EDGES, ids=lambda row: f"{row['source']}-{row['target']}")
def test_dates_contradict_an_edge_only_where_they_should(row: dict[str, str]) -> None:
    if row["source"] in IDS and BROKEN_INFO not in (row["source"], row["target"]):
        younger = released(row["source"]) > released(row["target"])
        assert younger == (row["status"] == "anachronistic")


def test_only_the_old_dataset_is_older_than_2020() -> None:
    old = {name for name in IDS if name != BROKEN_INFO and released(name) < "2020"}
    assert old == {name for name, outcomes in OUTCOMES.items() if outcomes == {"before_cutoff"}}


@pytest.mark.parametrize("dataset_id", sorted(OUTCOMES))
def test_validation_alone_gives_the_outcomes_that_need_no_reading(dataset_id: str) -> None:
    validation = validate(dataset_id, open_hub("sample"), cutoff_year=2020)
    early = OUTCOMES[dataset_id] & {"before_cutoff", "failed", "gated", "not_found"}
    assert ({validation.outcome.value} if validation.outcome else set()) == early
    if validation.info:
        assert validation.release
        assert validation.release.value[:7] == released(dataset_id)


# Published paths, source first, that a trace must be able to walk ----------------------------------------------------

PATHS = """
sahil2801/CodeAlpaca-20k HuggingFaceH4/CodeAlpaca_20K theblackcat102/evol-codealpaca-v1 \
ise-uiuc/Magicoder-Evol-Instruct-110K m-a-p/CodeFeedback-Filtered-Instruction
sahil2801/CodeAlpaca-20k nickrosh/Evol-Instruct-Code-80k-v1 m-a-p/CodeFeedback-Filtered-Instruction
open-r1/OpenR1-Math-220k RabotniKuma/Fast-Math-R1-SFT
open-r1/OpenR1-Math-220k qihoo360/Light-R1-SFTData RabotniKuma/Fast-Math-R1-SFT
codeparrot/apps nvidia/OpenCodeReasoning prithivMLmods/Open-Omega-Forge-1M
codeparrot/apps nvidia/Llama-Nemotron-Post-Training-Dataset nvidia/OpenMathReasoning prithivMLmods/Open-Omega-Forge-1M
AI-MO/NuminaMath-CoT open-r1/OpenR1-Math-220k qihoo360/Light-R1-SFTData
AI-MO/NuminaMath-CoT open-thoughts/OpenThoughts-114k qihoo360/Light-R1-SFTData
EleutherAI/hendrycks_math nvidia/OpenMathInstruct-2 qihoo360/Light-R1-SFTData
EleutherAI/hendrycks_math GAIR/LIMO qihoo360/Light-R1-SFTData
codeparrot/apps BAAI/TACO nvidia/OpenCodeReasoning
codeparrot/apps nvidia/OpenCodeReasoning
yizhongw/self_instruct tatsu-lab/alpaca hakurei/open-instruct-v1
yizhongw/self_instruct hakurei/open-instruct-v1
KbsdJames/Omni-MATH agentica-org/DeepScaleR-Preview-Dataset GAIR/LIMO qihoo360/Light-R1-SFTData \
RabotniKuma/Fast-Math-R1-SFT
KbsdJames/Omni-MATH agentica-org/DeepScaleR-Preview-Dataset LHL3341/Caco-1.3M
KbsdJames/Omni-MATH SynthLabsAI/Big-Math-RL-Verified LHL3341/Caco-1.3M
KbsdJames/Omni-MATH SynthLabsAI/Big-Math-RL-Verified a-m-team/AM-Thinking-v1-Distilled
KbsdJames/Omni-MATH Skywork/Skywork-OR1-RL-Data PrimeIntellect/SYNTHETIC-2-SFT-verified
KbsdJames/Omni-MATH agentica-org/DeepScaleR-Preview-Dataset Skywork/Skywork-OR1-RL-Data
KbsdJames/Omni-MATH qihoo360/Light-R1-SFTData
truthfulqa/truthful_qa openbmb/UltraFeedback
PrimeIntellect/LiveCodeBench-v5 agentica-org/DeepCoder-Preview-Dataset a-m-team/AM-Thinking-v1-Distilled
TIGER-Lab/TheoremQA garage-bAInd/Open-Platypus teknium/OpenHermes-2.5 TIGER-Lab/WebInstructSub \
zwhe99/DeepMath-103K QizhiPei/ScaleDiff-Math
TIGER-Lab/TheoremQA TIGER-Lab/MathInstruct open-thoughts/OpenThoughts2-1M alibaba-pai/OmniThought \
alibaba-pai/OmniThought-0528
TIGER-Lab/WebInstructSub TIGER-Lab/WebInstruct-CFT
zwhe99/DeepMath-103K alibaba-pai/OmniThought
xw27/scibench garage-bAInd/Open-Platypus teknium/OpenHermes-2.5 a-m-team/AM-Thinking-v1-Distilled
"""


@pytest.mark.parametrize("path", PATHS.strip().splitlines())
def test_a_published_path_stands_in_the_sample(path: str) -> None:
    accepted = {(row["source"], row["target"]) for row in EDGES if row["status"] == "accepted"}
    nodes = path.split()
    assert [step for step in pairwise(nodes) if step not in accepted] == []
