"""`extract`: one document in, the sources that it states out."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from lineage_platform.agents import open_agents
from tests.cli.conftest import Lineage
from tests.conftest import REPOSITORY
from tests.support import write_dataset

README = """# Mix

## Source datasets

This dataset is built from:

- [Left-QA](https://huggingface.co/datasets/lefties/Left-QA)
- GSM8K
- Nowhere-5K

<!-- - [hidden](https://huggingface.co/datasets/acme/hidden) -->

## Evaluation

We evaluate on MATH-500 and AIME 2024.
"""


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(README)
    return path


def extracted(lineage: Lineage, document: Path, *arguments: str | Path) -> dict[str, str | None]:
    """Ids by mention."""
    answer = lineage("extract", document, "--target", "acme/mix", "--agents", "rules", "--json", *arguments)
    assert answer.code == 0, answer.err
    return {source["mention"]: source["id"] for source in answer.json["sources"]}


def test_sources_come_with_id_relation_confidence_and_a_quote_that_stands_in_the_document(
    lineage: Lineage, readme: Path
) -> None:
    answer = lineage("extract", readme, "--target", "acme/mix", "--agents", "rules", "--json")
    assert answer.code == 0
    assert answer.json["document"] == str(readme)
    assert answer.json["target"] == "acme/mix"
    for source in answer.json["sources"]:
        assert {"mention", "id", "relation", "confidence", "evidence", "verified"} <= set(source)
        assert source["verified"] is True
        assert source["evidence"] in README
        assert 0 < source["confidence"] <= 1


def test_without_a_hub_ids_come_from_links_and_the_registry_alone(lineage: Lineage, readme: Path) -> None:
    assert extracted(lineage, readme) == {"Left-QA": "lefties/Left-QA", "GSM8K": "openai/gsm8k", "Nowhere-5K": None}


def test_with_a_hub_names_are_looked_up(lineage: Lineage, readme: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path / "hub", "somewhere/Nowhere-5K", "a card")
    found = extracted(lineage, readme, "--hub", tmp_path / "hub")
    assert found["Nowhere-5K"] == "somewhere/Nowhere-5K"


def test_nothing_is_kept(lineage: Lineage, readme: Path, home: Path) -> None:
    extracted(lineage, readme)
    assert not home.exists()


def test_a_card_gives_the_sources_that_its_front_matter_declares(lineage: Lineage, tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("---\nsource_datasets:\n- openai/gsm8k\n---\n# Mix\n\nText.\n")
    assert list(extracted(lineage, card).values()) == ["openai/gsm8k"]


def test_a_page_is_read_as_a_page(lineage: Lineage, tmp_path: Path) -> None:
    page = tmp_path / "post.html"
    paragraph = "<p>We have thought about data for a long time, and this post tells how the mix came to be.</p>" * 5
    page.write_text(
        f"<html><body><script>built from evil</script><article><h1>Mix</h1>{paragraph}"
        "<p>The mix was built from the GSM8K dataset.</p></article></body></html>"
    )
    assert list(extracted(lineage, page).values()) == ["openai/gsm8k"]


@pytest.mark.parametrize(
    ("name", "body"),
    [("paper.pdf", b"%PDF-1.7 but not really"), ("data.bin", bytes(range(256)) * 20)],
)
def test_what_is_no_document_is_one_line(lineage: Lineage, tmp_path: Path, name: str, body: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    answer = lineage("extract", path, "--target", "acme/mix", "--agents", "rules", "--json")
    assert answer.code == 1
    assert answer.json["error"]["kind"] == "unreadable_document"
    assert name in answer.json["error"]["message"]


def test_a_document_in_another_encoding_is_read(lineage: Lineage, tmp_path: Path) -> None:
    path = tmp_path / "latin.md"
    path.write_bytes("# Mélange\n\nThe dataset was built from GSM8K, così.\n".encode("latin-1"))
    assert list(extracted(lineage, path).values()) == ["openai/gsm8k"]


def test_the_dataset_is_not_its_own_source(lineage: Lineage, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("# Mix\n\n## Source datasets\n\n- [mix](https://huggingface.co/datasets/acme/mix)\n- GSM8K\n")
    assert list(extracted(lineage, path).values()) == ["openai/gsm8k"]


def test_the_command_and_the_benchmark_read_alike(lineage: Lineage, real_data: Path) -> None:
    benchmark = runpy.run_path(str(REPOSITORY / "benchmarks" / "extraction_quality.py"))
    readers = open_agents("rules")
    for label in benchmark["labelled"]()[::9]:
        readme = real_data / "corpus" / "github" / label["document"] / "README.md"
        name = label["target"] or label["document"].split("/")[-1]
        answer = lineage("extract", readme, "--target", name, "--agents", "rules", "--json").json
        expected = benchmark["prediction"](readers, label)["sources"]
        assert {source["mention"] for source in answer["sources"]} == {source["mention"] for source in expected}


def test_people_see_mention_id_and_quote(lineage: Lineage, readme: Path) -> None:
    answer = lineage("extract", readme, "--target", "acme/mix", "--agents", "rules")
    assert "3 sources of acme/mix" in answer.out
    assert "openai/gsm8k" in answer.out
    assert "id unknown" in answer.out


def test_a_name_stands_for_what_the_same_document_links_it_to_elsewhere(lineage: Lineage, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    link = "[Fog-QA](https://huggingface.co/datasets/makers/Fog-QA)"
    page.write_text(f"# Mix\n\n## Source datasets\n\nBuilt from:\n\n- Fog-QA\n\n## Links\n\nSee {link}.\n")
    sources = lineage("extract", page, "--target", "Mix", "--agents", "rules", "--json").json["sources"]
    assert [(source["mention"], source["id"]) for source in sources] == [("Fog-QA", "makers/Fog-QA")]
