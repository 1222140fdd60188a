"""`redundancy`, `contamination`, `findings`, `matrix` and `audit`, as a person or a script calls them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from lineage_platform.catalog import open_hub
from lineage_platform.files import Home
from lineage_platform.graph.build import build_graph
from lineage_platform.measurements import Contamination, MeasurementStore
from lineage_platform.records import Outcome
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace
from tests.cli.conftest import HOSTILE, Lineage
from tests.graph.builders import traced, witness

QUESTIONS = [f"What remains of the {n} apples when {n % 7} of them were eaten by somebody?" for n in range(40, 60)]
ROWS = {
    "acme/exam": QUESTIONS[:10],
    "acme/root": QUESTIONS[10:18],
    "acme/left": [*QUESTIONS[10:14], QUESTIONS[0]],
    "acme/mix": [*QUESTIONS[10:14], *QUESTIONS[12:16], QUESTIONS[0], f"Think hard. {QUESTIONS[1]} {HOSTILE}"],
    "acme/stranger": [*QUESTIONS[14:18], "A question of its own, which nobody else has asked so far?"],
}
EDGES = {"acme/left": ("acme/exam", "acme/root"), "acme/mix": ("acme/left", "acme/root")}


def write_rows(path: Path, questions: Sequence[str]) -> None:
    lines = (json.dumps({"question": question, "answer": "some"}) + "\n" for question in questions)
    path.write_text("".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub folder, and a home where it was traced and its rows were read.

    An exam went into left, left and root into mix; a stranger holds rows of root.
    """
    root = tmp_path_factory.mktemp("world")
    for dataset_id, questions in ROWS.items():
        place = root / "hub" / "datasets" / dataset_id
        (place / "data").mkdir(parents=True)
        (place / "info.json").write_text(
            json.dumps({"id": dataset_id, "sha": "1", "createdAt": "2024-01-01T00:00:00Z"})
        )
        write_rows(place / "data" / "train.jsonl", questions)
    locked = root / "hub" / "datasets" / "acme" / "locked"
    locked.mkdir()
    (locked / "info.json").write_text(
        json.dumps({"id": "acme/locked", "sha": "1", "createdAt": "2024-01-01T00:00:00Z", "gated": "auto"})
    )
    (root / "benchmarks.tsv").write_text(
        "acme/exam\t\tThe Exam\t\t\t\t2024-02\tten questions\nacme/locked\t\tThe Lock\t\t\t\t2024-02\tgated\n"
    )
    workspace = Workspace.open(Settings(home=root / "home", hub=str(root / "hub"), agents="rules"))
    for dataset_id in ROWS:
        sources = [witness(source) for source in EDGES.get(dataset_id, ())]
        traced(workspace.records, dataset_id, sources, outcome=Outcome.TRACED, month="2024-01")
        list(workspace.shard_builder().build(dataset_id))
    traced(workspace.records, "acme/locked", outcome=Outcome.GATED, month="2024-01")
    build_graph(workspace.records, workspace.home.graph, hub_name=workspace.hub.name, hub_label="")
    return root


