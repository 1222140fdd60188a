"""The dataset card of a corpus: front matter as the Hub reads it, and what a person should know before training on it.

Names, licences and revisions come from other people's cards: in the front matter YAML quotes them, in the text they
stand in code spans.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from lineage_platform.catalog.ids import is_dataset_id
from lineage_platform.corpus.columns import column_description

if TYPE_CHECKING:
    from lineage_platform.corpus.bootstrap import Interval
    from lineage_platform.corpus.diversity import DiversityRow
    from lineage_platform.corpus.publishing import CorpusDescription, PublishedRoot, PublishedStage, PublishedTable

_SIZES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
_LICENCE = re.compile(r"[a-z0-9][a-z0-9.+-]*")


def card(description: CorpusDescription, tables: Sequence[PublishedTable]) -> str:
    """The card as Markdown."""
    corpus, removed = tables[0], tables[1:]
    sections = [
        _introduction(description, corpus),
        _lineage(description),
        _cleaning(description.stages, removed),
        _diversity(description.diversity),
        _columns("The rows", corpus),
        _licences(description),
        _again(description),
    ]
    lines = (line for section in sections for line in (*section, ""))
    return "\n".join([_front_matter(description, tables), *lines])


def _front_matter(description: CorpusDescription, tables: Sequence[PublishedTable]) -> str:
    licences = sorted({name if _LICENCE.fullmatch(name) else "other" for name in description.licences})
    sources = [root.dataset_id for root in description.roots if root.kept and is_dataset_id(root.dataset_id)]
    matter: dict[str, Any] = {
        "pretty_name": _line(description.name),
        "license": licences[0] if len(licences) == 1 else licences,
        "language": list(description.languages),
        "size_categories": [_size(tables[0].rows)],
        "source_datasets": sorted(set(sources)),
        "task_categories": ["text-generation"],
        "tags": ["data-lineage", "provenance", "instruction-tuning", "croissant"],
        "configs": [_config(table, default=table is tables[0]) for table in tables],
    }
    text = yaml.safe_dump(matter, sort_keys=False, allow_unicode=True, width=1_000_000)
    return f"---\n{text}---\n"


def _config(table: PublishedTable, *, default: bool) -> dict[str, Any]:
    files = [{"split": "train", "path": table.path}]
    return (
        {"config_name": "default", "data_files": files, "default": True}
        if default
        else {
            "config_name": table.name,
            "data_files": files,
        }
    )


def _size(rows: int) -> str:
    """The Hub's name for this many rows."""
    at = max(0, len(str(rows)) - 3)
    if at == 0:
        return f"n<{_SIZES[0]}"
    return f"{_SIZES[at - 1]}<n<{_SIZES[at]}" if at < len(_SIZES) else f"n>{_SIZES[-1]}"


def _introduction(description: CorpusDescription, corpus: PublishedTable) -> Iterator[str]:
    yield f"# {_code(description.name)}"
    yield ""
    if description.label:
        yield f"**{_code(description.label)}**"
        yield ""
    used = sum(root.kept > 0 for root in description.roots)
    yield (
        f"{corpus.rows:,} instructions with answers, sampled from {used:,} datasets at the roots of a lineage graph. "
        "Each row names the dataset, part and row it was read from."
    )


def _lineage(description: CorpusDescription) -> Iterator[str]:
    yield "## Lineage"
    yield ""
    yield from _table(
        ("dataset", "rows read", "rows kept", "licence", "revision", "path"), map(_root, description.roots)
    )


def _root(root: PublishedRoot) -> tuple[str, ...]:
    path = " → ".join(map(_code, root.path)) if len(root.path) > 1 else "a leaf"
    name = _code(root.dataset_id)
    if is_dataset_id(root.dataset_id):
        name = f"[{name}](https://huggingface.co/datasets/{root.dataset_id})"
    licence, revision = _code(root.licence or "unknown"), _code(root.revision or "unknown")
    return name, f"{root.rows:,}", f"{root.kept:,}", licence, revision, path


