"""The registry of informal names holds unambiguous names of real datasets, and nothing else."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from lineage_platform.catalog.aliases import registry
from lineage_platform.catalog.ids import normalise_name, off_hub_id, parse_dataset_id
from lineage_platform.catalog.tables import read_pairs

ROWS = Path(str(resources.files("lineage_platform.catalog"))) / "aliases.tsv"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GSM-8K", "openai/gsm8k"),
        ("the Stanford Alpaca".removeprefix("the "), "tatsu-lab/alpaca"),
        ("Code Alpaca", "sahil2801/CodeAlpaca-20k"),
        ("Dolly-15k", "databricks/databricks-dolly-15k"),
        ("Meta Math QA", "meta-math/MetaMathQA"),
        ("NuminaMath CoT", "AI-MO/NuminaMath-CoT"),
        ("WizardLM/WizardLM_evol_instruct_70k", "WizardLMTeam/WizardLM_evol_instruct_70k"),
    ],
)
def test_what_everyone_calls_a_dataset_leads_to_it(name: str, expected: str) -> None:
    assert registry()[normalise_name(name)] == expected


def test_a_repository_whose_dataset_is_on_the_hub_leads_to_it() -> None:
    assert registry()[off_hub_id("https://github.com/tatsu-lab/stanford_alpaca")] == "tatsu-lab/alpaca"


@pytest.mark.parametrize(
    "name", ["ShareGPT", "FLAN", "Wikipedia", "AIME", "Codeforces", "NuminaMath", "Evol-Instruct", "WebInstruct"]
)
def test_a_name_that_several_datasets_answer_to_is_not_registered(name: str) -> None:
    assert normalise_name(name) not in registry()


def test_each_name_stands_once_and_every_target_is_an_id_with_an_organisation() -> None:
    rows = list(read_pairs(ROWS))
    assert len(rows) == len(registry())
    assert all("/" in parse_dataset_id(target) for target in registry().values())
    github = [key for key in registry() if key.startswith("github:")]
    assert all(off_hub_id(f"https://github.com/{key.removeprefix('github:')}") == key for key in github)


def test_targets_are_spelled_as_published(real_data: Path) -> None:
    nodes = (real_data / "published-graph/nodes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    published = {line.split("\t")[0].lower(): line.split("\t")[0] for line in nodes}
    shared = {target for target in registry().values() if target.lower() in published}
    assert len(shared) > 40
    assert all(published[target.lower()] == target for target in shared)


def test_the_registry_cannot_be_changed_by_its_readers() -> None:
    with pytest.raises(TypeError):
        registry()["new"] = "a/b"  # type: ignore[index]
