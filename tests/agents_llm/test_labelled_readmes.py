"""Over real READMEs, with a model server that knows the labels: they come back exactly, each quote in its place."""

from __future__ import annotations

import json
import unicodedata
from itertools import islice
from pathlib import Path

import pytest

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.agents.rules.declared import declared
from lineage_platform.agents.rules.finding import version
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.catalog.seeds import read_seeds
from lineage_platform.documents.cleaning import reading as clean
from lineage_platform.documents.library import Library
from lineage_platform.documents.reading import Reading
from lineage_platform.documents.web import open_web
from lineage_platform.files import Home
from lineage_platform.graph.resolution import REVIEW_REASON
from lineage_platform.records import DocumentKind, EdgeStatus, Resolution
from lineage_platform.settings import Limits
from lineage_platform.tracing import trace
from tests.agents_llm.worlds import caller_for, document, read_all
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


@pytest.mark.parametrize(("wire", "every"), [("chat", 1), ("gemini", 5)])  # what is read does not depend on the wire
def test_the_labels_come_back_exactly(wire: str, every: int, real_data: Path, tmp_path: Path) -> None:
    """The model is shown no code: what calls in it load is read without a model, as part of the same agents."""
    lost: list[str] = []
    wrong: list[str] = []
    for name, targets in islice(labelled(real_data).items(), None, None, every):
        reading = opened(real_data, name)
        with ModelServer(Oracle(targets)) as server:
            agents = ModelAgents(caller_for(server, tmp_path / name, wire=wire), declared, version())
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
    assert not lost


def normal(text: str) -> str:
    return folded(unicodedata.normalize("NFKC", text))


def test_the_graph_of_the_hub_folder_has_exactly_the_labelled_edges_that_resolve(
    real_data: Path, tmp_path: Path
) -> None:
    """What is labelled and not accepted has a name that several datasets, a near one, or none that is known bears."""
    labels = {target: found for targets in labelled(real_data).values() for target, found in targets.items()}
    hub, home = FolderHub(real_data / "hub"), Home(tmp_path)
    records, web = home.records(hub.name), open_web(hub)
    library = Library(hub, web, home.hub_folder(hub.name), home.content)
    seeds = [seed.dataset_id for seed in read_seeds(real_data / "hub" / "seeds.txt")]
    with ModelServer(Oracle(labels)) as server:
        agents = ModelAgents(caller_for(server, tmp_path), declared, version())
        traced = {
            result.dataset_id
            for result in trace(seeds, hub=hub, library=library, agents=agents, records=records, limits=Limits())
        }
    wanted = {
        (target, folded(label.source), normal(label.quote))
        for target in traced & set(labels)
        for label in labels[target]
    }
    accepted: set[tuple[str, str, str]] = set()
    unresolved: set[tuple[str, str, str]] = set()
    for resolution in records.all(Resolution):
        methods = {mention.mention: mention.method for mention in resolution.mentions}
        for witness in resolution.witnesses:
            said = (resolution.dataset_id, witness.statement.mention, normal(witness.statement.quote))
            if witness.status is EdgeStatus.ACCEPTED:
                accepted.add(said)
            elif methods[witness.statement.mention] in REVIEW_REASON:
                unresolved.add(said)
    assert len(accepted) > 90
    assert accepted | unresolved == wanted
    assert not accepted & unresolved