def _cleaning(stages: Sequence[PublishedStage], removed: Sequence[PublishedTable]) -> Iterator[str]:
    yield "## How it was cleaned"
    yield ""
    yield from _table(("stage", "in", "kept", "removed"), map(_stage, stages))
    described = [(_code(stage.name), _prose(stage.does)) for stage in stages if stage.does]
    if described:
        yield ""
        yield from (f"- {name}: {does}" for name, does in described)
    if removed:
        yield ""
        yield "Every removed row is listed with the reason and, where there is one, the row kept in its place:"
        yield ""
        yield from _table(("file", "rows"), ((_code(table.path), f"{table.rows:,}") for table in removed))
        yield ""
        yield from _columns("The removal tables", removed[0], level=3)


def _stage(stage: PublishedStage) -> tuple[str, ...]:
    reasons = ", ".join(f"{_code(reason)} {rows:,}" for reason, rows in sorted(stage.removed.items()))
    return _code(stage.name), f"{stage.input:,}", f"{stage.kept:,}", reasons or "nothing"


def _diversity(rows: Sequence[DiversityRow]) -> Iterator[str]:
    if not rows:
        return
    yield "## Diversity"
    yield ""
    yield "Of the instructions; higher is more diverse. In brackets, 95 % bootstrap intervals. Figures of different"
    yield "models are not comparable."
    yield ""
    yield from _table(
        ("dataset", "rows", "Vendi score", "centroid distance", "model", "share read"), map(_measured, rows)
    )


def _measured(row: DiversityRow) -> tuple[str, ...]:
    found = row.diversity
    vendi = f"{found.vendi:.2f}{_interval(found.vendi_interval, 2)}"
    distance = f"{found.centroid_distance:.4f}{_interval(found.centroid_interval, 4)}"
    return _code(row.dataset), f"{found.rows:,}", vendi, distance, _code(row.model), f"{row.sampled:.1%}"


def _interval(interval: Interval | None, digits: int) -> str:
    return f" [{interval.low:.{digits}f}, {interval.high:.{digits}f}]" if interval else ""


def _columns(title: str, table: PublishedTable, level: int = 2) -> Iterator[str]:
    yield f"{'#' * level} {title}"
    yield ""
    rows = (
        (_code(column.name), _code(column.type), _prose(column_description(column.name))) for column in table.schema
    )
    yield from _table(("column", "type", "what it holds"), rows)


def _licences(description: CorpusDescription) -> Iterator[str]:
    yield "## Licence"
    yield ""
    yield f"A row stands under the licence of its dataset: {', '.join(map(_code, description.licences)) or 'none'}."
    if "unknown" in description.licences:
        yield "`unknown`: the dataset's card states none; ask its authors before you use those rows."


def _again(description: CorpusDescription) -> Iterator[str]:
    yield "## Make it again"
    yield ""
    yield "`lineage corpus build recipe.yaml` with the `recipe.lock` beside it gives the same bytes. Digest of both:"
    yield f"{_code(description.recipe_digest)}."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _code(value: object) -> str:
    """A value as literal text: a code span that nothing in it can close, fit for a table."""
    text = _line(str(value)).replace("|", "\\|") or "(empty)"
    ticks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{ticks}{text}{ticks}" if len(ticks) == 1 else f"{ticks} {text} {ticks}"


def _prose(value: str) -> str:
    """Our own sentence, with whatever Markdown would read in it escaped."""
    return re.sub(r"([\\`*_\[\]<>|#~&])", r"\\\1", _line(value))


def _line(value: str) -> str:
    """One line without control, invisible or direction-changing characters."""
    shown = (
        " " if char.isspace() else char for char in value if unicodedata.category(char) not in _HIDDEN or char.isspace()
    )
    return " ".join("".join(shown).split())


_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
