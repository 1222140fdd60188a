"""Quotes that people chose as evidence in real documents pass the rule; the same quotes with a word altered do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_platform.documents.cleaning import reading
from lineage_platform.documents.reading import Reading
from lineage_platform.graph.evidence import check
from lineage_platform.records import DocumentKind, Statement
from tests.graph.builders import document, statement


@pytest.fixture(scope="module")
def labelled(real_data: Path) -> list[tuple[str, Statement, Reading]]:
    return list(_labelled(real_data / "corpus"))


def _labelled(corpus: Path) -> Iterator[tuple[str, Statement, Reading]]:
    for line in (corpus / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        path = corpus / "github" / label["document"] / "README.md"
        opened = reading(document(DocumentKind.REPOSITORY), path.read_bytes().decode("utf-8", "replace"))
        for source in label["sources"]:
            if source.get("explicit", True):
                yield label["target"] or "", statement(source["mention"], source["evidence"]), opened


def test_stated_sources_have_evidence_that_needs_no_review(labelled: list[tuple[str, Statement, Reading]]) -> None:
    judged = [check(said, opened, [target]) for target, said, opened in labelled]
    assert len(judged) > 100
    assert [evidence for evidence in judged if not evidence.verified or evidence.needs_review] == []


def test_with_one_word_altered_they_have_none(labelled: list[tuple[str, Statement, Reading]]) -> None:
    for target, said, opened in labelled:
        words = said.quote.split()
        for place in range(len(words)):
            altered = " ".join([*words[:place], "zzyzx", *words[place + 1 :]])
            assert not check(said.model_copy(update={"quote": altered}), opened, [target]).verified
