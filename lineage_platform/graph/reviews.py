"""What people decide about edges: a text file made for git, one decision a line, that wins over every agent.

The file is the one thing of the platform that cannot be made again from documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from filelock import FileLock
from pydantic import AwareDatetime, StringConstraints, ValidationError, model_validator

from lineage_platform.catalog.ids import name_id
from lineage_platform.files import write_whole
from lineage_platform.records import EdgeStatus, Mention, Outcome, Record, Resolution, Witness

REVIEWED = "review"
"""The method by which a name was resolved that a person rebound."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\r\n]+$")]


class Action(StrEnum):
    """What a person may decide about an edge."""

    ACCEPT = "accept"
    REJECT = "reject"
    REBIND = "rebind"


class Decision(Record):
    """One decision about one edge of one hub.

    ``source`` is the id that the agents gave the name (``name:...`` where they gave none), ``to`` what it stands for
    instead, of a rebind alone.
    """

    hub: Line
    target: Line
    source: Line
    action: Action
    to: Line | None = None
    author: Line
    reason: Line
    decided_at: AwareDatetime

    @model_validator(mode="after")
    def _is_whole(self) -> Decision:
        if (self.action is Action.REBIND) != (self.to is not None):
            raise ValueError("a rebind says to what, and nothing else does")
        if self.target in (self.source, self.to):
            raise ValueError("no dataset is its own source")
        return self

    @property
    def edge(self) -> tuple[str, str, str]:
        """What is decided on: hub, target, source."""
        return self.hub, self.target, self.source

    @property
    def told(self) -> str:
        """The decision in words."""
        done = {Action.ACCEPT: "accepted", Action.REJECT: "rejected", Action.REBIND: f"rebound from {self.source}"}
        return f"{done[self.action]} by {self.author}: {self.reason}"


@dataclass(frozen=True)
class Misfit:
    """Lines of the file that decide nothing.

    Parameters
    ----------
    kind:
        ``review_line`` (not a decision) or ``review_conflict`` (two that decide one edge differently).
    where:
        File and line numbers.
    detail:
        What is wrong.
    """

    kind: str
    where: str
    detail: str


@dataclass(frozen=True)
class Decisions:
    """The decisions that hold for one hub.

    Parameters
    ----------
    by_edge:
        One per (source, target).
    misfits:
        Lines that decide nothing; they cost no other line.
    """

    by_edge: Mapping[tuple[str, str], Decision] = field(default_factory=dict)
    misfits: Sequence[Misfit] = ()

    def of(self, source: str, target: str) -> Decision | None:
        """The decision about an edge, if there is one."""
        return self.by_edge.get((source, target))

    def accepts(self, source: str, target: str) -> bool:
        """Whether a person let the edge stand, whatever its dates."""
        decision = self.of(source, target)
        return decision is not None and decision.action is Action.ACCEPT

    def judged(self, target: str, witnesses: Iterable[Witness]) -> tuple[Witness, ...]:
        """The witnesses of a dataset's edges as the decisions leave them."""
        return tuple(self._rebound(target, witness) for witness in witnesses)

    def _rebound(self, target: str, witness: Witness) -> Witness:
        decision = self.of(witness.source, target)
        if decision is None or decision.action is not Action.REBIND or decision.to is None:
            return _settled(witness, decision)
        confidence = max(witness.confidence, witness.statement.confidence)
        rebound = witness.model_copy(update={"source": decision.to, "confidence": confidence})
        return _settled(_settled(rebound, decision), self.of(decision.to, target))

    def applied(self, resolution: Resolution) -> Resolution:
        """A dataset's resolution as the decisions leave it; the record on disk stays as the agents had it."""
        target = resolution.dataset_id
        if not any(decided == target for _, decided in self.by_edge):
            return resolution
        witnesses = self.judged(target, resolution.witnesses)
        outcome = resolution.outcome
        if outcome in (Outcome.TRACED, Outcome.NO_SOURCES_DOCUMENTED):
            stands = any(witness.status is not EdgeStatus.REJECTED for witness in witnesses)
            outcome = Outcome.TRACED if stands else Outcome.NO_SOURCES_DOCUMENTED
        mentions = tuple(self._renamed(target, mention) for mention in resolution.mentions)
        return resolution.model_copy(update={"witnesses": witnesses, "mentions": mentions, "outcome": outcome})

    def _renamed(self, target: str, mention: Mention) -> Mention:
        decision = self.of(mention.chosen_id or name_id(mention.mention), target)
        if decision is None or decision.to is None:
            return mention
        return mention.model_copy(update={"chosen_id": decision.to, "method": REVIEWED, "score": 1.0, "part": None})


