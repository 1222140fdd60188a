"""Each export is valid by its standard's own schema or library, says what the graph says, and is the same each time."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import networkx as nx
import pytest
from referencing import Registry, Resource

from lineage_platform import exports
from lineage_platform.exports import cyclonedx, graphml, mermaid, openlineage, prov
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.view import GraphView
from lineage_platform.records import EdgeStatus, Relation
from tests.exports.worlds import HOSTILE, OFF_HUB, view_of
from tests.graph.builders import drawn

TEXTS = [name for name in exports.NAMES if name != "parquet"]
EDGES = {("lab/base", "acme/mix"), ("acme/mix", "acme/chat"), *((source, "acme/mix") for source in OFF_HUB)}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> GraphView:
    return view_of(tmp_path_factory.mktemp("graph"))


def text(name: str, view: GraphView, compat: str | None = None) -> str:
    form = exports.find_format(name, compat)
    assert form
    assert form.lines
    return "\n".join(form.lines(view))


def files(name: str, view: GraphView) -> dict[str, bytes]:
    form = exports.find_format(name)
    assert form
    assert form.files
    return dict(form.files(view))


IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from tests.exports.test_formats import TEXTS, text
from tests.exports.worlds import view_of

sys.stdout.reconfigure(encoding="utf-8", errors="replace")
view = view_of(Path(sys.argv[1]))
print(*(text(name, view) for name in TEXTS), sep="\\n")
"""


def test_the_same_graph_is_the_same_text_in_every_process(tmp_path: Path) -> None:
    written = [
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS, tmp_path / seed],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert written[0] == written[1]
    assert len(written[0]) > 10_000


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_a_network_is_read_back_by_networkx(name: str, view: GraphView) -> None:
    document = io.BytesIO(text(name, view).encode())
    graph = nx.read_graphml(document) if name == "graphml" else nx.read_gexf(document)
    assert {(s, t) for s, t in graph.edges if "\ufffd" not in s} == {
        edge for edge in EDGES if HOSTILE[:20] not in edge[0]
    }
    assert graph.edges["lab/base", "acme/mix"]["relation"] == "direct_inclusion"
    assert graph.nodes["acme/mix"]["domains"] == "math|code"
    assert graph.nodes["lab/base"]["summary"].startswith('=cmd|"\ufffd[31m</data>]]>&x;')


def test_graphml_declares_no_entity_and_no_document_type(view: GraphView) -> None:
    assert "<!" not in text("graphml", view)


def test_csv_holds_three_tables_and_no_formula(view: GraphView) -> None:
    written = files("csv", view)
    assert set(written) == {"datasets.csv", "edges.csv", "witnesses.csv"}
    texts = (io.StringIO(body.decode(), newline="") for body in written.values())
    datasets, edges, witnesses = (list(csv.DictReader(each)) for each in texts)
    assert [row["dataset_id"] for row in datasets] == [node.dataset_id.replace("\x00", "\ufffd") for node in view.nodes]
    assert len(edges) == len(EDGES)
    assert len(witnesses) == len(EDGES) + 2  # three about one pair, and none of the lies about others
    base = next(row for row in datasets if row["dataset_id"] == "lab/base")
    assert base["summary"].startswith("'=cmd|")
    assert base["is_leaf"] == "true"
    assert next(row for row in datasets if row["dataset_id"] == "acme/mix")["domains"] == "math|code"
    assert text("csv", view).encode("utf-8", "replace") + b"\n" == written["edges.csv"]


def test_parquet_is_typed(view: GraphView, tmp_path: Path) -> None:
    from pyarrow import parquet

    for name, body in files("parquet", view).items():
        (tmp_path / name).write_bytes(body)
    edges = parquet.read_table(tmp_path / "edges.parquet")
    assert str(edges.schema.field("confidence").type) == "double"
    assert {(row["source"], row["target"]) for row in edges.to_pylist()} == EDGES
    datasets = parquet.read_table(tmp_path / "datasets.parquet").to_pylist()
    assert {row["dataset_id"]: row["domains"] for row in datasets}["acme/mix"] == ["math", "code"]
    assert {row["dataset_id"]: row["summary"] for row in datasets}["lab/base"] == HOSTILE


