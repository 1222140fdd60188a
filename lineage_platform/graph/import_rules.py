"""The rules of the platform held against an imported graph: what they find, and what they would make of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lineage_platform.catalog.aliases import registry
from lineage_platform.catalog.ids import hub_dataset, normalise_name, off_hub_id
from lineage_platform.graph.edges import anachronism
from lineage_platform.graph.imports import Import, ImportedDataset, ImportedStatement
from lineage_platform.graph.quotes import names
from lineage_platform.graph.tables import AliasRow, FaultRow
from lineage_platform.records import EdgeStatus, Witness

_CRAWL_DUMP = re.compile(r"(?:crawl-data/)?(CC-MAIN-\d{4}-\d{2})", re.IGNORECASE)
_CRAWL = "name:commoncrawl"
_SCHEME = re.compile(r"(?:github|arxiv|url|name):\S")


@dataclass(frozen=True)
class Name:
    """What an id as stated stands for under the rules.

    Parameters
    ----------
    node_id, part:
        The node, and which part of it.
    fault:
        The kind of fault that the id as stated is; empty when it is none.
    """

    node_id: str
    part: str | None = None
    fault: str = ""


@dataclass(frozen=True)
class Judged:
    """An import under the rules.

    Parameters
    ----------
    datasets:
        Its datasets; under ``apply_rules`` without those that are another's alias.
    witnesses:
        Each with the target it speaks of.
    aliases, faults:
        Other names that were found, if they are applied, and everything that the rules find fault with.
    """

    datasets: tuple[ImportedDataset, ...]
    witnesses: tuple[tuple[str, Witness], ...]
    aliases: tuple[AliasRow, ...]
    faults: tuple[FaultRow, ...]


def judge(imported: Import) -> Judged:
    """What the rules find in an import; they change it only if it asks for that."""
    rules = _Rules(imported.datasets)
    faults = [*_repeated(imported.statements), *rules.namesakes()]
    witnesses = [(restored.target, restored.witness) for restored in imported.witnesses]
    for statement in imported.statements:
        found = tuple(rules.faults(statement))
        faults += found
        target, witness = statement.target, statement.witness(imported.said_by)
        if imported.apply_rules:
            status, reason = _verdict(found)
            target = rules.name(statement.target).node_id
            source = rules.name(statement.source).node_id
            witness = statement.witness(imported.said_by, source=source, status=status, reason=reason)
        witnesses.append((target, witness))
    names = {dataset.dataset_id: rules.name(dataset.dataset_id) for dataset in imported.datasets}
    faults += [
        FaultRow(name.fault, stated, f"stands for {name.node_id}") for stated, name in names.items() if name.fault
    ]
    if not imported.apply_rules:
        return Judged(imported.datasets, tuple(witnesses), (), tuple(dict.fromkeys(faults)))
    datasets = tuple(dataset for dataset in imported.datasets if not names[dataset.dataset_id].fault)
    aliases = tuple(rules.aliases(imported.statements))
    return Judged(datasets, tuple(witnesses), aliases, tuple(dict.fromkeys(faults)))


class _Rules:
    """The rules, for the datasets of one import.

    Parameters
    ----------
    datasets:
        What the import says is on the Hub.
    """

    def __init__(self, datasets: Iterable[ImportedDataset]) -> None:
        self._releases = {dataset.dataset_id: dataset.release for dataset in datasets}
        self._spelled: dict[str, str] = {}
        for dataset_id in sorted(self._releases):
            self._spelled.setdefault(dataset_id.lower(), dataset_id)
        self._names: dict[str, Name] = {}

    def name(self, stated: str) -> Name:
        """What an id stands for."""
        if stated not in self._names:
            self._names[stated] = self._name(stated)
        return self._names[stated]

    def _name(self, stated: str) -> Name:
        spelled = self._spelled.get(stated.lower())
        if spelled:
            return Name(spelled, fault="" if spelled == stated else "alias")
        dump = _CRAWL_DUMP.fullmatch(stated)
        if dump:
            return Name(_CRAWL, dump[1], "part")
        dataset_id, part = hub_dataset(stated) or _whole(stated)
        if dataset_id.lower() in self._spelled:
            return Name(self._spelled[dataset_id.lower()], part, "part" if part else "alias")
        if _SCHEME.match(stated):
            return Name(stated)
        off_hub = off_hub_id(stated)
        known = registry().get(off_hub) or registry().get(normalise_name(stated))
        if known:
            return Name(self._spelled.get(known.lower(), known), fault="alias")
        return Name(off_hub, fault="unschemed")

    def faults(self, statement: ImportedStatement) -> Iterator[FaultRow]:
        """What is wrong with one statement."""
        subject = f"{statement.source} -> {statement.target}"
        source, target = self.name(statement.source), self.name(statement.target)
        if source.fault:
            part = f", part {source.part}" if source.part else ""
            yield FaultRow(source.fault, statement.source, f"stands for {source.node_id}{part}")
        if source.node_id == target.node_id:
            yield FaultRow("self_edge", subject, f"both ends are {source.node_id}")
        dates = anachronism(self._releases.get(source.node_id), self._releases.get(target.node_id))
        if dates:
            yield FaultRow("anachronism", subject, dates)
        if not statement.quote.strip():
            yield FaultRow("no_quote", subject, "no quote was given")
        elif not any(names(statement.quote, name) for name in {statement.source, statement.source.split("/")[-1]}):
            yield FaultRow("unnamed_quote", subject, f"the quote does not name {statement.source}")

    def namesakes(self) -> Iterator[FaultRow]:
        """Datasets of one name in two organisations: one may be a copy of the other, or bound in its place."""
        bearers: defaultdict[str, list[str]] = defaultdict(list)
        for dataset_id in self._spelled.values():
            bearers[normalise_name(dataset_id.split("/")[-1])].append(dataset_id)
        for ids in bearers.values():
            if len(ids) > 1:
                yield FaultRow("namesake", ids[0], f"bears the name of {', '.join(ids[1:])}")

    def aliases(self, statements: Iterable[ImportedStatement]) -> Iterator[AliasRow]:
        """Each id as stated that stands for another one."""
        stated = {end for statement in statements for end in (statement.source, statement.target)} | {*self._releases}
        for name in sorted(stated):
            if self.name(name).fault:
                yield AliasRow(name, self.name(name).node_id, self.name(name).fault)


def _whole(stated: str) -> tuple[str, str | None]:
    """The dataset and the part of ``org/name#part`` and ``org/name/part``; the id itself otherwise."""
    base, _, part = stated.partition("#")
    owner, *rest = base.split("/")
    if not part and len(rest) > 1:
        return f"{owner}/{rest[0]}", "/".join(rest[1:])
    return base, part or None


def _repeated(statements: Iterable[ImportedStatement]) -> Iterator[FaultRow]:
    pairs: defaultdict[tuple[str, str], int] = defaultdict(int)
    for statement in statements:
        pairs[statement.source, statement.target] += 1
    for (source, target), times in sorted(pairs.items()):
        if times > 1:
            yield FaultRow("duplicate", f"{source} -> {target}", f"stated {times} times: one edge, {times} witnesses")


def _verdict(faults: Iterable[FaultRow]) -> tuple[EdgeStatus, str]:
    """What becomes of a statement with these faults: the gravest decides."""
    by_kind = {fault.kind: fault.detail for fault in faults}
    for kind, status in (
        ("self_edge", EdgeStatus.REJECTED),
        ("no_quote", EdgeStatus.REJECTED),
        ("anachronism", EdgeStatus.ANACHRONISTIC),
        ("unnamed_quote", EdgeStatus.REVIEW),
    ):
        if kind in by_kind:
            return status, by_kind[kind]
    return EdgeStatus.IMPORTED, ""