def _settled(witness: Witness, decision: Decision | None) -> Witness:
    """A witness under a decision: evidence that was refused stays so, and counts for an accepted edge all the same."""
    if decision is None:
        return witness
    if decision.action is Action.REJECT:
        return witness.model_copy(update={"status": EdgeStatus.REJECTED, "reason": decision.told})
    if decision.action is Action.REBIND and not witness.verified:
        return witness
    return witness.model_copy(update={"status": EdgeStatus.ACCEPTED, "reason": decision.told})


class ReviewFile:
    """The file of decisions, of every hub.

    Lines are sorted by hub, target and source, so that two people who decide on different edges change different
    lines. Lines that are no decision are kept as they are, at the end.

    Parameters
    ----------
    path:
        Where it lies; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def decisions(self, hub: str) -> Decisions:
        """What holds for one hub: an edge that two lines decide differently is decided by neither."""
        lines, misfits = self._read()
        held: dict[tuple[str, str], Decision] = {}
        by_edge: defaultdict[tuple[str, str, str], list[tuple[int, Decision]]] = defaultdict(list)
        for number, decision in lines:
            by_edge[decision.edge].append((number, decision))
        for (of_hub, target, source), found in sorted(by_edge.items()):
            if len({(decision.action, decision.to) for _, decision in found}) > 1:
                numbers = ", ".join(str(number) for number, _ in found)
                told = "; ".join(f"{decision.action} by {decision.author}" for _, decision in found)
                detail = f"{source} -> {target}: {told}; decide it again to settle it"
                misfits.append(Misfit("review_conflict", f"{self.path.name}:{numbers}", detail))
            elif of_hub == hub:
                held[source, target] = max((decision for _, decision in found), key=lambda each: each.decided_at)
        return Decisions(held, tuple(misfits))

    def decide(self, decision: Decision) -> None:
        """Add a decision, in the place of any earlier one about the same edge."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_name(f".{self.path.name}.lock")):
            lines, misfits = self._read()
            kept = [each for _, each in lines if each.edge != decision.edge]
            decided = sorted([*kept, decision], key=lambda each: (*each.edge, each.decided_at))
            others = self._text()
            strange = [others[int(misfit.where.rpartition(":")[2]) - 1] for misfit in misfits]
            body = [each.model_dump_json(exclude_none=True) for each in decided]
            write_whole(self.path, "".join(f"{line}\n" for line in [*body, *strange]).encode("utf-8"))

    def _text(self) -> list[str]:
        try:
            return self.path.read_bytes().decode("utf-8", "backslashreplace").split("\n")
        except FileNotFoundError:
            return []

    def _read(self) -> tuple[list[tuple[int, Decision]], list[Misfit]]:
        """Every decision with its line number, and the lines that are none."""
        decisions: list[tuple[int, Decision]] = []
        misfits: list[Misfit] = []
        for number, line in enumerate(self._text(), start=1):
            if not line.strip():
                continue
            try:
                decisions.append((number, Decision.model_validate_json(line)))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                problem = f"{where}: {first['msg']}" if where else first["msg"]
                misfits.append(Misfit("review_line", f"{self.path.name}:{number}", f"not a decision: {problem}"))
        return decisions, misfits
