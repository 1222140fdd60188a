"""A published corpus: a card that the Hub and people can read, Croissant that validates, and nothing of it obeyed."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lineage_platform.corpus.card import card
from lineage_platform.corpus.columns import column_description
from lineage_platform.corpus.croissant import CONFORMS_TO
from lineage_platform.corpus.publishing import PublishedRoot, PublishedStage, PublishedTable, publish
from lineage_platform.errors import BrokenRecord
from tests.corpus.published import HOSTILE, corpus_folder, description


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return corpus_folder(tmp_path / "corpus")


def card_of(folder: Path) -> tuple[dict[str, Any], str]:
    """The front matter and the text of the card, read as the Hub reads them."""
    _, matter, text = re.split(r"^---\n", (folder / "README.md").read_text(encoding="utf-8"), maxsplit=2, flags=re.M)
    return yaml.safe_load(matter), text


def croissant_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "croissant.json").read_text(encoding="ascii"))
    return found


def cells(text: str) -> list[list[str]]:
    """Every row of every table of a Markdown text, as a reader sees it."""
    rows: list[list[str]] = []
    kind = ""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and kind in {"td_open", "th_open"}:
            rows[-1].append("".join(child.content for child in token.children or []))
        kind = token.type
    return rows


def test_the_front_matter_says_what_the_hub_asks_for(folder: Path) -> None:
    publish(folder, description())
    matter, _ = card_of(folder)
    assert matter["license"] == ["mit", "unknown"]
    assert matter["source_datasets"] == ["acme/one", "acme/two"]
    assert matter["size_categories"] == ["n<1K"]
    assert matter["language"] == ["en"]
    assert matter["configs"][0] == {
        "config_name": "default",
        "data_files": [{"split": "train", "path": "corpus.parquet"}],
        "default": True,
    }
    assert [config["config_name"] for config in matter["configs"]] == ["default", "removed_near_unique_rows"]
    assert "data-lineage" in matter["tags"]


def test_one_licence_stands_alone(folder: Path) -> None:
    publish(folder, description(roots=(PublishedRoot("acme/one", 5, 2, "MIT "),)))
    assert card_of(folder)[0]["license"] == "mit"


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (570_000, "100K<n<1M"),
        (10**12 - 1, "100B<n<1T"),
        (10**12, "n>1T"),
    ],
)
def test_the_size_is_the_hubs_word_for_it(rows: int, name: str) -> None:
    table = PublishedTable("corpus.parquet", rows, 1, "0", pa.schema([]))
    assert yaml.safe_load(card(description(), [table]).split("---\n")[1])["size_categories"] == [name]


def test_the_card_has_the_lineage_of_every_root(folder: Path) -> None:
    publish(folder, description())
    rows = cells(card_of(folder)[1])
    assert ["acme/one", "5", "2", "mit", "a" * 40, "a leaf"] in rows
    assert ["acme/two", "9", "1", "unknown", "unknown", "acme/one → acme/two"] in rows
    assert ["acme/three", "7", "0", "gpl-3.0", "unknown", "a leaf"] in rows


def test_the_card_says_how_the_corpus_was_cleaned_and_where_the_removed_rows_are(folder: Path) -> None:
    publish(folder, description())
    text = card_of(folder)[1]
    rows = cells(text)
    assert ["near_unique_rows", "5", "3", "near_duplicate 2"] in rows
    assert ["corpus", "3", "3", "nothing"] in rows
    assert ["removed/near_unique_rows.parquet", "2"] in rows
    assert ["similarity", "double", column_description("similarity")] in rows
    assert "Removes rows that say the same." in text


def test_the_card_has_the_diversity_table_with_model_and_intervals(folder: Path) -> None:
    publish(folder, description())
    row = ["roots", "3", "2.35 [2.10, 2.60]", "0.5124 [0.5000, 0.5200]", "static", "100.0%"]
    assert row in cells(card_of(folder)[1])


def test_the_label_of_sample_data_is_in_both_files(folder: Path) -> None:
    publish(folder, description(label="sample data: real names, invented rows"))
    assert "sample data: real names, invented rows" in card_of(folder)[1]
    assert croissant_of(folder)["description"].startswith("sample data: real names, invented rows")


def test_croissant_validates_and_its_records_can_be_read(folder: Path, mlcroissant: Any) -> None:
    publish(folder, description())
    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert not dataset.metadata.issues.errors
    records = list(dataset.records("corpus"))
    assert [record["corpus/row"] for record in records] == [0, 4, 2]
    assert records[2]["corpus/instruction"] == b"instruction 2"
    assert len(list(dataset.records("removed_near_unique_rows"))) == 2


def test_croissant_names_the_sources_and_the_cleaning(folder: Path) -> None:
    publish(folder, description())
    found = croissant_of(folder)
    assert found["conformsTo"] == CONFORMS_TO
    one, two = found["prov:wasDerivedFrom"]
    assert one == {
        "@type": "prov:Entity",
        "@id": "https://huggingface.co/datasets/acme/one",
        "prov:label": "acme/one",
        "prov:atLocation": "https://huggingface.co/datasets/acme/one",
        "version": "a" * 40,
        "license": "mit",
    }
    assert two["prov:label"] == "acme/two"
    assert [stage["prov:label"] for stage in found["prov:wasGeneratedBy"]] == ["near_unique_rows", "corpus"]
    assert found["@context"]["prov"] == "http://www.w3.org/ns/prov#"


def test_every_file_is_there_with_its_digest(folder: Path) -> None:
    publish(folder, description())
    listed = {file["contentUrl"]: file["sha256"] for file in croissant_of(folder)["distribution"]}
    assert sorted(listed) == ["corpus.parquet", "removed/near_unique_rows.parquet"]
    for name, sha256 in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


def test_every_column_is_a_field_of_its_type(folder: Path) -> None:
    publish(folder, description())
    fields = {
        field["@id"]: field["dataType"] for table in croissant_of(folder)["recordSet"] for field in table["field"]
    }
    assert fields["corpus/instruction"] == "sc:Text"
    assert fields["corpus/row"] == "cr:Int64"
    assert fields["removed_near_unique_rows/similarity"] == "sc:Float"
    assert len(fields) == 6 + 4


def test_publishing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        folder = corpus_folder(tmp_path / name)
        publish(folder, description())
        publish(folder, description())
        written.append([(folder / file).read_bytes() for file in ("README.md", "croissant.json")])
    assert written[0] == written[1]


def test_a_corpus_from_which_nothing_was_removed_is_published_too(tmp_path: Path) -> None:
    folder = corpus_folder(tmp_path, removed=False)
    publish(folder, description(stages=(), diversity=()))
    assert len(croissant_of(folder)["distribution"]) == 1
    assert "Diversity" not in card_of(folder)[1]


def hostile_description(text: str) -> Any:
    return description(
        name=text,
        label=text,
        roots=(PublishedRoot(text, 5, 2, text, text, (text, text)), PublishedRoot("acme/one", 1, 1, "mit")),
        stages=(PublishedStage(text, 5, 3, {text: 2}, text),),
    )


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.just(HOSTILE), st.text(max_size=60), st.text(alphabet="`|\\[]()<>-\n *_&:#!~", max_size=60)))
def test_no_text_of_a_card_becomes_markup_or_metadata(folder: Path, text: str) -> None:
    publish(folder, hostile_description(text))
    matter, body = card_of(folder)
    assert set(matter) == set(card_keys())
    licences = [matter["license"]] if isinstance(matter["license"], str) else matter["license"]
    assert all(re.fullmatch("[a-z0-9.+-]+", name) for name in licences)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    inline = [child for token in tokens for child in token.children or []]
    assert not [token for token in [*tokens, *inline] if token.type.startswith(("html", "image", "em_", "s_"))]
    links = {token.attrs["href"] for token in inline if token.type == "link_open"}
    assert all(re.fullmatch(r"https://huggingface\.co/datasets/[\w./-]+", str(link)) for link in links)
    assert sum(token.type == "heading_open" for token in tokens) == 8
    assert sum(token.type == "table_open" for token in tokens) == 6
    assert json.dumps(croissant_of(folder)).isascii()


def card_keys() -> list[str]:
    keys = ["pretty_name", "license", "language", "size_categories", "source_datasets", "task_categories", "tags"]
    return [*keys, "configs"]


def test_hostile_names_keep_the_croissant_file_valid(folder: Path) -> None:
    publish(folder, hostile_description(HOSTILE))
    assert croissant_of(folder)["prov:wasDerivedFrom"][0]["prov:label"] == HOSTILE
    assert " " not in croissant_of(folder)["prov:wasDerivedFrom"][0]["@id"]


def test_a_folder_without_a_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenRecord, match=r"corpus\.parquet"):
        publish(tmp_path, description())
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_not_parquet_is_named_and_nothing_is_written(folder: Path) -> None:
    (folder / "removed" / "broken.parquet").write_bytes(b"not parquet")
    with pytest.raises(BrokenRecord, match=r"broken\.parquet"):
        publish(folder, description())
    assert not (folder / "README.md").exists()


def test_the_schemas_of_a_build_have_a_description_for_every_column(folder: Path) -> None:
    for name in pq.read_schema(folder / "corpus.parquet").names:
        assert column_description(name) != f"Column {name}."
