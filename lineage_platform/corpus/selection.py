"""Which datasets a corpus is sampled from: the leaves that most others are built on (paper, section 11)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from lineage_platform.corpus.recipe import Licences, Recipe
from lineage_platform.errors import DatasetGated, DatasetNotFound, LineageError
from lineage_platform.records import Domain, Record
from lineage_platform.sql import sql_folder

if TYPE_CHECKING:
    from lineage_platform.graph.query import Graph

ARROW = " -> "


class NothingSelected(LineageError):
    """No dataset fits the recipe."""

    kind = "nothing_selected"


class RowsMissing(LineageError):
    """A dataset has no rows of questions with answers."""

    kind = "not_question_and_answer"


class RootKind(StrEnum):
    """Where a dataset stands in the graph."""

    LEAF = "leaf"
    HUB = "hub"
    LISTED = "listed"  # named by the recipe, and not in the graph


class Candidate(Record):
    """A dataset that might be sampled, with its place in the graph; ``path`` leads to it from the nearest leaf."""

    dataset_id: str
    kind: RootKind
    used_by: int = 0
    domains: tuple[Domain, ...] = (Domain.UNCLASSIFIED,)
    licence: str = ""
    released: str = ""
    path: tuple[str, ...] = ()


class Source(Record):
    """One part of a root: its rows, how many could not be read, and the digest of what they say."""

    part: str
    rows: int
    skipped_rows: int
    shape: str
    content: str


class RootRows(Record):
    """What a hub gives for one dataset: its revision, its declared licence, its parts with rows."""

    revision: str
    licence: str
    sources: tuple[Source, ...]


class Root(Candidate):
    """A dataset that is sampled; ``domain`` is the first of the recipe's that it has."""

    domain: Domain
    revision: str
    sources: tuple[Source, ...]

    @property
    def anchor(self) -> str:
        """The leaf at which its path begins; itself, if it is one."""
        return self.path[0] if self.path else self.dataset_id

    @property
    def path_text(self) -> str:
        """The path from the leaf to it, as text."""
        return ARROW.join(self.path or (self.dataset_id,))


class Rejected(Record):
    """A candidate that is not sampled, and why."""

    dataset_id: str
    reason: str
    detail: str = ""


class Selection(Record):
    """The roots in the order of their rank, and every candidate that is none; together they are all candidates."""

    roots: tuple[Root, ...]
    rejected: tuple[Rejected, ...]


ReadRows = Callable[[str], RootRows]
"""Reads the rows of a dataset, unless they are read already.

Raises RowsMissing, DatasetGated or DatasetNotFound where there are none to be had.
"""


def candidates(graph: Graph | None, recipe: Recipe) -> tuple[Candidate, ...]:
    """Every dataset that the recipe could take, best first: those it names, leaves by use, internal hubs by use."""
    found = {each.dataset_id: each for each in _of_graph(graph)} if graph else {}
    named = [
        found.pop(name) if name in found else Candidate(dataset_id=name, kind=RootKind.LISTED, path=(name,))
        for name in recipe.roots.include
    ]
    wanted = (RootKind.LEAF, RootKind.HUB) if recipe.hubs.max else (RootKind.LEAF,)
    return (*named, *(each for each in found.values() if each.kind in wanted))


def select(ranked: Iterable[Candidate], recipe: Recipe, read_rows: ReadRows) -> Selection:
    """Take candidates in their order until the recipe has enough; rows are read only of those that may be taken.

    Raises
    ------
    NothingSelected
        No candidate fits.
    LineageError
        The hub does not answer now: no root is left out for a reason that will pass.
    """
    roots: list[Root] = []
    rejected: list[Rejected] = []
    for each in ranked:
        choice = _refusal(each, recipe, roots) or _root(each, recipe, read_rows)
        if isinstance(choice, Root):
            roots.append(choice)
        else:
            rejected.append(choice)
    if not roots:
        raise NothingSelected(f"no dataset fits the recipe {recipe.name}: {_why(rejected)}", "lineage report leaves")
    return Selection(roots=tuple(roots), rejected=tuple(rejected))


