"""The rows of the sample hub: made anew without a difference, and with exactly the overlaps that were planted."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.sample_hub import brute_force
from tests.sample_hub.sample_hub_plan import sample_rows
from tests.sample_hub.sample_hub_rows import FILES, SAMPLE_HUB, encode, path_of, read, write

EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "expected_rows.json").read_text(encoding="utf-8"))


ROWS = sample_rows()


def test_making_the_rows_twice_gives_the_same_rows() -> None:
    assert sample_rows() == ROWS


@pytest.mark.parametrize("key", sorted(FILES))
def test_a_row_file_holds_exactly_the_generated_rows(key: str) -> None:
    path, shape = path_of(key), FILES[key][1]
    shaped = [shape(row) for row in ROWS[key]]
    assert read(path) == shaped
    if path.suffix in (".json", ".jsonl"):  # compressed files may differ by the library that wrote them
        assert path.read_bytes() == encode(path, shaped)


def test_writing_into_an_empty_folder_gives_the_embedded_files_and_a_second_time_nothing(tmp_path: Path) -> None:
    made = {path.relative_to(tmp_path) for path in write(tmp_path)}
    assert made == {path_of(key).relative_to(SAMPLE_HUB) for key in FILES}
    assert write(tmp_path) == []


def test_no_row_file_is_there_that_nobody_makes() -> None:
    lying = {path for path in SAMPLE_HUB.glob("datasets/*/*/data/**/*") if path.is_file()}
    assert lying == {path_of(key) for key in FILES}


def test_rows_come_in_every_format_and_in_parts() -> None:
    assert {path_of(key).suffix for key in FILES} == {".json", ".jsonl", ".gz", ".parquet"}
    assert sum("#" in key for key in FILES) >= 3
    for key in FILES:
        assert ("#" in key) == (len(Path(FILES[key][0]).parts) == 2)


def test_a_dataset_has_from_20_to_400_rows() -> None:
    assert [name for name, rows in brute_force.triplets().items() if not 20 <= len(rows) <= 400] == []


def test_every_shape_yields_the_generated_triplets() -> None:
    planned: dict[str, list[brute_force.Triplet]] = {}
    for key in sorted(FILES, key=path_of):
        rows = [(row.instruction.strip(), row.input, row.output.strip()) for row in ROWS[key]]
        planned.setdefault(key.split("#")[0], []).extend(rows)
    planned["sample-org/chat-digest"] = [
        (question, "You are a cook.", answer) for question, _, answer in planned["sample-org/chat-digest"]
    ]
    assert brute_force.triplets() == planned


@pytest.mark.parametrize("figure", sorted(EXPECTED))
def test_counting_by_brute_force_gives_the_planted_figures(figure: str) -> None:
    assert json.loads(json.dumps(brute_force.figures()[figure])) == EXPECTED[figure]


def planted(benchmark: str, train: str) -> tuple[int, int, int]:
    (found,) = (f for f in EXPECTED["contamination"] if (f["benchmark"], f["train"]) == (benchmark, train))
    return found["matched"], found["matched_normalised"], found["matched_near"]


def test_the_plan_is_what_was_meant() -> None:
    # To the letter, once normalised, inside a longer prompt: each way of leaking occurs.
    assert planted("KbsdJames/Omni-MATH", "Skywork/Skywork-OR1-RL-Data") == (90, 90, 90)
    assert planted("KbsdJames/Omni-MATH", "agentica-org/DeepScaleR-Preview-Dataset") == (60, 70, 70)
    assert planted("KbsdJames/Omni-MATH", "SynthLabsAI/Big-Math-RL-Verified") == (45, 45, 52)
    assert planted("KbsdJames/Omni-MATH", "PrimeIntellect/SYNTHETIC-2-SFT-verified") == (25, 25, 30)
    assert planted("KbsdJames/Omni-MATH", "LHL3341/Caco-1.3M") == (40, 40, 45)
    assert planted("TIGER-Lab/TheoremQA", "TIGER-Lab/WebInstruct-CFT") == (0, 0, 5)
    assert planted("PrimeIntellect/LiveCodeBench-v5", "agentica-org/DeepCoder-Preview-Dataset") == (32, 32, 32)
    assert planted("truthfulqa/truthful_qa", "openbmb/UltraFeedback") == (59, 59, 59)


@pytest.mark.parametrize(
    ("dataset", "at", "rows", "duplicated"),
    [
        ("RabotniKuma/Fast-Math-R1-SFT", "open-r1/OpenR1-Math-220k", 80 + 25, 2 * 25),
        ("hakurei/open-instruct-v1", "yizhongw/self_instruct", 100 + 100, 2 * 100),
        ("m-a-p/CodeFeedback-Filtered-Instruction", "sahil2801/CodeAlpaca-20k", 10 + 15, 2 * 10),
        ("nvidia/OpenCodeReasoning", "codeparrot/apps", 20 + 20, 2 * 20),
        ("qihoo360/Light-R1-SFTData", "AI-MO/NuminaMath-CoT", 10 + 10, 2 * 10),
        ("qihoo360/Light-R1-SFTData", "EleutherAI/hendrycks_math", 6 + 6, 2 * 6),
        ("prithivMLmods/Open-Omega-Forge-1M", "codeparrot/apps", 20 + 15, 2 * 15),
    ],
)
def test_each_published_intersection_is_planted(dataset: str, at: str, rows: int, duplicated: int) -> None:
    assert {"dataset": dataset, "at": at, "rows": rows, "duplicated_rows": duplicated} in EXPECTED["intersections"]


def test_theoremqa_has_one_question_twice() -> None:
    (found,) = (entry for entry in EXPECTED["redundancy"] if entry["dataset"] == "TIGER-Lab/TheoremQA")
    assert (found["rows"], found["distinct_triplets"], found["distinct_queries"]) == (80, 80, 79)


def test_an_overlap_nobody_documents_and_an_inclusion_that_did_not_happen_are_planted() -> None:
    overlap = {"a": "microsoft/orca-math-word-problems-200k", "b": "sample-org/geometry-drills", "shared_queries": 40}
    assert overlap in EXPECTED["unrelated_overlaps"]
    assert EXPECTED["doubted_edges"] == [{"source": "stingning/ultrachat", "target": "sample-org/chat-digest"}]


def test_leaked_items_lie_only_downstream_of_their_benchmark() -> None:
    for leak in EXPECTED["contamination"]:
        assert leak["benchmark"] in brute_force.ancestors(leak["train"])


def test_questions_resemble_each_other_only_where_one_was_made_from_the_other() -> None:
    # Word 8-grams at Jaccard 0.7, the deduplication's own measure: wrapped questions resemble theirs, no others do.
    grams: dict[tuple[str, ...], list[str]] = {}
    texts = {query for name in brute_force.triplets() for query in brute_force.normalised(name)}
    shingles = {text: _eight_grams(text) for text in texts}
    for text in sorted(texts):
        for gram in shingles[text]:
            grams.setdefault(gram, []).append(text)
    alike = {pair for holders in grams.values() for pair in combinations(holders, 2)}
    for one, other in sorted(alike):
        jaccard = len(shingles[one] & shingles[other]) / len(shingles[one] | shingles[other])
        assert jaccard < 0.7 or one in other or other in one


def _eight_grams(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[start : start + 8]) for start in range(max(1, len(words) - 7))}
