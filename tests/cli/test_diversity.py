"""`lineage corpus diversity` as a person calls it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_platform.cli.failures import ExitCode
from tests.cli.conftest import HOSTILE, Lineage
from tests.conftest import REPOSITORY
from tests.corpus.published import corpus_folder

pytestmark = pytest.mark.usefixtures("rows_parsed_here")

COMMAND = ("corpus", "diversity", "--model", "static")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A diverse file, and one that says the same again and again."""
    words = ["apple", "river", "engine", "poem", "python", "theorem", "castle", "market", "violin", "galaxy"]
    paths = tmp_path / "diverse.jsonl", tmp_path / "same.jsonl"
    for path, texts in zip(paths, (words, ["apple"] * 5), strict=True):
        path.write_text("".join(json.dumps({"instruction": text, "output": "x"}) + "\n" for text in texts))
    return paths


def test_the_table_is_the_papers(lineage: Lineage, files: tuple[Path, Path]) -> None:
    answer = lineage(*COMMAND, *files, "--format", "human")
    assert answer.code == 0
    for column in ("dataset", "rows", "Vendi score", "centroid distance"):
        assert column in answer.out
    assert "1.00 ± 0.00" in answer.out
    assert "model: static: project's own, not comparable" in answer.out


def test_scripts_get_figures_intervals_model_and_share(lineage: Lineage, files: tuple[Path, Path]) -> None:
    found = lineage(*COMMAND, *files, "--json", "--max-rows", "5").json
    diverse, same = found["datasets"]
    assert found["model"].startswith("static")
    assert (diverse["rows"], diverse["sampled"], same["sampled"]) == (5, 0.5, 1)
    assert diverse["vendi_interval"][0] <= diverse["vendi"] <= diverse["vendi_interval"][1]
    assert same["vendi"] == pytest.approx(1)
    assert same["centroid_distance"] == pytest.approx(0, abs=1e-6)


def test_csv_has_a_row_for_each_dataset(lineage: Lineage, files: tuple[Path, Path]) -> None:
    rows = list(csv.DictReader(lineage(*COMMAND, *files, "--format", "csv").out.splitlines()))
    assert [row["dataset"] for row in rows] == [str(path) for path in files]
    assert float(rows[0]["vendi"]) > float(rows[1]["vendi"])


def test_the_table_is_drawn(lineage: Lineage, files: tuple[Path, Path], tmp_path: Path) -> None:
    for engine in ("streamed", "reference"):
        drawn = tmp_path / f"{engine}.svg"
        answer = lineage(*COMMAND, *files, "--plot", drawn, "--engine", engine, "--json")
        assert answer.code == 0
        assert str(drawn) in answer.err
        picture = drawn.read_text(encoding="utf-8")
        for text in ("Vendi score", "centroid distance", *(f"{row['vendi']:.2f}" for row in answer.json["datasets"])):
            assert f">{text}</text>" in picture


def test_a_picture_of_no_known_format_is_refused_before_anything_is_read(
    lineage: Lineage, files: tuple[Path, Path], tmp_path: Path
) -> None:
    answer = lineage(*COMMAND, *files, "--plot", tmp_path / "picture.doc")
    assert (answer.code, answer.out) == (ExitCode.USAGE, "")
    assert ".svg" in answer.err


def test_the_engines_agree(lineage: Lineage, files: tuple[Path, Path]) -> None:
    found = [
        lineage(*COMMAND, *files, "--json", "--engine", engine).json["datasets"] for engine in ("streamed", "reference")
    ]
    for one, other in zip(*found, strict=True):
        assert one["vendi"] == pytest.approx(other["vendi"], rel=1e-4)
    assert found[1][0]["vendi_interval"] is None


def test_one_bad_file_does_not_lose_the_others(lineage: Lineage, files: tuple[Path, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"instruction": "a", "output": "b"}\n{broken\n')
    answer = lineage(*COMMAND, files[0], bad, "--json")
    assert answer.code == ExitCode.SOME_FAILED
    assert [row["dataset"] for row in answer.json["datasets"]] == [str(files[0])]
    assert [row["dataset"] for row in answer.json["failed"]] == [str(bad)]
    assert "bad.jsonl" in answer.err
    alone = lineage(*COMMAND, bad)
    assert (alone.code, alone.out) == (ExitCode.FAILED, "")


def test_a_corpus_is_called_by_its_folder(lineage: Lineage, tmp_path: Path) -> None:
    found = lineage(*COMMAND, corpus_folder(tmp_path / "roots"), "--json").json
    assert [row["dataset"] for row in found["datasets"]] == ["roots"]


def test_an_unknown_dataset_is_told_with_the_way_to_it(lineage: Lineage) -> None:
    answer = lineage(*COMMAND, "acme/nothing", "--hub", "sample")
    assert answer.code == ExitCode.USAGE
    assert "lineage rows acme/nothing" in answer.err


def test_the_model_comes_from_the_settings(
    lineage: Lineage, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEAGE_EMBEDDING", "static")
    assert lineage("corpus", "diversity", files[0], "--json").json["model"].startswith("static")


def test_hostile_names_are_printed_harmlessly(lineage: Lineage, tmp_path: Path, files: tuple[Path, Path]) -> None:
    path = tmp_path / f"{HOSTILE.replace('/', '')}.jsonl"
    path.write_bytes(files[0].read_bytes())
    answer = lineage(*COMMAND, path, "--format", "human")
    assert answer.code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(answer.out + answer.err)


def test_quiet_means_data_alone(lineage: Lineage, files: tuple[Path, Path]) -> None:
    assert lineage(*COMMAND, files[0], "-q").err == ""


def test_it_imports_neither_dagster_nor_torch(files: tuple[Path, Path]) -> None:
    arguments = [*COMMAND, str(files[0]), "--hub", "sample"]
    code = (
        "import sys\nfrom lineage_platform.cli.main import cli\n"
        f"try: cli.main({arguments!r})\nexcept SystemExit as end: assert end.code == 0\n"
        "assert not {'dagster', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=REPOSITORY, check=True)
