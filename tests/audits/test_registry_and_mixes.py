"""Files a person writes: more benchmarks, and the plan of a mix."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.audits.benchmarks import Benchmark, read_benchmarks
from lineage_platform.audits.mixes import Member, read_mix
from lineage_platform.errors import UsageError

NAMES = (
    *("Omni-MATH", "TheoremQA", "LiveCodeBench", "TruthfulQA", "SciBench", "GSM8K", "MATH", "MATH-500", "AIME 2024"),
    *("GPQA", "MMLU-Pro", "HumanEval", "MBPP", "OlympiadBench"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_is_found_by_its_name_and_by_its_id(name: str) -> None:
    registry = read_benchmarks()
    found = registry.find(name.lower())
    assert found
    assert registry.find(found[0].id) == registry.find(found[0].dataset_id) == found


def test_every_benchmark_has_a_date_and_a_note() -> None:
    for each in read_benchmarks().all:
        assert each.released[:2] == "20", each
        assert each.note, each


def test_a_part_may_stand_for_many() -> None:
    (math,) = read_benchmarks().find("MATH")
    assert math.holds("algebra/test")
    assert not math.holds("algebra/train")
    assert Benchmark("a/b").holds("anything")


@pytest.mark.parametrize(
    ("pattern", "part", "held"),
    [
        ("main/test", "main/test", True),
        ("main/test", "test", True),  # of a dataset with one config the part's name leaves it out
        ("main/test", "socratic/test", False),
        ("main/test", "main", False),  # which split it is, nothing says
        ("main/test", "", False),
        ("*/test", "test", True),
        ("*/test", "train", False),
    ],
)
def test_a_part_is_told_by_config_and_split_where_a_level_with_one_value_is_left_out(
    pattern: str, part: str, held: bool
) -> None:
    assert Benchmark("a/b", pattern).holds(part) is held


def test_the_columns_of_a_benchmark_are_those_of_its_parts_alone() -> None:
    registry = read_benchmarks()
    found = registry.fields("OpenAI/GSM8K", "main/test")
    assert found
    assert (found.instruction, found.output) == ("question", "answer")
    assert registry.fields("openai/gsm8k", "main/train") is None
    assert registry.fields("PrimeIntellect/LiveCodeBench-v5", "") is None
    assert registry.fields("acme/none", "") is None


def test_an_id_that_nobody_listed_is_a_benchmark_of_its_own() -> None:
    assert read_benchmarks().find("acme/exam#hard")[0].id == "acme/exam#hard"
    with pytest.raises(UsageError, match="no benchmark"):
        read_benchmarks().find("no such thing")


def test_a_file_of_ones_own_adds_benchmarks_and_replaces_lines(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("acme/exam\t\tExam\tq\t\ta\t2026-01\tours\nTIGER-Lab/TheoremQA\t\tTheoremQA\t\t\t\t2030-01\tmine\n")
    registry = read_benchmarks(own)
    assert len(registry.all) == len(read_benchmarks().all) + 1
    assert registry.find("exam")[0].instruction == "q"
    assert registry.find("TheoremQA")[0].released == "2030-01"


@pytest.mark.parametrize("text", ["not an id\n", "a/b" + "\tx" * 9 + "\n"])
def test_a_line_that_is_no_benchmark_is_named(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.tsv"
    own.write_text(f"# mine\n{text}")
    with pytest.raises(UsageError, match="line 2"):
        read_benchmarks(own)


def test_a_missing_file_of_benchmarks_is_said() -> None:
    with pytest.raises(UsageError, match="no file of benchmarks"):
        read_benchmarks(Path("/nowhere/own.tsv"))


def plan(folder: Path, text: str) -> Path:
    (folder / "rows.jsonl").write_text("{}\n")
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "[org/a, rows.jsonl]",
        "members: [{id: org/a}, {file: rows.jsonl, weight: 1}]",
        "name: plan\ndatasets:\n- dataset: org/a\n  weight: 1.0\n- path: ./rows.jsonl\n",
    ],
)
def test_a_mix_names_ids_and_files(tmp_path: Path, text: str) -> None:
    mix = read_mix(plan(tmp_path, text))
    assert mix.name == "plan"
    assert mix.members[0] == Member("org/a")
    assert mix.members[1].path == tmp_path / "rows.jsonl"


def test_weights_and_parts_are_kept(tmp_path: Path) -> None:
    mix = read_mix(plan(tmp_path, "members: {org/a: 2, 'org/b#part': 0.5}"))
    assert mix.members == (Member("org/a", 2.0), Member("org/b#part", 0.5))
    assert mix.members[1].dataset_id == "org/b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lists no members"),
        ("members: []", "lists no members"),
        ("{name: x}", "lists no members"),
        ("[org/a, org/a]", "twice"),
        ("[{weight: 1}]", "member 1 names neither"),
        ("[7]", "member 1 is neither"),
        ("[{id: org/a, weight: 0}]", "weight 0"),
        ("[{id: org/a, weight: .nan}]", "weight nan"),
        ("[{id: org/a, weight: yes}]", "weight True"),
        ("[{file: gone.jsonl}]", "no file"),
        ("[{id: 'not an id'}]", "member 1"),
        ("[!!python/object/apply:os.system ['true']]", "YAML"),
        ("[" * 300, "YAML"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_mix(plan(tmp_path, text))


def test_a_plan_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\xd8")
    for path in (tmp_path / "none.yaml", tmp_path / "bytes.yaml"):
        with pytest.raises(UsageError, match="cannot be read"):
            read_mix(path)
