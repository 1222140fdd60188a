"""The recipe of a corpus: what to sample, what to leave out, and how much of each (docs/recipes.md)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from lineage_platform.catalog.ids import is_dataset_id
from lineage_platform.corpus.near_duplicates import Keep
from lineage_platform.files import digest
from lineage_platform.records import Domain, Record

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Match(StrEnum):
    """How a row may match a benchmark's item; each includes the one before."""

    EXACT = "exact"
    NORMALISED = "normalised"
    NEAR = "near"


def _dataset(value: str) -> str:
    name, _, part = value.partition("#")
    if not is_dataset_id(name) or (("#" in value) and not part):
        raise ValueError("is no dataset id: write org/name, or org/name#part")
    return value


def _whole_dataset(value: str) -> str:
    if "#" in value:
        raise ValueError("names a part: write the dataset alone, org/name")
    return _dataset(value)


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("is no name: up to 64 letters, digits, dots, dashes and underscores, a letter or digit first")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("is no language code: write two or three small letters, e.g. en")
    return value


def _licence(value: str) -> str:
    return value.strip().lower()


def _off(value: object) -> object:
    """YAML reads ``off`` as false; both mean that the step is left out."""
    return None if value is False else value


DatasetName = Annotated[str, AfterValidator(_whole_dataset)]
PartName = Annotated[str, AfterValidator(_dataset)]
Language = Annotated[str, AfterValidator(_language)]
Licence = Annotated[str, AfterValidator(_licence)]


class Bounds(Record):
    """How long a text may be, in characters and in words (split at white space); None sets no bound."""

    min_characters: int | None = Field(default=None, ge=0)
    max_characters: int | None = Field(default=None, ge=0)
    min_words: int | None = Field(default=None, ge=0)
    max_words: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for low, high, unit in (
            (self.min_characters, self.max_characters, "characters"),
            (self.min_words, self.max_words, "words"),
        ):
            if low is not None and high is not None and low > high:
                raise ValueError(f"no text fits: min_{unit} {low} is above max_{unit} {high}")
        return self


class Roots(Record):
    """Which leaves of the graph are sampled: ranked by how many Hub datasets are built on them."""

    max: int | None = Field(default=None, ge=0)
    min_used_by: int = Field(default=1, ge=0)
    domains: tuple[Domain, ...] = (Domain.MATH, Domain.CODE, Domain.GENERAL, Domain.SCIENCE)
    include: tuple[DatasetName, ...] = ()
    exclude: tuple[DatasetName, ...] = ()

    @model_validator(mode="after")
    def _decided(self) -> Self:
        both = sorted(set(self.include) & set(self.exclude))
        if both:
            raise ValueError(f"include and exclude both name {', '.join(both)}: take it out of one")
        return self


class Hubs(Record):
    """Internal datasets (those made from others) that are admitted beside the leaves, by the same rank."""

    max: int = Field(default=0, ge=0)
    min_used_by: int = Field(default=1, ge=0)


class Languages(Record):
    """Languages to keep; a row goes when another is identified with at least this confidence."""

    keep: tuple[Language, ...] = ("en",)
    min_confidence: float = Field(default=0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.keep:
            raise ValueError("keep names no language, so no row would stay: name one, or write `languages: off`")
        return self


class Filters(Record):
    """What a row must be to stay: neither part empty, of a fitting length, in a wanted language."""

    instruction: Bounds = Bounds(min_characters=5, max_characters=20_000)
    output: Bounds = Bounds(min_characters=1, max_characters=100_000)
    languages: Annotated[Languages | None, BeforeValidator(_off)] = Languages()


class NearDuplicates(Record):
    """Near-duplicates of the query: removed when the exact Jaccard of word 8-grams reaches the threshold."""

    threshold: float = Field(default=0.7, gt=0, le=1)
    keep: Keep = Keep.FIRST


class Benchmarks(Record):
    """Benchmarks whose items must not be in the corpus, by dataset or ``dataset#part``."""

    ids: tuple[PartName, ...] = ()
    match: Match = Match.NEAR
    near_containment: float = Field(default=0.6, gt=0, le=1)


class Licences(Record):
    """Licences by the Hub's short names, in any case; an empty ``allow`` allows all that ``deny`` does not name."""

    allow: tuple[Licence, ...] = ()
    deny: tuple[Licence, ...] = ()
    unknown: Literal["keep", "remove"] = "keep"


class Quota(Record):
    """At most so many rows, or at most this share (0 to 1) of the corpus."""

    rows: int | None = Field(default=None, ge=0)
    share: float | None = Field(default=None, gt=0, le=1)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.rows is None and self.share is None:
            raise ValueError("sets no limit: give rows, share, or both")
        return self


class Quotas(Record):
    """Limits on what the corpus holds; which rows stay is drawn with the recipe's seed."""

    rows: int | None = Field(default=None, ge=1)
    each_root: Quota | None = None
    roots: dict[DatasetName, Quota] = Field(default_factory=dict)
    domains: dict[Domain, Quota] = Field(default_factory=dict)
    hubs: Quota | None = None


class Diversity(Record):
    """How the corpus is measured: the embedding model, and the datasets whose figures stand beside it."""

    model: str = "static"
    compare_with: tuple[PartName, ...] = ()
    most_rows: int | None = Field(default=None, ge=2)


class Recipe(Record):
    """How to make one corpus; the same recipe on the same revisions gives the same bytes."""

    name: Annotated[str, AfterValidator(_name)]
    seed: int = Field(default=0, ge=0, lt=1 << 63)
    roots: Roots = Roots()
    hubs: Hubs = Hubs()
    skip_bad_rows: bool = False
    licences: Licences = Licences()
    filters: Filters = Filters()
    near_duplicates: Annotated[NearDuplicates | None, BeforeValidator(_off)] = NearDuplicates()
    benchmarks: Benchmarks = Benchmarks()
    quotas: Quotas = Quotas()
    diversity: Annotated[Diversity | None, BeforeValidator(_off)] = Diversity()

    def section(self, *names: str) -> str:
        """Digest of some sections: what a stage that reads only them depends on."""
        chosen = self.model_dump_json(include=set(names))
        return digest(*sorted(names), chosen)
