"""All that a dataset was made from, and where lineages cross.

Sets of ancestors are bit sets over the strongly connected components, cut into chunks of which only those with a bit in
them are kept: what a dataset descends from costs no more for all the others there are, and graphs in which everything
descends from everything cost a bit a pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

MAX_CROSSINGS = 100_000
CHUNK = 1_024  # bits

Bits = Mapping[int, int]
"""A set of components: by the number of a chunk, its bits."""


@dataclass(frozen=True)
class Crossing:
    """An ancestor that reaches a dataset through several of its direct sources, of which it may be one itself."""

    dataset_id: str
    intersection: str
    direct_sources: int
    through: tuple[str, ...]


class Closure:
    """Everything upstream of every dataset.

    Parameters
    ----------
    edges:
        (source, target) pairs; repeats count once.
    """

    def __init__(self, edges: Iterable[tuple[str, str]]) -> None:
        self.sources: defaultdict[str, set[str]] = defaultdict(set)
        for source, target in edges:
            self.sources[target].add(source)
        self.components = components(self.sources)
        self.component = {node: i for i, members in enumerate(self.components) for node in members}
        self._reach: list[Bits] = []  # with the component itself
        for number in range(len(self.components)):
            reach = {number // CHUNK: 1 << number % CHUNK}
            for above in self.above(number):
                _add(reach, self._reach[above])
            self._reach.append(reach)

    def above(self, number: int) -> set[int]:
        """The components that a component has sources in, itself left out; all of them have lower numbers."""
        found = {self.component[source] for node in self.components[number] for source in self.sources.get(node, ())}
        found.discard(number)
        return found

    def ancestors(self, dataset_id: str) -> set[str]:
        """All that a dataset was made from, by however many steps; a dataset on a cycle is not its own ancestor."""
        reach: dict[int, int] = {}
        for source in self.sources.get(dataset_id, ()):
            _add(reach, self._reach[self.component[source]])
        return self._members(reach) - {dataset_id}

    def _members(self, bits: Bits) -> set[str]:
        return {node for number in _numbers(bits) for node in self.components[number]}

    def crossings(self, limit: int = MAX_CROSSINGS) -> list[Crossing]:
        """Every crossing, most direct sources first, ties by name.

        Parameters
        ----------
        limit:
            Crossings to return at most. In a graph whose cycles hold thousands of datasets there are millions.
        """
        return list(islice(self._crossings(), limit))

    def _crossings(self) -> Iterator[Crossing]:
        crossed: defaultdict[int, list[str]] = defaultdict(list)
        for target in sorted(self.sources):
            for times in self._multiplicities(target):
                crossed[times].append(target)
        for times in sorted(crossed, reverse=True):
            for target in crossed[times]:
                ancestors = self._members(self._multiplicities(target)[times]) - {target}
                yield from (Crossing(target, each, times, self._through(target, each)) for each in sorted(ancestors))

    def _through(self, target: str, ancestor: str) -> tuple[str, ...]:
        """The direct sources of a dataset that an ancestor is or leads to."""
        chunk, place = divmod(self.component[ancestor], CHUNK)
        reach = ((source, self._reach[self.component[source]]) for source in self.sources[target])
        return tuple(sorted(source for source, bits in reach if bits.get(chunk, 0) >> place & 1))

    def _multiplicities(self, target: str) -> Mapping[int, Bits]:
        """Components by the number (two or more) of direct sources through which they reach the target."""
        carried: defaultdict[int, list[int]] = defaultdict(list)
        for source in self.sources[target]:
            for chunk, bits in self._reach[self.component[source]].items():
                carried[chunk].append(bits)
        found: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for chunk, each in carried.items():
            for times, bits in _times(each):
                found[times][chunk] = bits
        return found


def _times(sets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The bits that stand in two of the sets, in three of them, and so on."""
    at_least: list[int] = []  # at_least[n]: in more than n of them
    for carried in sets:
        for level, bits in enumerate(at_least):
            at_least[level], carried = bits | carried, bits & carried
            if not carried:
                break
        else:
            at_least.append(carried)
    beyond = [*at_least[1:], 0]
    exactly = ((n, bits & ~more) for n, (bits, more) in enumerate(zip(at_least, beyond, strict=True), start=1))
    return ((times, bits) for times, bits in exactly if times >= 2 and bits)


def _add(found: dict[int, int], more: Bits) -> None:
    for chunk, bits in more.items():
        found[chunk] = found.get(chunk, 0) | bits


def _numbers(bits: Bits) -> Iterator[int]:
    """The positions of the bits that are set."""
    for chunk, left in bits.items():
        while left:
            lowest = left & -left
            yield chunk * CHUNK + lowest.bit_length() - 1
            left ^= lowest


def components(sources: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Strongly connected components, those upstream first (Tarjan's algorithm, without recursion).

    Parameters
    ----------
    sources:
        The sources of each dataset that has any.
    """
    found: list[list[str]] = []
    number: dict[str, int] = {}  # in the order of the first visit
    lowest: dict[str, int] = {}  # the first visited that is still open and can be reached
    opened: list[str] = []
    closed: set[str] = set()
    for start in sources:
        visiting = [] if start in number else [(start, iter(sources[start]))]
        while visiting:
            node, ahead = visiting[-1]
            if node not in number:
                number[node] = lowest[node] = len(number)
                opened.append(node)
            following = next((source for source in ahead if source not in closed), None)
            if following is None:
                visiting.pop()
                if visiting:
                    lowest[visiting[-1][0]] = min(lowest[visiting[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    members = [opened.pop()]
                    while members[-1] != node:
                        members.append(opened.pop())
                    closed.update(members)
                    found.append(members)
            elif following not in sources:  # nothing is upstream of it
                closed.add(following)
                found.append([following])
            elif following in number:
                lowest[node] = min(lowest[node], number[following])
            else:
                visiting.append((following, iter(sources[following])))
    return found
