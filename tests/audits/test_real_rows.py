"""Real files: a training split that stands whole in another set, and benchmark problems in a training set."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.audits.contamination import Match, Scanner
from lineage_platform.audits.overlaps import Shared
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.reading import read_triplets
from lineage_platform.samples.row_files import Source, local_source
from tests.audits.worlds import World

FILES = {
    "openai/gsm8k": "gsm8k_train.jsonl.gz",
    "gururise/AlpacaDataCleaned": "adc_gsm_8k_train.json.gz",
    "agentica-org/DeepScaleR#aime": "deepscaler_train_aime.json.gz",
    "agentica-org/DeepScaleR#math": "deepscaler_train_math.json.gz",
    "hendrycks/math": "math_test.jsonl.gz",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> World:
    folder = real_data / "realdata"
    made = World(tmp_path_factory.mktemp("real"), {})
    table = FieldsTable.read(folder / "FIELDS.tsv")
    for name, file in FILES.items():
        dataset_id, _, part = name.partition("#")
        files = local_source(folder / file).files
        rows = read_triplets(Source(dataset_id, files, part, "1"), table.of_file(folder / file))
        made.store.write(rows, "xxh3-128/1")
    return made


def test_queries_shared_are_those_counted_by_brute_force(world: World) -> None:
    sets = [world.rows(name) for name in FILES]
    shared = Shared.count(sets, world.shelf, world.engine)
    assert shared.between("openai/gsm8k", "gururise/AlpacaDataCleaned")[0] == 7473
    assert shared.share("openai/gsm8k", "gururise/AlpacaDataCleaned") == 1.0
    assert shared.between("agentica-org/DeepScaleR#aime", "agentica-org/DeepScaleR#math")[0] == 266
    assert shared.queries("agentica-org/DeepScaleR#aime") == 975


def test_test_problems_in_a_training_set_are_found_and_confirmed(world: World) -> None:
    train, benchmark = world.rows("agentica-org/DeepScaleR#aime"), world.rows("hendrycks/math")
    (pair,) = Scanner([benchmark], world.shelf, world.engine).scan(train, ["hendrycks/math"])
    assert (pair.count(Match.EXACT), pair.benchmark_queries) == (18, 5000)
    assert len(pair.leaks) >= 18
    assert all(
        leak.item_text == leak.row_text[: len(leak.item_text)] for leak in pair.leaks if leak.match is Match.EXACT
    )
