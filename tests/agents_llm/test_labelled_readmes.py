"""Over real READMEs, with a model server that knows the labels: they come back exactly, each quote in its place."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from lineage_platform.agents.interface import Subject
from lineage_platform.documents.cleaning import reading as clean
from lineage_platform.documents.reading import Reading
from lineage_platform.records import DocumentKind
from tests.agents_llm.worlds import agents_for, document, read_all
from tests.servers.models import Label, ModelServer, Oracle, folded


def labelled(real_data: Path) -> dict[str, dict[str, tuple[Label, ...]]]:
    """Labels by document and target."""
    found: dict[str, dict[str, tuple[Label, ...]]] = {}
    for line in (real_data / "corpus" / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        labels = [Label(s["mention"], s["evidence"], s["relation"]) for s in gold["sources"]]
        found.setdefault(gold["document"], {})[gold["target"] or "org/unnamed"] = tuple(dict.fromkeys(labels))
    return found


def opened(real_data: Path, name: str) -> Reading:
    text = (real_data / "corpus" / "github" / name / "README.md").read_text(encoding="utf-8")
    return clean(document(text, kind=DocumentKind.REPOSITORY, name=f"github:{name.lower()}").document, text)


@pytest.mark.parametrize("wire", ["chat", "gemini"])
def test_the_labels_come_back_exactly(wire: str, real_data: Path, tmp_path: Path) -> None:
    """But for one, implied by an example in a code block: calls in code are read by the rules for declared metadata."""
    lost: list[str] = []
    wrong: list[str] = []
    for name, targets in labelled(real_data).items():
        reading = opened(real_data, name)
        with ModelServer(Oracle(targets)) as server:
            agents = agents_for(server, tmp_path / name, wire=wire)
            for target, labels in targets.items():
                statements = read_all(agents, reading, Subject(target))
                found = [(s.mention, str(s.relation), normal(s.quote)) for s in statements]
                wanted = [(folded(label.source), label.relation, normal(label.quote)) for label in labels]
                lost += [f"{target}: {label[0]}" for label in wanted if label not in found]
                wrong += [f"{target}: {label}" for label in found if label not in wanted]
                wrong += [
                    f"{target}: {s.quote!r} at {s.quote_offset}"
                    for s in statements
                    if s.quote_offset is None or not reading.text.startswith(s.quote, s.quote_offset)
                ]
    assert not wrong
    assert lost == ["HuggingFaceH4/numina-deepseek-r1-qwen-7b: AI-MO/NuminaMath-TIR"]


def normal(text: str) -> str:
    return folded(unicodedata.normalize("NFKC", text))