def test_a_flowchart_says_nothing_but_nodes_and_arrows(view: GraphView) -> None:
    node, arrow = re.compile(r'    n\d+\["[\w ./:#;-]*"\]', re.ASCII), re.compile(r"    n\d+ -->\|\w+\| n\d+")
    head, *body = text("mermaid", view).split("\n")
    assert head == "flowchart LR"
    assert all(node.fullmatch(line) or arrow.fullmatch(line) for line in body)
    assert sum(bool(arrow.fullmatch(line)) for line in body) == len(EDGES)


def test_a_flowchart_past_the_limits_of_viewers_is_cut_and_says_so() -> None:
    edges = tuple(_edge(f"o/{number % 40}", f"o/t{number}") for number in range(900))
    written = list(mermaid.lines(GraphView("", (), edges, (), {})))
    assert sum("-->" in line for line in written) <= mermaid.MAX_EDGES
    assert len("\n".join(written)) <= mermaid.MAX_CHARACTERS
    assert any("of 900 edges are left out" in line for line in written)


def test_a_graph_without_edges_is_drawn(tmp_path: Path) -> None:
    drawn(tmp_path / "graph.duckdb", [("a/a", "b/b")])
    lone = GraphView("sample: data", view_of(tmp_path / "x", 'key:"acme/chat"').nodes, (), (), {})
    assert list(mermaid.lines(lone)) == ["%% sample: data", "flowchart LR", '    n0["acme/chat"]']


def _edge(source: str, target: str) -> Edge:
    return Edge(source, target, Relation.DIRECT_INCLUSION, 0.9, EdgeStatus.ACCEPTED, "", 1, 1, None, False)


@pytest.fixture(scope="module")
def schemas(real_data: Path) -> Registry:
    documents = [json.loads(path.read_text()) for path in sorted((real_data / "standards/openlineage").glob("*.json"))]
    return Registry().with_resources((document["$id"], Resource.from_contents(document)) for document in documents)


