"""How well agents read real documents: precision, recall and F1 against hand labels, and seconds.

Usage: python benchmarks/extraction_quality.py [--agents rules] [--out predictions.jsonl] [--half develop|held-out]

Needs the folder of real material (``LINEAGE_REAL_DATA``, default: a folder named ``shared`` beside the repository).
Documents are split in two halves by a hash of their names: rules are developed on the first alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lineage_platform.agents import open_agents
from lineage_platform.agents.interface import Agents, Subject
from lineage_platform.catalog import ids
from lineage_platform.documents.cleaning import reading
from lineage_platform.documents.reading import Reading
from lineage_platform.records import Document, DocumentKind, DocumentOutcome, Statement

REAL_DATA = Path(os.environ.get("LINEAGE_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared")


def main() -> None:
    """Read every labelled README for each of its targets, and print the scorer's figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", default="rules")
    parser.add_argument("--out", type=Path, help="where to write the predictions (JSON Lines)")
    parser.add_argument("--half", choices=("develop", "held-out"), help="only one half of the documents")
    options = parser.parse_args()
    labels = [line for line in labelled() if options.half in (None, half(line["document"]))]
    start = time.perf_counter()
    predictions = [prediction(open_agents(options.agents), line) for line in labels]
    seconds = time.perf_counter() - start
    figures = score(predictions, labels)
    if options.out:
        write(options.out, predictions)
    for name, figure in figures.items():
        print(f"{name:32} {figure}")
    print(f"{'seconds':32} {seconds:.2f}")


def labelled() -> list[dict[str, Any]]:
    """The hand labels, one per document and target."""
    path = REAL_DATA / "corpus" / "gold.jsonl"
    if not path.is_file():
        sys.exit(f"no labels at {path}: set LINEAGE_REAL_DATA to the folder of real material")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def half(document: str) -> str:
    """Which half a document belongs to."""
    return "held-out" if hashlib.sha256(document.encode()).digest()[-1] % 2 else "develop"


def readme(name: str) -> Reading:
    """A repository's README, opened; ``name`` is ``owner/repository``."""
    text = (REAL_DATA / "corpus" / "github" / name / "README.md").read_text(encoding="utf-8")
    document = Document(
        document_id=f"github:{name.lower()}",
        kind=DocumentKind.REPOSITORY,
        url=f"https://github.com/{name}",
        outcome=DocumentOutcome.FETCHED,
    )
    return reading(document, text)


def prediction(agents: Agents, label: dict[str, Any]) -> dict[str, Any]:
    """What the agents state of one target of one document, in the scorer's form."""
    document = readme(label["document"])
    subject = Subject(label["target"] or label["document"].split("/")[-1])
    statements = agents.tracing(subject, document, agents.extracting(subject, document))
    sources = list(_sources(subject, statements))
    return {"document": label["document"], "target": label["target"], "sources": sources}


def _sources(subject: Subject, statements: Sequence[Statement]) -> Iterator[dict[str, Any]]:
    own = {ids.normalise_name(name.split("/")[-1]) for name in (subject.name, *subject.also_known_as)}
    for statement in statements:
        if statement.about is None or ids.normalise_name(statement.about.split("/")[-1]) in own:
            hub = ids.hub_dataset(statement.link) if statement.link else None
            yield {
                "mention": statement.mention,
                "id": hub[0] if hub else None,
                "relation": statement.relation.value,
                "evidence": statement.quote,
            }


def score(predictions: Sequence[dict[str, Any]], labels: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The scorer's figures for these predictions against these labels."""
    with tempfile.TemporaryDirectory() as folder:
        given, expected = Path(folder, "predictions.jsonl"), Path(folder, "labels.jsonl")
        write(given, predictions)
        write(expected, labels)
        tool = [sys.executable, str(REAL_DATA / "tools" / "score_extraction.py"), str(given), str(expected)]
        answer = subprocess.run(
            [*tool, "--corpus", str(REAL_DATA / "corpus"), "--json"], check=True, capture_output=True, text=True
        )
    figures: dict[str, Any] = json.loads(answer.stdout)
    figures.pop("per_document")
    return figures


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as JSON Lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
