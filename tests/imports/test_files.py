"""Files of others are read as what they are; a fault names its place; hostile ones cost nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.errors import BrokenRecord
from lineage_platform.graph.imports import Import
from lineage_platform.imports import read_file, reading
from lineage_platform.imports.naming import by_namespace
from tests.cli.conftest import Lineage, home, lineage

__all__ = ["home", "lineage"]

HUB = "https://huggingface.co/datasets"


def read(tmp_path: Path, content: Any, name: str = "file.json", target: str | None = None) -> list[Import]:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / name).write_text(text)
    return list(read_file(tmp_path / name, target=target))


def edges(records: list[Import]) -> list[tuple[str, str]]:
    return sorted((said.source, said.target) for record in records for said in record.statements)


def dataset(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": HUB, "name": name, "facets": facets}


def lineage_facet(*names: str, **more: Any) -> dict[str, Any]:
    inputs = [{"namespace": HUB, "name": name, "type": "DATASET"} for name in names]
    return {"lineage": {"_producer": "urn:x", "_schemaURL": "urn:y", "inputs": inputs, **more}}


def test_croissants_own_examples_with_derivation_are_read(real_data: Path) -> None:
    found = {path.stem: read_file(path) for path in sorted((real_data / "standards/croissant").glob("*.json"))}
    assert edges(list(found["squad_v2"])) == [("rajpurkar/squad", "rajpurkar/squad_v2")]
    assert edges(list(found["wildchat"])) == [("allenai/WildChat-1M-Full", "allenai/WildChat-1M")]
    (by_record,) = found["data_provenance_initiative"]  # it derives each record, not the dataset
    assert by_record.statements == ()
    assert by_record.datasets[0].dataset_id == "common-pile/data_provenance_initiative_filtered"


def test_openlineages_own_facets_are_read(real_data: Path) -> None:
    tests = real_data / "standards/openlineage/tests"
    (mixed,) = read_file(tests / "mixed-sources.json")
    assert edges([mixed]) == [
        ("name:postgresql://warehouse:5432/public.orders", "name:postgresql://warehouse:5432/public.enriched_orders")
    ]
    (generator,) = read_file(tests / "generator.json")
    assert generator.statements == ()
    (facet,) = read_file(tests / "dataset-to-dataset.json", target="acme/mix")
    assert edges([facet]) == [("name:postgresql://warehouse:5432/public.customers", "acme/mix")]
    with pytest.raises(BrokenRecord, match="--target"):
        read_file(tests / "dataset-to-dataset.json")


@pytest.mark.parametrize(
    ("derived", "source"),
    [
        ("https://huggingface.co/datasets/lab/base", "lab/base"),
        ({"@id": "https://huggingface.co/datasets/lab/base"}, "lab/base"),
        ({"@id": "x", "prov:atLocation": {"@id": f"{HUB}/lab/base"}}, "lab/base"),
        ([{"@type": "prov:Entity", "@id": "x", "prov:locatedAt": f"{HUB}/lab/base", "prov:label": "Base"}], "lab/base"),
        ({"@id": "elsewhere"}, "lab/base"),
        ("elsewhere", "lab/base"),
        ({"@id": "x", "prov:label": "The Old Corpus"}, "name:the-old-corpus"),
        ({"@id": "https://github.com/Acme/Code"}, "github:acme/code"),
    ],
)
@pytest.mark.parametrize("term", ["prov:wasDerivedFrom", "wasDerivedFrom", "http://www.w3.org/ns/prov#wasDerivedFrom"])
def test_a_croissant_file_says_its_source_in_many_ways(tmp_path: Path, term: str, derived: Any, source: str) -> None:
    known = [{"@id": "elsewhere", "prov:atLocation": f"{HUB}/lab/base"}]
    document = {"@context": {}, "@type": "sc:Dataset", "url": f"{HUB}/acme/mix", term: derived, "prov:entity": known}
    assert edges(read(tmp_path, document)) == [(source, "acme/mix")]


def test_events_of_each_kind_are_read(tmp_path: Path) -> None:
    run = {"eventType": "COMPLETE", "run": {}, "job": {"namespace": "x", "name": "y"}}
    columns = {"columnLineage": {"fields": {"a": {"inputFields": [{"namespace": "hf", "name": "lab/columns"}]}}}}
    by_field = {"x": {"inputs": [{"namespace": HUB, "name": "lab/field", "type": "DATASET"}, {"type": "JOB"}]}}
    events = [
        {"dataset": dataset("acme/one", **lineage_facet("lab/base", "lab/base", "acme/one"))},
        {"dataset": dataset("acme/two", **lineage_facet(fields=by_field))},
        {**run, "inputs": [dataset("lab/base")], "outputs": [dataset("acme/three", **columns)]},
        {**run, "eventType": "FAIL", "inputs": [dataset("lab/base")], "outputs": [dataset("acme/four")]},
    ]
    expected = [
        ("lab/base", "acme/one"),
        ("lab/base", "acme/three"),
        ("lab/columns", "acme/three"),
        ("lab/field", "acme/two"),
    ]
    assert edges(read(tmp_path, "\n".join(map(json.dumps, events)))) == expected
    assert edges(read(tmp_path, events)) == expected


def test_the_relation_of_a_transformation_is_kept(tmp_path: Path) -> None:
    facet = lineage_facet("lab/base")
    facet["lineage"]["inputs"][0]["transformations"] = [{"type": "DIRECT", "subtype": "COT_DISTILLATION"}]
    ((statement,),) = (record.statements for record in read(tmp_path, {"dataset": dataset("acme/one", **facet)}))
    assert statement.relation == "cot_distillation"


def test_a_later_event_takes_the_place_of_an_earlier_one_unless_it_says_nothing(tmp_path: Path) -> None:
    events = [{"dataset": dataset("acme/one", **lineage_facet(*names))} for names in (["a/a"], ["b/b"], [])]
    assert edges(read(tmp_path, events)) == [("b/b", "acme/one")]


@pytest.mark.parametrize(
    ("namespace", "name", "dataset_id", "on_hub"),
    [
        (HUB, "a/b", "a/b", True),
        ("hf://datasets", "a/b", "a/b", True),
        ("huggingface", "a/b", "a/b", True),
        ("https://github.com", "a/b", "github:a/b", False),
        ("https://arxiv.org/abs", "2401.00001", "arxiv:2401.00001", False),
        ("https://example.org", "data/x", "url:example.org/data/x", False),
        ("name", "old-corpus", "name:old-corpus", False),
        ("s3://bucket", "x/y", "name:s3://bucket/x/y", False),
    ],
)
def test_a_namespace_and_a_name_are_a_dataset(namespace: str, name: str, dataset_id: str, on_hub: bool) -> None:
    assert by_namespace(namespace, name) == (dataset_id, on_hub)


CARD = "---\nlicense: mit\nsource_datasets:\n- extended|lab/base\n- original\ndatasets: lab/other\n---\n# Mix\n"


def test_a_card_states_what_its_front_matter_declares(tmp_path: Path) -> None:
    (record,) = read(tmp_path, CARD, "README.md", "acme/mix")
    assert edges([record]) == [("lab/base", "acme/mix"), ("lab/other", "acme/mix")]
    assert record.statements[0].quote == "- extended|lab/base"
    assert record.datasets[0].licence == "mit"
    assert record.said_by == "import:card:README.md"


def test_a_card_in_its_folder_needs_no_target(tmp_path: Path) -> None:
    (tmp_path / "acme/mix").mkdir(parents=True)
    (record,) = read(tmp_path, CARD, "acme/mix/README.md")
    assert record.name == "card acme/mix"
    with pytest.raises(BrokenRecord, match="--target"):
        read(tmp_path, CARD, "mix.md")


@pytest.mark.parametrize(
    ("content", "place", "told"),
    [
        ("", "", "it is empty"),
        ("not json", "", "no JSON"),
        ("[1]", "item 1", "int, not a JSON object"),
        ('{"a": 1}', "", "no OpenLineage event"),
        ('{"kind": "node", "dataset_id": "a/b"}\n{"kind": "spell"}', "line 2", "kind 'spell'"),
        ('{"kind": "node", "dataset_id": "a/b"}\n{broken', "line 2", "no JSON"),
        ('{"kind": "node", "dataset_id": 7}', "", "name of a dataset"),
        ('{"kind": "node", "dataset_id": "a/b", "outcome": "magic"}', "", "outcome"),
        ('{"kind": "witness", "source": "a/b", "target": "c/d"}', "", "mention"),
        ('{"dataset": 5}', "", "int stands where"),
        ('{"dataset": {"namespace": "x"}}', "", "name of a dataset"),
        ('{"outputs": {}, "inputs": 3}', "", "inputs is a int"),
        ('{"dataset": {"namespace": "x", "name": "y", "facets": {"lineage": {"inputs": [[]]}}}}', "", "list stands"),
        ('{"dataset": {"facets": {"lineage_platform": {"dataset_id": "a/b", "sources": [{}]}}}}', "", "dataset_id"),
        ('{"dataset": {"facets": {"lineage_platform": []}}}', "", "no object"),
        ('{"@context": {}, "@type": "sc:Dataset"}', "", "neither url nor name"),
        ('{"@context": {}, "@type": "sc:Dataset", "name": "x", "wasDerivedFrom": 5}', "", "name of a dataset"),
        ('{"@context": {}, "@type": "sc:Dataset", "name": "x", "wasDerivedFrom": {}}', "", "without place"),
        ("[" * 100_000, "", "nested too deeply|no JSON"),
        ('{"@context": {}, "@type": "sc:Dataset", "name": "%s"}' % ("x" * 2000), "", "name of a dataset"),
        ("---\na: !!python/object/apply:os.system [id]\n---\n", "", "front matter"),
        ("---\na: &a [b]\nc: [*a" + ", *a" * 300_000 + "]\n---\n", "", "front matter"),
        ("---\na: [\n---\n", "", "front matter"),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, content: str, place: str, told: str) -> None:
    with pytest.raises(BrokenRecord, match=told) as error:
        read(tmp_path, content, target="acme/mix")
    assert f"{tmp_path / 'file.json'} {place}".strip() in error.value.message


def test_what_is_no_file_or_no_text_or_too_large_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(BrokenRecord, match="no such file"):
            read_file(path)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenRecord, match="UTF-8"):
        read_file(tmp_path / "binary.json")
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    with pytest.raises(BrokenRecord, match="larger than"):
        read(tmp_path, " " * 11)


KEYS = (
    *("dataset", "outputs", "inputs", "facets", "lineage", "entries", "fields", "namespace", "name", "job", "url"),
    *("type", "@context", "@type", "@id", "wasDerivedFrom", "kind", "sources", "lineage_platform", "statements"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner | st.sampled_from(["node", "witness", "sc:Dataset", "a/b", "DATASET"]),
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_json_is_read_or_refused_by_name(tmp_path: Path, value: Any) -> None:
    try:
        read(tmp_path, value)
    except BrokenRecord as error:
        assert "file.json" in error.message  # noqa: PT017


def test_one_broken_file_costs_no_other(lineage: Lineage, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps({"dataset": dataset("acme/one", **lineage_facet("lab/base"))}))
    (tmp_path / "bad.json").write_text("{")
    answer = lineage("import", tmp_path / "good.json", tmp_path / "bad.json", "--json")
    assert answer.code == 4
    assert (answer.json["edges"], answer.json["changed"]) == (1, 1)
    assert "bad.json" in answer.err
    assert lineage("import", tmp_path / "bad.json").code == 1