@pytest.fixture
def hub(world: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub folder; the home is a copy."""
    shutil.copytree(world / "home", home)
    monkeypatch.setenv("LINEAGE_HUB", str(world / "hub"))
    monkeypatch.setenv("LINEAGE_BENCHMARKS", str(world / "benchmarks.tsv"))
    return world / "hub"


@pytest.fixture
def unread(hub: Path, home: Path) -> Path:
    """The hub folder, of which no rows have been read yet."""
    shutil.rmtree(Home(home).hub_folder(open_hub(str(hub)).name) / "shards")
    return hub


def test_redundancy_is_told_with_the_sources_that_came_twice(hub: Path, lineage: Lineage) -> None:
    answer = lineage("redundancy", "acme/mix", "--json")
    assert answer.code == 0
    assert {name: answer.json[name] for name in ("dataset", "rows", "distinct_triplets", "rate")} == {
        "dataset": "acme/mix",
        "rows": 10,
        "distinct_triplets": 8,
        "rate": pytest.approx(0.2),
    }
    (crossing,) = answer.json["intersections"]
    assert (crossing["at"], crossing["rows"], crossing["duplicated_rows"]) == ("acme/root", 8, 4)
    assert ["acme/root", "acme/left", "acme/mix"] in crossing["paths"]
    assert "20.00%" in lineage("redundancy", "acme/mix").out


def test_contamination_reads_what_it_needs_and_is_told_with_paths_and_leaked_rows(
    unread: Path, lineage: Lineage, home: Path
) -> None:
    answer = lineage("contamination", "--json")
    assert answer.code == 0
    mix, left = sorted(answer.json, key=lambda each: -each["matched_near"])
    assert (mix["train"], mix["benchmark"], mix["benchmark_queries"]) == ("acme/mix", "acme/exam", 10)
    assert (mix["matched"], mix["rate"], mix["matched_normalised"], mix["matched_near"]) == (1, 0.1, 1, 2)
    assert mix["paths"] == [["acme/exam", "acme/left", "acme/mix"]]
    assert [leak["match"] for leak in mix["leaks"]] == ["exact", "near"]
    assert left["train"] == "acme/left"
    assert "to read all: --full" in answer.err
    store = MeasurementStore(Home(home).hub_folder(open_hub(str(unread)).name))
    assert {each.train for each in store.all(Contamination)} == {"acme/mix", "acme/left"}


def test_a_full_scan_says_what_lineage_alone_would_have_found(hub: Path, lineage: Lineage) -> None:
    answer = lineage("contamination", "--full", "--json")
    assert "found 2 of 2 findings" in answer.err
    shown = lineage("contamination", "--full", "--format", "human").out
    assert "acme/exam → acme/left → acme/mix" in shown
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown


def test_one_pair_is_told_even_where_nothing_was_found(hub: Path, lineage: Lineage) -> None:
    answer = lineage("contamination", "--train", "acme/stranger", "--benchmark", "the exam", "--json")
    assert [(each["train"], each["matched_near"]) for each in answer.json] == [("acme/stranger", 0)]


def test_what_is_not_there_is_said(hub: Path, lineage: Lineage) -> None:
    assert lineage("redundancy", "acme/gone").code == 1
    assert "acme/gone" in lineage("redundancy", "acme/gone").err
    assert lineage("redundancy", "acme/mix#nopart").code == 1
    assert lineage("contamination", "--benchmark", "no such thing").code == 2
    assert "no rows of the benchmark" in lineage("contamination", "--benchmark", "GSM8K").err


def test_a_gated_benchmark_fails_a_run_only_where_it_was_asked_for(hub: Path, lineage: Lineage) -> None:
    answer = lineage("contamination", "--json")
    assert (answer.code, "not at hand: acme/locked is gated" in answer.err) == (0, True)
    assert lineage("contamination", "--benchmark", "The Exam", "--benchmark", "acme/locked", "-q").code == 4
    alone = lineage("contamination", "--benchmark", "The Lock")
    assert (alone.code, "acme/locked is gated" in alone.err) == (1, True)


def test_a_gated_dataset_fails_a_reading_only_where_it_was_asked_for(hub: Path, lineage: Lineage) -> None:
    everything = lineage("rows")
    assert (everything.code, "acme/locked is gated" in everything.err) == (0, True)
    assert lineage("rows", "acme/left", "acme/locked", "-q").code == 4


def test_sources_that_nobody_looked_for_are_named(hub: Path, lineage: Lineage, home: Path) -> None:
    records = Home(home).records(open_hub(str(hub)).name)
    traced(records, "acme/mix", [witness("acme/left"), witness("far/off"), witness("url:a.example/b")], month="2024-01")
    build_graph(records, Home(home).graph, hub_name=open_hub(str(hub)).name, hub_label="")
    for command in (("redundancy", "acme/mix"), ("contamination", "--train", "acme/mix"), ("findings",)):
        (told,) = (line for line in lineage(*command).err.splitlines() if "never traced" in line)
        assert told.endswith("is not known: far/off; lineage trace ID...")
    assert "never traced" not in lineage("redundancy", "acme/left").err


def test_findings_show_what_nobody_documents(hub: Path, lineage: Lineage) -> None:
    answer = lineage("findings", "--json")
    assert answer.code == 0
    assert {each["finding"] for each in answer.json} == {"undocumented"}
    assert {frozenset((each["source"], each["target"])) for each in answer.json} == {
        frozenset(("acme/root", "acme/stranger")),
        frozenset(("acme/mix", "acme/stranger")),
    }
    assert all(each["examples"] for each in answer.json)
    measured = lineage("findings", "acme/left", "--kind", "measured", "--json").json
    assert {(each["source"], each["target"]) for each in measured} >= {("acme/root", "acme/left")}
    assert "acme/stranger" in lineage("findings", "--format", "human").out


def test_the_matrix_says_what_is_already_there_and_what_would_be_new(hub: Path, lineage: Lineage) -> None:
    rows = {each["dataset"]: each for each in lineage("matrix", "acme/root", "acme/stranger", "--json").json}
    assert rows["acme/stranger"]["acme/root"] == 0.8
    assert rows["acme/root"]["acme/stranger"] == 0.5
    assert (rows["acme/stranger"]["new"], rows["acme/root"]["new"]) == (1, 4)
    assert lineage("matrix", "acme/root").code == 2
    assert "no such part; it has none" in lineage("matrix", "acme/root", "acme/left#nowhere").err
    absent = lineage("matrix", "acme/root", "acme/nowhere")
    assert (absent.code, "acme/nowhere: it is not on this hub" in absent.err, "--hub" in absent.err) == (1, True, True)


def test_people_see_the_matrix_as_one(hub: Path, lineage: Lineage) -> None:
    shown = lineage("matrix", "acme/root", "acme/stranger", "--format", "human").out
    head, first, second = (line.split() for line in shown.splitlines() if re.match(r" (dataset|\d )", line))
    assert head == ["dataset", "1", "2", "queries", "new"]
    assert first[:4] == ["1", "acme/root", "100.0%", "50.0%"]
    assert second[:4] == ["2", "acme/stranger", "80.0%", "100.0%"]


def test_rows_below_a_table_never_bury_it(hub: Path, lineage: Lineage, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("audits", "findings"):
        monkeypatch.setattr(f"lineage_platform.cli.{module}.MOST_TOLD", 1)
    found = lineage("contamination", "--full", "--format", "human").out
    assert found.count("item:") > 0
    assert len(re.findall(r"^acme/\S+ in acme/", found, re.MULTILINE)) == 1
    assert "rows and paths of the other" in found
    told = lineage("findings", "--kind", "measured", "--kind", "undocumented", "--format", "human").out
    assert len(re.findall(r"^acme/\S+ and acme/", told, re.MULTILINE)) == 1
    assert "rows of the other" in told


def test_findings_without_rows_say_how_to_get_some(lineage: Lineage, home: Path) -> None:
    assert "lineage rows ID..." in lineage("findings", "--hub", "sample").err


# audit ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    write_rows(tmp_path / "own.jsonl", [QUESTIONS[2], QUESTIONS[2], "Something | that <b>nobody</b> else asks, ever?"])
    path = tmp_path / "plan.yaml"
    path.write_text("members: [{id: acme/left, weight: 2}, acme/root, {id: acme/gone}, {file: own.jsonl}]")
    return path


def test_an_audit_tells_what_a_mix_holds_and_what_is_only_known_from_lineage(
    hub: Path, lineage: Lineage, plan: Path, home: Path
) -> None:
    answer = lineage("audit", plan, "--json")
    assert answer.code == 0
    members = {each["name"]: each for each in answer.json["members"]}
    assert (members["acme/left"]["known"], members["acme/left"]["rows"], members["acme/left"]["weight"]) == (
        "rows",
        5,
        2,
    )
    assert members["acme/left"]["new_queries"] == 1
    assert {name: each["share"] for name, each in members.items()} == {
        "acme/left": pytest.approx(10 / 21),
        "acme/root": pytest.approx(8 / 21),
        "acme/gone": None,
        "own.jsonl": pytest.approx(3 / 21),
    }
    assert (members["acme/gone"]["known"], members["acme/gone"]["rows"]) == ("lineage", None)
    assert answer.json["redundancy"]["rate"] == pytest.approx(1 - 11 / 16)
    (crossing,) = [each for each in answer.json["crossings"] if each["at"] == "acme/root"]
    assert (crossing["known"], crossing["rows"], crossing["duplicated_rows"]) == ("rows", 12, 8)
    assert crossing["paths"] == [["acme/root"], ["acme/root", "acme/left"]]  # to the members, not to the mix
    found = {each["member"]: each for each in answer.json["exposures"] if each["known"] == "rows"}
    assert (found["acme/left"]["matched"], found["own.jsonl"]["matched"]) == (1, 1)
    assert found["acme/left"]["predates"]
    assert answer.json["compared"] == ["acme/exam"]
    reasons = {each["benchmark"]: each["reason"] for each in answer.json["not_compared"]}
    assert (reasons["GSM8K"], "gated" in reasons["The Lock"]) == ("it is not on this hub", True)
    store = MeasurementStore(Home(home).hub_folder(open_hub(str(hub)).name))
    assert {each.train for each in store.all(Contamination)} == {"acme/left", "acme/root"}  # of files, nothing is kept


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (["--max-redundancy", "50%"], 0),
        (["--max-redundancy", "0.05"], 3),
        (["--max-contamination", "10%"], 0),
        (["--max-contamination", "9.9%"], 3),
        (["--max-redundancy", "150%"], 2),
        (["--max-redundancy", "few"], 2),
    ],
)
def test_a_limit_is_a_gate(hub: Path, lineage: Lineage, plan: Path, limits: list[str], code: int) -> None:
    answer = lineage("audit", plan, "-q", *limits)
    assert answer.code == code
    assert ("is over the limit" in answer.err) == (code == 3)


@pytest.mark.parametrize("ending", ["md", "html"])
def test_the_report_is_written_for_a_reader_and_shows_texts_as_texts(
    hub: Path, lineage: Lineage, plan: Path, tmp_path: Path, ending: str
) -> None:
    plan.write_text(plan.read_text() + "\n")
    report = tmp_path / f"report.{ending}"
    assert lineage("audit", plan, "--report", report).code == 0
    text = report.read_text(encoding="utf-8")
    assert "acme/left" in text
    assert "<script" not in text
    assert ("<table>" in text) == (ending == "html")
    assert "sought in the rows: acme/exam" in text
    assert "is gated" in text


def test_a_report_of_another_kind_and_a_plan_that_is_none_are_refused(hub: Path, lineage: Lineage, plan: Path) -> None:
    assert lineage("audit", plan, "--report", "x.pdf").code == 2
    gone = lineage("audit", plan.with_name("none.yaml"))
    assert (gone.code, gone.err.splitlines()[0]) == (
        2,
        f"error: the mix {plan.with_name('none.yaml')} cannot be read: No such file or directory",
    )


def test_without_any_rows_an_audit_says_so_and_trips_no_gate(hub: Path, lineage: Lineage, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("[acme/gone, acme/lost]")
    answer = lineage("audit", tmp_path / "plan.yaml", "--max-redundancy", "0.1")
    assert answer.code == 0
    assert "known from lineage alone" in answer.out
    assert "could not be measured" in answer.err


def test_the_markdown_that_a_pipe_gets_is_folded_nowhere(
    hub: Path, lineage: Lineage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plan.yaml").write_text("[acme/gone, acme/lost]")
    monkeypatch.setenv("COLUMNS", "40")
    rows = [line for line in lineage("audit", tmp_path / "plan.yaml").out.splitlines() if "|" in line]
    assert rows
    assert all(line[0] == line[-1] == "|" for line in rows)


def test_a_limit_that_no_benchmark_was_held_against_is_not_said_to_be_kept(
    hub: Path, lineage: Lineage, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINEAGE_BENCHMARKS")
    answer = lineage("audit", plan, "--max-contamination", "0")
    assert (answer.code, "contamination could not be measured" in answer.err) == (0, True)
    assert "was not put to the test" in answer.out


def test_shards_may_lie_anywhere_that_fsspec_reaches(
    unread: Path, lineage: Lineage, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEAGE_SHARDS", f"memory://{uuid4().hex}")
    (leak,) = lineage("contamination", "--train", "acme/mix", "--benchmark", "The Exam", "--json").json
    assert (leak["matched"], leak["matched_near"]) == (1, 2)
    assert lineage("redundancy", "acme/mix", "--json").json["intersections"][0]["duplicated_rows"] == 4
    assert lineage("findings", "acme/left", "--kind", "measured", "--json").json
    assert lineage("matrix", "acme/root", "acme/left", "--json").json[1]["acme/root"] == 0.8
    assert not list(home.glob("hubs/*/shards/*"))
