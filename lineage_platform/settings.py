"""Settings, read from the environment in one place and passed on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lineage_platform.errors import UsageError

ENVIRONMENT_PREFIX = "LINEAGE_"
MAIL_PORTS = {"smtp": 587, "smtps": 465}
SNAPSHOTS_KEPT = 50
A_DAY = 86_400  # seconds
GRACE_SECONDS = 6.0  # what work may take to end after SIGTERM; process managers kill after ten


@dataclass(frozen=True)
class Limits:
    """Bounds of one trace.

    Parameters
    ----------
    max_hops:
        Edges to follow upstream of a seed; None follows until nothing new appears.
    concurrency:
        Datasets traced at the same time.
    review_threshold:
        Edges with a confidence below it wait for review (0 to 1).
    cutoff_year:
        Datasets released before this year are kept but not expanded (paper, section 3.2).
    max_cost:
        US dollars that one trace may spend on models; None sets no bound.
    changed_only:
        Follow the sources of datasets that brought news alone: those of the others were followed before.
    """

    max_hops: int | None = None
    concurrency: int = 16
    review_threshold: float = 0.7
    cutoff_year: int = 2020
    max_cost: float | None = None
    changed_only: bool = False


@dataclass(frozen=True)
class Mail:
    """Who is written to, and over which server.

    Parameters
    ----------
    server:
        ``smtps://USER:PASSWORD@HOST`` (encrypted from the first byte, port 465) or ``smtp://...`` (port 587, encrypted
        as soon as the server says that it can). It may hold a password, so it is never shown.
    to:
        Addresses; none: nothing is sent.
    sender:
        Address of the sender; empty: the server's user, or ``lineage-platform@HOST``.

    Raises
    ------
    UsageError
        A server without addresses or the other way round, or a server's address that is none.
    """

    server: str = field(default="", repr=False)
    to: tuple[str, ...] = ()
    sender: str = ""

    def __post_init__(self) -> None:
        if bool(self.server) != bool(self.to):
            raise UsageError(
                "mail needs a server and addresses", "set LINEAGE_MAIL_SERVER and LINEAGE_MAIL_TO, or neither"
            )
        try:
            url = urlsplit(self.server)
            known = not self.server or (url.scheme in MAIL_PORTS and bool(url.hostname) and url.port != 0)
        except ValueError:
            known = False
        if not known:
            raise UsageError(
                "LINEAGE_MAIL_SERVER is not the address of a mail server",
                "smtps://USER:PASSWORD@HOST, or smtp://HOST:PORT",
            )


@dataclass(frozen=True)
class Upkeep:
    """What is done unasked, by sensors and by night.

    Parameters
    ----------
    batch:
        Datasets that one run looks at, at most.
    night:
        When the nightly trace begins, as cron writes it, in UTC.
    watch:
        A watch list; None watches the hub's own seeds.
    webhook:
        Address that is told what changed and what failed; empty: none. It may hold a secret, so it is never shown.
    mail:
        Who is told the same by mail.
    """

    batch: int = 500
    night: str = "0 3 * * *"
    watch: Path | None = None
    webhook: str = field(default="", repr=False)
    mail: Mail = field(default_factory=Mail)


@dataclass(frozen=True)
class Rows:
    """How rows are read and kept.

    Parameters
    ----------
    scheme:
        Of their digests; its name ends in its version.
    most_rows:
        Of larger Parquet sets, row groups are sampled until so many rows are read.
    shards:
        Folder or fsspec URL for the shards; None keeps them in the data home.
    spark_remote:
        Spark Connect server that runs the joins (``sc://host:15002``); empty: DuckDB in this process.
    memory_limit:
        What DuckDB's joins may hold in memory; more goes to disk.
    benchmarks:
        A file of benchmarks beside the packaged ones.
    """

    scheme: str = "xxh3-128/1"
    most_rows: int = 20_000_000
    shards: str | None = None
    spark_remote: str = ""
    memory_limit: str = "2GB"
    benchmarks: Path | None = None


@dataclass(frozen=True)
class Settings:
    """Everything the platform lets a user set.

    Parameters
    ----------
    home:
        The data home: all of the platform's state.
    hub:
        ``live``, ``sample``, or a hub folder's path.
    agents:
        ``auto``, ``llm`` or ``rules``.
    models:
        A file that says which model plays which role; None takes the packaged defaults.
    reviews:
        The file of people's decisions about edges; None keeps it in the data home.
    author:
        Who decides, in that file; empty takes the name of the account.
    embedding:
        The model that embeds texts for diversity figures: ``auto``, ``static``, a Hub id or a folder.
    limits:
        Bounds of a trace.
    upkeep:
        What is done unasked.
    rows:
        How rows are read and kept.
    """

    home: Path = Path("lineage_data")
    hub: str = "live"
    agents: str = "auto"
    models: Path | None = None
    reviews: Path | None = None
    author: str = ""
    embedding: str = "auto"
    limits: Limits = field(default_factory=Limits)
    snapshots_kept: int = SNAPSHOTS_KEPT
    upkeep: Upkeep = field(default_factory=Upkeep)
    rows: Rows = field(default_factory=Rows)

    @property
    def reviews_file(self) -> Path:
        """Where people's decisions lie: the one thing of a data home that cannot be made again."""
        return self.reviews or self.home / "reviews.jsonl"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from the ``LINEAGE_*`` variables.

        HOME, HUB, AGENTS, MODELS, REVIEWS, AUTHOR, EMBEDDING, CONCURRENCY, REVIEW_THRESHOLD, CUTOFF_YEAR, MAX_COST,
        BATCH, NIGHT, WATCH, WEBHOOK, MAIL_SERVER, MAIL_TO, MAIL_FROM, SNAPSHOTS_KEPT, DIGESTS, MOST_ROWS, SHARDS,
        SPARK_REMOTE, MEMORY_LIMIT and BENCHMARKS are read.

        Raises
        ------
        UsageError
            A number that is not one, or out of range; mail that cannot be sent.
        """

        def number(name: str, default: float, low: float, high: float) -> float:
            text = environment.get(ENVIRONMENT_PREFIX + name, "")
            try:
                value = float(text) if text else default
            except ValueError:
                value = float("nan")
            if not low <= value <= high:
                raise UsageError(f"{ENVIRONMENT_PREFIX}{name}={text!r} is not a number from {low:g} to {high:g}")
            return value

        limits = Limits(
            concurrency=int(number("CONCURRENCY", Limits.concurrency, 1, 256)),
            review_threshold=number("REVIEW_THRESHOLD", Limits.review_threshold, 0, 1),
            cutoff_year=int(number("CUTOFF_YEAR", Limits.cutoff_year, 0, 9999)),
            max_cost=number("MAX_COST", 0, 0, 1e9) if environment.get(ENVIRONMENT_PREFIX + "MAX_COST") else None,
        )
        upkeep = Upkeep(
            batch=int(number("BATCH", Upkeep.batch, 1, 100_000)),
            night=environment.get(ENVIRONMENT_PREFIX + "NIGHT") or Upkeep.night,
            watch=Path(watch) if (watch := environment.get(ENVIRONMENT_PREFIX + "WATCH")) else None,
            webhook=environment.get(ENVIRONMENT_PREFIX + "WEBHOOK", ""),
            mail=Mail(
                server=environment.get(ENVIRONMENT_PREFIX + "MAIL_SERVER", ""),
                to=tuple(environment.get(ENVIRONMENT_PREFIX + "MAIL_TO", "").replace(",", " ").split()),
                sender=environment.get(ENVIRONMENT_PREFIX + "MAIL_FROM", ""),
            ),
        )
        rows = Rows(
            scheme=environment.get(ENVIRONMENT_PREFIX + "DIGESTS") or Rows.scheme,
            most_rows=int(number("MOST_ROWS", Rows.most_rows, 1, 1e12)),
            shards=environment.get(ENVIRONMENT_PREFIX + "SHARDS") or None,
            spark_remote=environment.get(ENVIRONMENT_PREFIX + "SPARK_REMOTE") or Rows.spark_remote,
            memory_limit=environment.get(ENVIRONMENT_PREFIX + "MEMORY_LIMIT") or Rows.memory_limit,
            benchmarks=Path(path) if (path := environment.get(ENVIRONMENT_PREFIX + "BENCHMARKS")) else None,
        )
        return cls(
            home=Path(environment.get(ENVIRONMENT_PREFIX + "HOME") or cls.home),
            hub=environment.get(ENVIRONMENT_PREFIX + "HUB") or cls.hub,
            agents=environment.get(ENVIRONMENT_PREFIX + "AGENTS") or cls.agents,
            models=Path(models) if (models := environment.get(ENVIRONMENT_PREFIX + "MODELS")) else None,
            reviews=Path(reviews) if (reviews := environment.get(ENVIRONMENT_PREFIX + "REVIEWS")) else None,
            author=environment.get(ENVIRONMENT_PREFIX + "AUTHOR") or cls.author,
            embedding=environment.get(ENVIRONMENT_PREFIX + "EMBEDDING") or cls.embedding,
            limits=limits,
            snapshots_kept=int(number("SNAPSHOTS_KEPT", SNAPSHOTS_KEPT, 1, 1e6)),
            upkeep=upkeep,
            rows=rows,
        )
