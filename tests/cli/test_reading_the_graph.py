"""`show`, `paths`, `report`, `sql`, `export`: what scripts and people get."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import LABEL, Lineage


def test_show_tells_scripts_the_profile_the_sources_and_the_uses(lineage: Lineage, graph: Path) -> None:
    answer = lineage("show", "acme/mix", "--json")
    assert answer.code == 0
    assert answer.json["dataset"]["dataset_id"] == "acme/mix"
    assert answer.json["label"] == LABEL
    assert [(source["id"], source["status"]) for source in answer.json["sources"]] == [
        ("acme/left", "accepted"),
        ("acme/right", "accepted"),
        ("acme/doubt", "review"),
    ]
    first = answer.json["sources"][1]
    assert {"id", "relation", "confidence", "status", "evidence"} <= set(first)
    assert first["evidence"][0]["quote"] == "Built from right."
    assert first["evidence"][0]["document"] == "card:acme/mix"
    assert first["evidence"][0]["url"] == "https://example.org/card:acme/mix"
    assert answer.json["used_by"] == []


def test_show_names_what_is_built_on_a_dataset(lineage: Lineage, graph: Path) -> None:
    used_by = lineage("show", "acme/root", "--json").json["used_by"]
    assert {(use["id"], use["relation"]) for use in used_by} == {
        ("acme/left", "direct_inclusion"),
        ("acme/right", "semantic_evolution"),
    }


def test_show_reads_well_to_people(lineage: Lineage, graph: Path) -> None:
    answer = lineage("show", "acme/mix")
    assert answer.out.startswith(LABEL)
    for told in ("A mix.", "Made from: 3", "several datasets bear this name", "“Built from right.”", "2024-01"):
        assert told in answer.out
    assert "lineage show acme/mix --up 3" in answer.err


def test_show_draws_the_neighbourhood_each_dataset_once(lineage: Lineage, graph: Path) -> None:
    tree = lineage("show", "acme/mix", "--up", "5").out.split("Upstream of acme/mix")[1]
    assert [line.split()[-2] for line in tree.splitlines() if "acme/" in line and "(see" not in line] == [
        "acme/left",
        "acme/root",
        "acme/right",
        "acme/root",
    ]
    around = lineage("show", "acme/mix", "--up", "5", "--json").json["neighbourhood"]
    assert {node["id"]: node["hops"] for node in around["nodes"]} == {
        "acme/mix": 0,
        "acme/left": -1,
        "acme/right": -1,
        "acme/root": -2,
    }


def test_an_unknown_dataset_is_an_error_that_names_near_ones(lineage: Lineage, graph: Path) -> None:
    answer = lineage("show", "acme/mixx", "--json")
    assert answer.code == 1
    assert answer.json["error"]["kind"] == "not_found"
    assert "acme/mix" in answer.json["error"]["hint"]


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("mixx", "near names: acme/mix"),
        ("ACME/rigth", "near names: acme/right, acme/root, acme/mix"),
        ("righ", "near names: acme/right"),
        ("zzz/nothing-of-the-kind", "trace it: lineage trace zzz/nothing-of-the-kind"),
        ("x", "trace it: lineage trace x"),
    ],
)
def test_only_names_that_are_alike_are_offered(lineage: Lineage, graph: Path, asked: str, hint: str) -> None:
    assert lineage("show", asked, "--json").json["error"]["hint"] == hint


def test_an_empty_id_is_a_usage_error(lineage: Lineage, graph: Path) -> None:
    assert lineage("show", " ").code == 2


def test_paths_lists_every_way_shortest_first(lineage: Lineage, graph: Path) -> None:
    answer = lineage("paths", "acme/root", "acme/mix", "--json")
    assert answer.json == {
        "paths": [
            {"nodes": ["acme/root", "acme/left", "acme/mix"], "relations": ["direct_inclusion"] * 2},
            {
                "nodes": ["acme/root", "acme/right", "acme/mix"],
                "relations": ["semantic_evolution", "direct_inclusion"],
            },
        ],
        "truncated": False,
        "label": LABEL,
    }


def test_paths_cut_short_say_so(lineage: Lineage, graph: Path) -> None:
    answer = lineage("paths", "acme/root", "acme/mix", "--limit", "1", "--json")
    assert answer.json["truncated"] is True
    assert len(answer.json["paths"]) == 1
    assert "--limit" in answer.err


def test_paths_asked_for_upwards_name_the_other_way(lineage: Lineage, graph: Path) -> None:
    answer = lineage("paths", "acme/mix", "acme/root")
    assert answer.code == 0
    assert "no path leads from acme/mix to acme/root" in answer.out
    assert "lineage paths acme/root acme/mix" in answer.err


def test_sql_answers_with_a_list_of_row_objects(lineage: Lineage, graph: Path) -> None:
    answer = lineage("sql", "select source, target from edges order by all", "--json")
    assert answer.json[0] == {"source": "acme/left", "target": "acme/mix"}
    assert LABEL in answer.err


def test_rows_in_a_pipe_are_csv(lineage: Lineage, graph: Path) -> None:
    answer = lineage("sql", "select source, target from edges order by all")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert rows[0] == {"source": "acme/left", "target": "acme/mix"}


@pytest.mark.parametrize("formula", ["=1+1", "+cmd", "-cmd", "@SUM(1)"])
def test_no_field_and_no_heading_of_a_csv_is_a_formula(lineage: Lineage, graph: Path, formula: str) -> None:
    answer = lineage("sql", f"select '{formula}' as \"{formula}\", -1 as number", "--format", "csv")
    assert list(csv.reader(io.StringIO(answer.out))) == [[f"'{formula}", "number"], [f"'{formula}", "-1"]]


def test_every_kind_of_value_is_valid_json(lineage: Lineage, graph: Path) -> None:
    query = (
        "select 'nan'::double as a, date '2024-01-02' as b, [1, 2] as c, {'k': true} as d, 1.5::decimal(4,2) as e,"
        " null as f, 'x' as a, '\\x00'::blob as g"
    )
    row = lineage("sql", query, "--json").json[0]
    assert {key: row[key] for key in "abcdf"} == {
        "a": None,
        "b": "2024-01-02",
        "c": [1, 2],
        "d": {"k": True},
        "f": None,
    }
    assert row["a_2"] == "x"


def test_sql_can_be_cut_short_and_says_so(lineage: Lineage, graph: Path) -> None:
    answer = lineage("sql", "from datasets", "--max-rows", "2", "--json")
    assert len(answer.json) == 2
    assert "--max-rows" in answer.err


@pytest.mark.parametrize(
    "query", ["selec 1", "drop table datasets", "select 1; select 2", "from read_csv('/etc/passwd')"]
)
def test_a_query_that_cannot_be_is_one_line(lineage: Lineage, graph: Path, query: str) -> None:
    answer = lineage("sql", query)
    assert answer.code == 2
    assert answer.out == ""
    error = [line for line in answer.err.splitlines() if line.startswith("error: ")]
    assert len(error) == 1
    assert "Traceback" not in answer.err


def test_reports_are_listed_without_a_graph(lineage: Lineage) -> None:
    listed = {row["name"]: row for row in lineage("report", "--list", "--json").json}
    assert {"topology_by_domain", "cross_domain", "most_reused", "deepest", "release_years"} <= set(listed)
    assert listed["most_reused"]["parameters"] == "top=10"
    assert (
        "most_reused\n  On which Hub datasets are most others built"
        in lineage("report", "--list", "--format", "human").out
    )


def test_a_report_is_a_list_of_row_objects_and_takes_parameters(lineage: Lineage, graph: Path) -> None:
    assert lineage("report", "highest_in_degree", "-p", "top=1", "--json").json == [
        {"rank": 1, "dataset_id": "acme/mix", "in_degree": 2}
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["most_resued"], "most_reused"),
        ([], "--list"),
        (["most_reused", "-p", "top"], "NAME=VALUE"),
        (["most_reused", "-p", "bottom=1"], "bottom"),
        (["most_reused", "-p", "top=many"], "number"),
    ],
)
def test_a_report_asked_for_wrongly_is_a_usage_error(
    lineage: Lineage, graph: Path, arguments: list[str], told: str
) -> None:
    answer = lineage("report", *arguments)
    assert answer.code == 2
    assert told in answer.err


def test_export_writes_one_object_a_line(lineage: Lineage, graph: Path) -> None:
    answer = lineage("export", "--to", "jsonl")
    records = [json.loads(line) for line in answer.out.splitlines()]
    assert {record["kind"] for record in records} == {"node", "edge", "witness"}
    assert lineage("export", "--to", "jsonl").out == answer.out


@pytest.mark.parametrize(
    "command", [["show", "a/b"], ["paths", "a/b", "c/d"], ["sql", "select 1"], ["report", "leaves"]]
)
def test_without_a_graph_the_next_command_is_named(lineage: Lineage, command: list[str]) -> None:
    answer = lineage(*command, "--json")
    assert answer.code == 1
    assert answer.json["error"]["kind"] == "graph_missing"
    assert "lineage trace" in answer.json["error"]["hint"]


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize(
    "command",
    [
        ["show", "acme/mix", "--up", "3"],
        ["show", "acme/root", "--down", "3"],
        ["sql", "from witnesses", "--format", "human"],
        ["sql", "from datasets", "--format", "human"],
        ["sql", "from witnesses", "--format", "csv"],
        ["show", "acme/root", "--format", "csv"],
        ["report", "leaves", "--format", "human"],
    ],
)
def test_nothing_that_documents_say_reaches_the_terminal_as_a_command(
    lineage: Lineage, graph: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    answer = lineage(*command)
    assert answer.code == 0
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(answer.out + answer.err)


def test_markup_in_documents_is_printed_as_it_stands(lineage: Lineage, graph: Path) -> None:
    assert "red [bold]loud[/bold] gnp.exe :boom:" in lineage("show", "acme/root").out


def test_json_quotes_hostile_text_without_a_raw_escape(lineage: Lineage, graph: Path) -> None:
    answer = lineage("show", "acme/root", "--json")
    assert answer.out.isascii()
    assert "\x1b" not in answer.out
    assert answer.json["dataset"]["summary"].startswith("\x1b[31mred")
