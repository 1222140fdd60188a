"""A hub whose model slips false statements among the true ones: invented, altered, foreign, look-alike, later."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.models import Asked, Label, Oracle, Reply
from tests.support import HUB_URL, write_dataset

ROOTS = 30
SOURCES_EACH = 3
NOW, BEFORE, LATER = "2024-06-01", "2023-01-01", "2025-06-01"

Edge = tuple[str, str]


def sentence(root: str, number: int) -> str:
    """One of a few ways to say that a dataset was made from another, whose name is a link."""
    name = root.split("/")[1]
    ways = (
        "Questions were taken from [{name}]({url}) and filtered.",
        "Its problems come from [{name}]({url}), rewritten by hand.",
        "- [{name}]({url}): all of its training split",
    )
    return ways[number % len(ways)].format(name=name, url=HUB_URL + root)


@dataclass
class World:
    """Targets made of roots, each root with a look-alike, and what a lying model says beside the truth.

    Parameters
    ----------
    folder:
        Where the hub folder is written.
    targets:
        How many datasets are made of the roots.
    """

    folder: Path
    targets: int
    told: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = random.Random(500)
        self.roots = [f"makers/Root-{number:02}" for number in range(ROOTS)]
        self.names = [f"mixers/Mix-{number:03}" for number in range(self.targets)]
        self.sources = {name: self.rng.sample(self.roots, SOURCES_EACH) for name in self.names}
        for number, root in enumerate(self.roots):
            write_dataset(self.folder, root, "Written by hand.\n", created=BEFORE)
            write_dataset(self.folder, f"copiers/Root-{number:02}", "A copy.\n", created=BEFORE)
            write_dataset(self.folder, f"later/Late-{number:02}", "New.\n", created=LATER)
        self.quotes = {
            name: [sentence(root, at) for at, root in enumerate(sources)] for name, sources in self.sources.items()
        }
        for number, name in enumerate(self.names):
            write_dataset(self.folder, name, self._card(number, name), created=NOW)

    def _card(self, number: int, name: str) -> str:
        copy, late, unlinked = f"copiers/Root-{number % ROOTS:02}", f"later/Late-{number % ROOTS:02}", self.bare(name)
        return "\n\n".join(
            [
                f"# {name.split('/')[1]}",
                "A dataset of questions.",
                *self.quotes[name],
                f"Not to be confused with the copy at {HUB_URL}{copy} that others keep.",
                f"Later work adds [{late.split('/')[1]}]({HUB_URL}{late}) to it.",
                f"People also speak of {unlinked.split('/')[1]} in this context.",
                f"<!-- Questions were taken from {self.other(name)} too. -->",
            ]
        )

    def other(self, name: str) -> str:
        """A root that is no source of the target."""
        return next(root for root in self.roots if root not in self.sources[name])

    def bare(self, name: str) -> str:
        """Another one, which the card names without a link."""
        return [root for root in self.roots if root not in self.sources[name]][1]

    @property
    def truth(self) -> set[Edge]:
        """The true edges."""
        return {(source, name) for name, sources in self.sources.items() for source in sources}

    def oracle(self) -> Oracle:
        """Answers the true statements."""
        labels = {
            name: [
                Label(root.split("/")[1], quote, link=HUB_URL + root)
                for root, quote in zip(self.sources[name], self.quotes[name], strict=True)
            ]
            for name in self.names
        }
        return Oracle(labels)

    def lying(self) -> Callable[[Asked], Reply]:
        """The oracle, with five lies beside the truths of every target, and the look-alike for every open name."""
        oracle = self.oracle()

        def answer(asked: Asked) -> Reply:
            if asked.role == "choosing":
                offered = [line.split(":")[0][2:] for line in asked.material.splitlines() if line.startswith("- ")]
                wrong = next((each for each in offered if each.startswith("copiers/")), offered[0])
                return Reply(json.dumps({"choices": [{"id": wrong}]}))
            reply = oracle(asked)
            if asked.role != "tracing" or asked.dataset not in self.sources:
                return reply
            lies = list(self.lies(asked.dataset))
            self.told.update(kind for kind, _ in lies)
            statements = [*json.loads(reply.text)["statements"], *(asdict(lie) for _, lie in lies)]
            return Reply(json.dumps({"statements": statements}))

        return answer

    def lies(self, name: str) -> Iterator[tuple[str, Label]]:
        """Five false statements about a target, of kinds that take turns."""
        number = self.names.index(name)
        kinds = list(_LIES.items())
        for turn in range(5):
            kind, lie = kinds[(number * 5 + turn) % len(kinds)]
            yield kind, lie(self, name)


def _changed(quote: str, root: str, other: str) -> str:
    return quote.replace(root.split("/")[1], other.split("/")[1]).replace(root, other)


def _invented(world: World, name: str) -> Label:
    other = world.other(name)
    return Label(other, f"All of {other} went into it.", confidence=1.0, link=HUB_URL + other)


def _altered(world: World, name: str) -> Label:
    other = world.other(name)
    return Label(other.split("/")[1], _changed(world.quotes[name][0], world.sources[name][0], other))


def _foreign(world: World, name: str) -> Label:
    elsewhere = world.names[(world.names.index(name) + 1) % len(world.names)]
    source = next((root for root in world.sources[elsewhere] if root not in world.sources[name]), None)
    if source is None:
        return _invented(world, name)
    quote = world.quotes[elsewhere][world.sources[elsewhere].index(source)]
    return Label(source.split("/")[1], quote, link=HUB_URL + source)


def _stitched(world: World, name: str) -> Label:
    other = world.bare(name)
    return Label(other.split("/")[1], f"Questions were taken from [...] {other.split('/')[1]}")


def _wrong_name(world: World, name: str) -> Label:
    return Label(world.other(name), world.quotes[name][0])


def _unresolvable(world: World, name: str) -> Label:
    return Label("nobody/No-Such-Set", world.quotes[name][1], confidence=1.0)


def _look_alike_id(world: World, name: str) -> Label:
    source = world.sources[name][0]
    return Label(f"copiers/{source.split('/')[1]}", world.quotes[name][0])


def _borrowed_link(world: World, name: str) -> Label:
    """The true quote and name, with the address of a dataset that stands elsewhere in the card."""
    copy = f"copiers/Root-{world.names.index(name) % ROOTS:02}"
    return Label(world.sources[name][2].split("/")[1], world.quotes[name][2], link=HUB_URL + copy)


def _later(world: World, name: str) -> Label:
    late = f"later/Late-{world.names.index(name) % ROOTS:02}"
    quote = f"Later work adds [{late.split('/')[1]}]({HUB_URL}{late}) to it."
    return Label(late.split("/")[1], quote, link=HUB_URL + late, confidence=1.0)


def _open_name(world: World, name: str) -> Label:
    """A name that two datasets bear, taken for a source."""
    bare = world.bare(name).split("/")[1]
    return Label(bare, f"People also speak of {bare} in this context.", confidence=1.0)


def _hidden(world: World, name: str) -> Label:
    other = world.other(name)
    return Label(other, f"Questions were taken from {other} too.")


def _of_a_sibling(world: World, name: str) -> Label:
    late = world.bare(name).split("/")[1]
    return Label(late, f"People also speak of {late} in this context.", about="mixers/Another-Mix")


_LIES: dict[str, Callable[[World, str], Label]] = {
    "invented quote": _invented,
    "altered quote": _altered,
    "foreign quote": _foreign,
    "stitched quote": _stitched,
    "quote of another name": _wrong_name,
    "unresolvable name": _unresolvable,
    "look-alike id": _look_alike_id,
    "link from elsewhere": _borrowed_link,
    "later source": _later,
    "name that two bear": _open_name,
    "hidden text": _hidden,
    "sibling's source": _of_a_sibling,
}


def judged(accepted: set[Edge], world: World) -> dict[str, Any]:
    """False edges that were accepted, and true ones that were lost."""
    return {"false": sorted(accepted - world.truth), "lost": sorted(world.truth - accepted)}