def check(schemas: Registry, reference: str, value: Any) -> None:
    validator = jsonschema.Draft202012Validator(
        {"$ref": reference}, registry=schemas, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(value)


def events(view: GraphView, compat: str | None = None) -> Iterator[Any]:
    return map(json.loads, text("openlineage", view, compat).split("\n"))


def test_dataset_events_follow_the_schema_and_that_of_each_facet(view: GraphView, schemas: Registry) -> None:
    for event in events(view):
        check(schemas, event["schemaURL"], event)
        for name, facet in event["dataset"]["facets"].items():
            if name != openlineage.FACET:
                check(schemas, facet["_schemaURL"], facet)


def test_run_events_follow_the_schema(view: GraphView, schemas: Registry) -> None:
    found = list(events(view, "run-events"))
    for event in found:
        check(schemas, event["schemaURL"], event)
    assert [event["outputs"][0]["name"] for event in found] == ["acme/chat", "acme/mix"]


def test_no_sources_and_nothing_known_are_told_apart(view: GraphView) -> None:
    facets = {event["dataset"]["name"]: event["dataset"]["facets"] for event in events(view)}
    assert facets["lab/base"]["lineage"]["inputs"] == []
    assert "lineage" not in facets["lab/future"]


def test_events_load_in_the_python_client_and_come_out_as_they_went_in(view: GraphView) -> None:
    from openlineage.client import event_v2
    from openlineage.client.generated import lineage
    from openlineage.client.serde import Serde

    for event in events(view):
        facets = event["dataset"]["facets"]
        inputs = [
            lineage.LineageDatasetInput(
                **{**each, "transformations": [lineage.LineageTransformation(**how) for how in each["transformations"]]}
            )
            for each in facets.get("lineage", {}).get("inputs", [])
        ]
        loaded = event_v2.DatasetEvent(
            eventTime=event["eventTime"],
            producer=event["producer"],
            dataset=event_v2.StaticDataset(
                namespace=event["dataset"]["namespace"],
                name=event["dataset"]["name"],
                facets={"lineage": lineage.LineageDatasetFacet(inputs=inputs, producer=event["producer"])},
            ),
        )
        back = Serde.to_dict(loaded)
        assert {key: back[key] for key in ("eventTime", "producer", "schemaURL")} == {
            key: event[key] for key in ("eventTime", "producer", "schemaURL")
        }
        if inputs:
            assert back["dataset"]["facets"]["lineage"]["inputs"] == facets["lineage"]["inputs"]


def test_croissant_files_load_in_its_library_and_state_the_derivation(view: GraphView, mlcroissant: Any) -> None:
    for document in map(json.loads, text("croissant", view).split("\n")):
        loaded = mlcroissant.Dataset(jsonld=document)
        assert not list(loaded.metadata.ctx.issues.errors)
        assert loaded.metadata.name == document["name"]
    mix = json.loads(text("croissant", _only(view, "acme/mix")))
    assert {entity["prov:label"] for entity in mix["prov:wasDerivedFrom"]} == {"lab/base", *OFF_HUB}
    assert "https://huggingface.co/datasets/lab/base" in {entity["@id"] for entity in mix["prov:wasDerivedFrom"]}
    assert len(files("croissant", view)) == len(text("croissant", view).split("\n"))


def _only(view: GraphView, dataset_id: str) -> GraphView:
    nodes = {node.dataset_id: node for node in view.nodes}
    chosen = nodes.pop(dataset_id)
    into = tuple(edge for edge in view.into if edge.target == dataset_id)
    return GraphView(view.label, (chosen,), into, view.statements, nodes)


def test_prov_is_read_by_its_library(view: GraphView) -> None:
    from prov.model import ProvDerivation, ProvDocument, ProvEntity

    document = ProvDocument.deserialize(content=text("prov", view), format="json")
    assert len(list(document.get_records(ProvEntity))) == len(view.nodes)
    assert len(list(document.get_records(ProvDerivation))) == len(EDGES)
    labels = {record.label for record in document.get_records(ProvEntity)}
    assert labels == {node.dataset_id for node in view.nodes}
    assert json.loads(document.serialize(format="json"))["wasDerivedFrom"]


def test_a_bill_of_materials_follows_the_strict_schema(view: GraphView) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    written = text("cyclonedx", view)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    bill = json.loads(written)
    uses = {(source, each["ref"]) for each in bill["dependencies"] for source in each.get("dependsOn", ())}
    assert uses == EDGES
    mix = next(component for component in bill["components"] if component["name"] == "acme/mix")
    assert {ancestor["name"] for ancestor in mix["pedigree"]["ancestors"]} == {"lab/base", *OFF_HUB}


def test_a_focus_keeps_what_is_inside_it(tmp_path: Path) -> None:
    view = view_of(tmp_path, '1+key:"acme/chat"')
    assert [node.dataset_id for node in view.nodes] == ["acme/chat", "acme/mix"]
    assert [(edge.source, edge.target) for edge in view.edges] == [("acme/mix", "acme/chat")]
    assert {edge.source for edge in view.made_from("acme/mix")} == {"lab/base", *OFF_HUB}


@pytest.mark.parametrize("module", [graphml, mermaid, openlineage, prov, cyclonedx])
def test_an_empty_view_is_written(module: Any) -> None:
    "\n".join(module.lines(GraphView("", (), (), (), {})))


@pytest.mark.parametrize("name", ["yaml", "", "__init__", "rows"])
def test_other_formats_do_not_exist(name: str) -> None:
    assert exports.find_format(name) is None
    assert exports.find_format("jsonl", "run-events") is None
