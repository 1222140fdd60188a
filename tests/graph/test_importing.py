"""A published graph comes in as it is stated; what the rules find is listed, and changes it only when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.importing import read_published_graph
from lineage_platform.graph.imports import Import, ImportedDataset, ImportedStatement, ImportStore
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.records import DocumentKind, Outcome, Relation, ReleaseDate
from tests.graph.builders import traced, witness

NODES = "dataset_id domains hub_month paper_month release_month origin downloads terminal terminal_reason paper_url"
NODES = NODES.replace(" ", "\t")
EDGES = "source\ttarget\tdocuments\tconfidence\trelation\tsource_on_hub\tevidence"


def tables(root: Path, nodes: list[str], edges: list[str]) -> tuple[Path, Path]:
    (root / "nodes.tsv").write_text("\n".join([NODES, *nodes, ""]), encoding="utf-8", newline="")
    (root / "edges.tsv").write_text("\n".join([EDGES, *edges, ""]), encoding="utf-8", newline="")
    return root / "nodes.tsv", root / "edges.tsv"


def node(dataset_id: str, month: str = "2023-01", terminal: str = "false", domains: str = "math") -> str:
    return f"{dataset_id}\t{domains}\t{month}\t\t{month}\t\t7\t{terminal}\t\t"


def stated(source: str, target: str, evidence: str | None = None, **cells: str) -> str:
    quote = f"We use {source}." if evidence is None else evidence
    documents, relation = cells.get("documents", "Paper"), cells.get("relation", "Structured Fusion")
    return f"{source}\t{target}\t{documents}\t{cells.get('confidence', '0.9')}\t{relation}\ttrue\t{quote}"


def graph(root: Path, *imports: Import) -> Graph:
    for record in imports:
        ImportStore(root).write(record)
    build_graph(RecordStore(root), root / "graph.duckdb", hub_name="imported", hub_label="")
    return open_graph(root / "graph.duckdb")


def test_cells_are_read_as_they_mean(tmp_path: Path) -> None:
    record = read_published_graph(
        *tables(
            tmp_path,
            [
                "a/b\tMath|code|math\t2022-03\t2023-02\t2022-03\tmanual\t12\ttrue\tNo source datasets found\t",
                "c/d\t\t2024-01\t2023-02\t2023-02\t\t\tfalse\t\t",
            ],
            [stated("a/b", "c/d", 'It says "x"\\nand y.', documents="HuggingFace README", relation="CoT distillation")],
        ),
        name="g",
    )
    assert record.datasets == (
        ImportedDataset(
            dataset_id="a/b",
            domains=("math", "code"),
            release=ReleaseDate(value="2022-03", origin="hub_epoch"),
            is_leaf=True,
            outcome=Outcome.NO_SOURCES_DOCUMENTED,
            detail="No source datasets found",
            downloads=12,
        ),
        ImportedDataset(
            dataset_id="c/d", release=ReleaseDate(value="2023-02", origin="paper:import"), outcome=Outcome.TRACED
        ),
    )
    (statement,) = record.statements
    assert statement.relation is Relation.COT_DISTILLATION
    assert (statement.document_kind, statement.quote) == (DocumentKind.CARD, 'It says "x"\nand y.')


@pytest.mark.parametrize(
    ("nodes", "edges", "told"),
    [
        ([node("a/b"), node("a/b")], [], "nodes.tsv line 3: a/b stands there a second time"),
        (["a/b\tmath"], [], "nodes.tsv line 2: 2 cells under 10 columns"),
        ([node("a/b", terminal="perhaps")], [], "nodes.tsv line 2: terminal is 'perhaps'"),
        ([node("a/b", month="2023-13")], [], "nodes.tsv line 2: release_month is '2023-13'"),
        ([node("")], [], "nodes.tsv line 2: dataset_id is empty"),
        ([node("a/b")], [stated("", "a/b")], "edges.tsv line 2: source is empty"),
        ([node("a/b")], [stated("x/y", "a/b", confidence="sure")], "edges.tsv line 2: confidence is 'sure'"),
        ([node("a/b")], [stated("x/y", "a/b", confidence="7")], "edges.tsv line 2: confidence is '7'"),
        ([node("a/b")], [stated("x/y", "a/b", relation="Theft")], "edges.tsv line 2: 'Theft' is no relation"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, nodes: list[str], edges: list[str], told: str) -> None:
    with pytest.raises(BrokenRecord) as error:
        read_published_graph(*tables(tmp_path, nodes, edges), name="g")
    assert told in error.value.message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"source\ttarget\n"])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    nodes, edges = tables(tmp_path, [], [])
    edges.write_bytes(content)
    with pytest.raises(BrokenRecord, match=r"edges\.tsv"):
        read_published_graph(nodes, edges, name="g")


@pytest.fixture
def faulty(tmp_path: Path) -> tuple[Path, Path]:
    """Every fault once, among good edges."""
    ids = ["lab/old", "lab/mix", "Lab/Mix", "other/mix", "lab/young"]
    nodes = [node(dataset_id, "2024-05" if dataset_id == "lab/young" else "2023-01") for dataset_id in ids]
    return tables(
        tmp_path,
        nodes,
        [
            stated("lab/old", "lab/mix"),
            stated("lab/old", "lab/mix", relation="Subset"),
            stated("lab/young", "lab/mix"),
            stated("lab/mix", "lab/mix"),
            stated("lab/old/train", "other/mix"),
            stated("CC-MAIN-2021-10", "other/mix"),
            stated("The Old Forum", "other/mix"),
            stated("GSM8K", "other/mix"),
            stated("lab/mix", "lab/young", ""),
            stated("other/mix", "lab/young", "Made by hand."),
        ],
    )


def test_a_graph_is_kept_as_it_is_stated_and_its_faults_are_listed(tmp_path: Path, faulty: tuple[Path, Path]) -> None:
    found = graph(tmp_path, read_published_graph(*faulty, name="g"))
    assert found.meta.edges == 9
    assert dict(found.select("SELECT status, count(*) FROM edge_candidates GROUP BY ALL").rows) == {"imported": 9}
    doubled = found.select("SELECT witnesses, disagreement FROM edges WHERE source = 'lab/old'").rows
    assert doubled == ((2, "structured_fusion"),)
    assert found.dataset("lab/mix").in_degree == 3
    faults = set(found.select("SELECT kind, subject FROM faults").rows)
    assert faults == {
        ("duplicate", "lab/old -> lab/mix"),
        ("anachronism", "lab/young -> lab/mix"),
        ("self_edge", "lab/mix -> lab/mix"),
        ("cycle", "lab/mix"),
        ("part", "lab/old/train"),
        ("part", "CC-MAIN-2021-10"),
        ("unschemed", "The Old Forum"),
        ("alias", "GSM8K"),
        ("alias", "lab/mix"),
        ("no_quote", "lab/mix -> lab/young"),
        ("unnamed_quote", "other/mix -> lab/young"),
        ("namesake", "Lab/Mix"),
    }


def test_with_the_rules_applied_the_faults_are_mended_or_do_not_count(
    tmp_path: Path, faulty: tuple[Path, Path]
) -> None:
    found = graph(tmp_path, read_published_graph(*faulty, name="g", apply_rules=True))
    statuses = {
        (source, target): status
        for source, target, status in found.select("SELECT source, target, status FROM edge_candidates").rows
    }
    assert statuses == {
        ("lab/old", "Lab/Mix"): "imported",
        ("lab/young", "Lab/Mix"): "anachronistic",
        ("Lab/Mix", "Lab/Mix"): "rejected",
        ("lab/old", "other/mix"): "imported",
        ("name:commoncrawl", "other/mix"): "imported",
        ("name:the-old-forum", "other/mix"): "imported",
        ("openai/gsm8k", "other/mix"): "imported",
        ("Lab/Mix", "lab/young"): "rejected",
        ("other/mix", "lab/young"): "review",
    }
    assert found.dataset("GSM8K").dataset_id == "openai/gsm8k"
    assert found.dataset("CC-MAIN-2021-10").dataset_id == "name:commoncrawl"


def test_an_import_stands_beside_what_was_traced_and_the_same_one_twice_changes_nothing(tmp_path: Path) -> None:
    traced(RecordStore(tmp_path), "acme/mix", [witness("lab/base", confidence=0.8)], summary="Traced.")
    record = Import(
        name="event",
        said_by="import:event",
        datasets=(ImportedDataset(dataset_id="acme/mix", summary="Imported."), ImportedDataset(dataset_id="lab/new")),
        statements=(
            ImportedStatement(source="lab/base", target="acme/mix"),
            ImportedStatement(source="acme/mix", target="lab/new"),
        ),
    )
    found = graph(tmp_path, record, record)
    assert found.dataset("acme/mix").summary == "Traced."
    rows = found.select("SELECT source, target, status, witnesses FROM edges ORDER BY ALL").rows
    assert rows == (("acme/mix", "lab/new", "imported", 1), ("lab/base", "acme/mix", "imported", 2))
    said = found.select("SELECT said_by, verified, status FROM witnesses WHERE source = 'lab/base' ORDER BY ALL").rows
    assert said == (("import:event", False, "imported"), ("rules/1", True, "accepted"))


def test_a_damaged_import_is_a_fault_and_costs_nothing_else(tmp_path: Path) -> None:
    traced(RecordStore(tmp_path), "acme/mix", [witness("lab/base")])
    ImportStore(tmp_path).path("bad").parent.mkdir(parents=True)
    ImportStore(tmp_path).path("bad").write_text("{")
    found = graph(tmp_path)
    assert found.meta.edges == 1
    assert [row[0] for row in found.select("SELECT kind FROM faults").rows] == ["broken_record"]


@pytest.mark.parametrize(
    ("spelled", "relation"),
    [
        ("Direct Inclusion/Subset", Relation.DIRECT_INCLUSION),
        ("subset", Relation.DIRECT_INCLUSION),
        ("", Relation.DIRECT_INCLUSION),
        ("COT_DISTILLATION", Relation.COT_DISTILLATION),
        ("Chain-of-Thought Distillation", Relation.COT_DISTILLATION),
        ("semantic evolution (rewriting)", Relation.SEMANTIC_EVOLUTION),
    ],
)
def test_the_five_relations_are_known_in_any_spelling(tmp_path: Path, spelled: str, relation: Relation) -> None:
    files = tables(tmp_path, [node("a/b")], [stated("x/y", "a/b", relation=spelled)])
    assert read_published_graph(*files, name="g").statements[0].relation is relation
