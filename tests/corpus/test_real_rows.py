"""Real files as roots: the overlaps that are known of them stand in the removal tables."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from lineage_platform.corpus.accounting import Stage
from lineage_platform.corpus.building import STAGES, Build
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace
from tests.corpus.worlds import removed

FILES = {
    "openai/gsm8k": "gsm8k_train.jsonl.gz",
    "openai/gsm8k#test": "gsm8k_test.jsonl.gz",
    "gururise/AlpacaDataCleaned#gsm_8k": "adc_gsm_8k_train.json.gz",
    "agentica-org/DeepScaleR-Preview-Dataset#aime": "deepscaler_train_aime.json.gz",
    "agentica-org/DeepScaleR-Preview-Dataset#math": "deepscaler_train_math.json.gz",
    "hendrycks/math#test": "math_test.jsonl.gz",
}
RECIPE = """
name: real
roots:
  max: 0
  include: [openai/gsm8k, gururise/AlpacaDataCleaned, agentica-org/DeepScaleR-Preview-Dataset]
filters: {languages: off}
near_duplicates: off
benchmarks: {ids: ["openai/gsm8k#test", hendrycks/math], match: normalised}
"""


@pytest.fixture(scope="module")
def build(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """All stages over a hub folder made of the files."""
    root = tmp_path_factory.mktemp("real")
    for name, file in FILES.items():
        dataset_id, _, part = name.partition("#")
        folder = root / "hub" / "datasets" / dataset_id
        (folder / "data" / part).mkdir(parents=True, exist_ok=True)
        shutil.copy(real_data / "realdata" / file, folder / "data" / part / file)
        answer = {"id": dataset_id, "sha": "1" * 40, "createdAt": "2024-01-01T00:00:00.000Z", "tags": ["license:mit"]}
        (folder / "info.json").write_text(json.dumps(answer), encoding="utf-8")
    (root / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    workspace = Workspace.open(Settings(home=root / "home", hub=str(root / "hub"), agents="rules"))
    found = workspace.corpus_build(root / "recipe.yaml", workers=2)
    for stage in STAGES:
        found.run(stage)
    return found


def test_gsm8k_stands_whole_in_the_cleaned_alpaca_data(build: Build) -> None:
    gone = removed(build, Stage.EXACT_UNIQUE_ROWS).values()
    copies = [row for row in gone if row["dataset"] == "gururise/AlpacaDataCleaned"]
    assert len(copies) == 7473
    assert {row["kept_dataset"] for row in copies} == {"openai/gsm8k"}
    assert len({row["kept_row"] for row in copies}) == 7473


def test_deepscaler_shares_266_problems_between_its_parts(build: Build) -> None:
    gone = removed(build, Stage.EXACT_UNIQUE_ROWS).values()
    shared = [(row["part"], row["kept_part"]) for row in gone if row["dataset"].startswith("agentica-org/")]
    assert Counter(shared) == {("math", "aime"): 266}


def test_deepscaler_holds_18_problems_of_the_math_test_set(build: Build) -> None:
    leaked = removed(build, Stage.DECONTAMINATED_ROWS).values()
    exact = Counter((row["part"], row["benchmark"]) for row in leaked if row["reason"] == "benchmark_exact")
    assert exact == {("aime", "hendrycks/math"): 18}


def test_a_part_that_is_a_benchmark_is_no_root(build: Build) -> None:
    gsm8k = build.selected.roots[0]
    assert (gsm8k.dataset_id, [source.part for source in gsm8k.sources]) == ("openai/gsm8k", [""])
    assert gsm8k.licence == "mit"