def _of_graph(graph: Graph) -> Iterable[Candidate]:
    folder = sql_folder() / "corpus"
    arrows = graph.select((folder / "arrows.sql").read_text(encoding="utf-8")).rows
    rows = graph.select((folder / "candidates.sql").read_text(encoding="utf-8")).records()
    paths = _paths_from_leaves([row["dataset_id"] for row in rows if row["is_leaf"]], arrows)
    for row in rows:
        yield Candidate(
            dataset_id=row["dataset_id"],
            kind=RootKind.LEAF if row["is_leaf"] else RootKind.HUB,
            used_by=row["out_degree"],
            domains=tuple(row["domains"]),
            licence=row["licence"] or "",
            released=row["release_date"] or "",
            path=paths.get(row["dataset_id"], (row["dataset_id"],)),
        )


def _paths_from_leaves(leaves: Sequence[str], arrows: Iterable[Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """The shortest path to each dataset from the leaf that is nearest to it, ties by name."""
    below: dict[str, list[str]] = {}
    for source, target in arrows:
        below.setdefault(source, []).append(target)
    paths: dict[str, tuple[str, ...]] = {leaf: (leaf,) for leaf in sorted(leaves)}
    waiting = deque(paths)
    while waiting:
        dataset = waiting.popleft()
        for target in sorted(below.get(dataset, ())):
            if target not in paths:
                paths[target] = (*paths[dataset], target)
                waiting.append(target)
    return paths


def _refusal(each: Candidate, recipe: Recipe, roots: Sequence[Root]) -> Rejected | None:
    """Why a candidate is not taken, as far as that can be said without its rows; None if it may be."""
    hub = each.kind is RootKind.HUB
    limit = recipe.hubs.max if hub else recipe.roots.max
    used = recipe.hubs.min_used_by if hub else recipe.roots.min_used_by
    reason, detail = "", ""
    if each.dataset_id in recipe.roots.exclude:
        reason = "excluded"
    elif each.dataset_id in recipe.benchmarks.ids:
        reason, detail = "benchmark", "the recipe keeps it out of the corpus"
    elif each.dataset_id in recipe.roots.include:
        return None
    elif each.used_by < used:
        reason, detail = "too_little_used", f"{each.used_by} datasets are built on it, {used} are asked for"
    elif not set(each.domains) & set(recipe.roots.domains):
        reason, detail = "domain", ", ".join(each.domains)
    elif limit is not None and _taken(roots, each.kind, recipe) >= limit:
        reason, detail = "beyond_max", f"{limit} that rank higher are taken"
    return Rejected(dataset_id=each.dataset_id, reason=reason, detail=detail) if reason else None


def _taken(roots: Sequence[Root], kind: RootKind, recipe: Recipe) -> int:
    return sum(root.kind is kind and root.dataset_id not in recipe.roots.include for root in roots)


def _root(each: Candidate, recipe: Recipe, read_rows: ReadRows) -> Root | Rejected:
    """The candidate with its rows, or why it has none that may be used."""
    if each.licence and (refused := _licence_refused(each.licence, recipe.licences)):
        return Rejected(dataset_id=each.dataset_id, reason="licence", detail=refused)
    try:
        rows = read_rows(each.dataset_id)
    except (RowsMissing, DatasetGated, DatasetNotFound) as error:
        return Rejected(dataset_id=each.dataset_id, reason=error.kind, detail=error.message)
    licence = each.licence or rows.licence
    if refused := _licence_refused(licence, recipe.licences):
        return Rejected(dataset_id=each.dataset_id, reason="licence", detail=refused)
    kept_out = {name.partition("#")[2] for name in recipe.benchmarks.ids if name.startswith(f"{each.dataset_id}#")}
    sources = tuple(source for source in rows.sources if source.part not in kept_out)
    if not sources:
        return Rejected(dataset_id=each.dataset_id, reason="benchmark", detail="the recipe keeps all its parts out")
    domain = next((domain for domain in recipe.roots.domains if domain in each.domains), each.domains[0])
    given = each.model_dump() | {"licence": licence}
    return Root(**given, domain=domain, revision=rows.revision, sources=sources)


def _licence_refused(licence: str, rules: Licences) -> str:
    """Why the rules refuse a licence; empty when they do not."""
    name = licence.strip().lower()
    if not name or name == "unknown":
        return "its licence is not known" if rules.unknown == "remove" else ""
    if name in rules.deny or (rules.allow and name not in rules.allow):
        return name
    return ""


def _why(rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return "the graph has no leaf on the Hub, and the recipe names no dataset"
    reasons = sorted({each.reason for each in rejected})
    return f"of {len(rejected)} candidates none stayed ({', '.join(reasons)})"
