"""Selections mean what Dagster's mean, errors point at their place, and hostile text costs nothing."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches

import pytest
from dagster import AssetKey, AssetSelection, Definitions, asset
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lineage_platform.errors import DatasetNotFound
from lineage_platform.graph.selecting import Lineage, select
from lineage_platform.graph.selection import MAX_LENGTH, SelectionError, matches, parse

ATTRIBUTES = {
    "lab/base": {"domain": ("math",), "year": ("2022",), "licence": ("mit",), "outcome": ("no_sources_documented",)},
    "lab/other": {"domain": ("code", "math"), "year": ("2023",), "licence": ("CC-BY-4.0",)},
    "acme/mix": {"domain": ("general",), "year": ("2024",), "outcome": ("traced",)},
    "acme/chat": {"domain": ("general",), "year": ("2024",), "outcome": ("traced",)},
    "github:acme/code": {},
}
EDGES = (
    ("lab/base", "acme/mix", "direct_inclusion"),
    ("lab/other", "acme/mix", "cot_distillation"),
    ("github:acme/code", "lab/other", "direct_inclusion"),
    ("acme/mix", "acme/chat", "semantic_evolution"),
)


def canonical(name: str) -> str:
    if name == "Old/Mix":
        return "acme/mix"
    near = ", ".join(get_close_matches(name, ATTRIBUTES))
    raise DatasetNotFound(f"the graph has no dataset {name!r}", f"near names: {near}")


def chosen(text: str) -> set[str]:
    return set(select(text, Lineage(ATTRIBUTES, EDGES, canonical)))


ALL = set(ATTRIBUTES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", ALL),
        ("acme/mix", {"acme/mix"}),
        ("Old/Mix", {"acme/mix"}),
        ('key:"acme/*"', {"acme/mix", "acme/chat"}),
        ("key:acme/*", {"acme/mix", "acme/chat"}),
        ("key:*mix", {"acme/mix"}),
        ("github:acme/code", {"github:acme/code"}),
        ('+key:"acme/mix"', ALL - {"acme/chat"}),
        ('1+key:"acme/mix"', {"acme/mix", "lab/base", "lab/other"}),
        ('key:"lab/other"+', {"lab/other", "acme/mix", "acme/chat"}),
        ('key:"lab/other"+1', {"lab/other", "acme/mix"}),
        ('1+key:"acme/mix"+1', ALL - {"github:acme/code"}),
        ("+acme/mix", {"acme/mix", "lab/base", "lab/other"}),
        ("++acme/mix", ALL - {"acme/chat"}),
        ("*acme/chat", ALL),
        ("github:acme/code++", {"github:acme/code", "lab/other", "acme/mix"}),
        ("2+acme/chat", ALL - {"github:acme/code"}),
        ("lab/base+2", {"lab/base", "acme/mix", "acme/chat"}),
        ("domain:math", {"lab/base", "lab/other"}),
        ("domain:math and domain:code", {"lab/other"}),
        ("not domain:math and not domain:general", {"github:acme/code"}),
        ("acme/mix or lab/base and domain:code", {"acme/mix"}),
        ("(acme/mix or lab/base) AND domain:math", {"lab/base"}),
        ("relation:cot_distillation", {"acme/mix"}),
        ("year:2024", {"acme/mix", "acme/chat"}),
        ("year:202*", ALL - {"github:acme/code"}),
        ('licence:"cc-*"', {"lab/other"}),
        ("license:MIT", {"lab/base"}),
        ("licence:<null>", {"acme/mix", "acme/chat", "github:acme/code"}),
        ("outcome:traced", {"acme/mix", "acme/chat"}),
        ("roots(*)", {"lab/base", "github:acme/code"}),
        ("sinks(domain:math)", {"lab/base", "lab/other"}),
        ("roots(lab/base or acme/chat)", {"lab/base"}),
        ("sinks(github:acme/code or acme/mix)", {"acme/mix"}),
        ("+(relation:cot_distillation)", ALL - {"acme/chat"}),
        ("key:nobody/*", set()),
    ],
)
def test_a_selection_means(text: str, expected: set[str]) -> None:
    assert chosen(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("", 0, "expected a dataset"),
        ("   ", 3, "expected a dataset"),
        ("acme/mix and", 12, "expected a dataset"),
        ("acme/mix lab/base", 9, "found 'lab/base'"),
        ("(acme/mix", 9, "closing bracket"),
        ("acme/mix)", 8, "found ')'"),
        ("and acme/mix", 0, "found 'and'"),
        ("domian:math", 0, "no attribute 'domian'"),
        ("acme/mix or domain:", 19, "a value after domain:"),
        ('key:"acme', 4, "never closed"),
        ("acme/mix or acme/mixx", 12, "no dataset 'acme/mixx'"),
        ('++key:"acme/mix"', 0, "by a number"),
        ("acme/mix or + and", 14, "found 'and'"),
    ],
)
def test_an_error_points_at_its_place(text: str, position: int, told: str) -> None:
    with pytest.raises(SelectionError, match=f"character {position + 1}: ") as error:
        chosen(text)
    assert told in error.value.message
    assert error.value.position == position


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(SelectionError) as error:
        chosen("acme/mixx")
    assert "acme/mix" in error.value.hint
    with pytest.raises(SelectionError) as error:
        chosen("domian:math")
    assert "domain" in error.value.hint


@pytest.mark.parametrize(
    "hostile",
    ["(" * 5000, "not " * 2400 + "a", "+" * 9000, "*" * 9000, '"' * 9001, "a" * (MAX_LENGTH + 1), "( " * 101 + "*"],
)
def test_hostile_text_is_an_error_or_nothing_never_a_crash(hostile: str) -> None:
    with pytest.raises(SelectionError) as error:
        chosen(hostile)
    assert len(error.value.message) < 500


@pytest.mark.parametrize("long", [" or ".join(["acme/mix"] * 800), "key:" + "*a" * 4000, "(" * 90 + "*" + ")" * 90])
def test_long_selections_are_answered(long: str) -> None:
    assert chosen(long) <= ALL


@settings(deadline=None)
@given(st.text(alphabet='ab/+*"() \\:andort1', max_size=40))
def test_any_text_is_a_selection_or_an_error_of_ours(text: str) -> None:
    with suppress(SelectionError):
        parse(text)


@settings(deadline=None)
@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=12))
def test_a_star_is_any_characters(pattern: str, text: str) -> None:
    import re

    assert matches(pattern, text) == bool(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text))


@pytest.mark.parametrize("ends", ["roots", "sinks"])
def test_a_cycle_has_no_ends_but_through_the_outside(ends: str) -> None:
    def of(selection: str, *edges: str) -> set[str]:
        lineage = Lineage({key: {} for key in "abc"}, [(*edge, "direct_inclusion") for edge in edges], canonical)
        return set(select(f"{ends}({selection})", lineage))

    assert of("a or b", "ab", "ba") == set()
    assert of("a or b", "ac", "cb", "ba") == set()
    assert of("a", "ac", "ca") == {"a"}


NODES = [f"o/{letter}" for letter in "abcdef"]
KEYS = st.sampled_from([*(f'key:"{node}"' for node in NODES), 'key:"o/*"', 'key:"*a"'])
LAYERS = st.sampled_from(["", "+", "1+", "2+"])
TERMS = st.builds(lambda up, key, down: f"{up}{key}{down[::-1]}", LAYERS, KEYS, LAYERS)
BARE = st.builds(
    lambda up, key, down: f"{up}{key}{down}",
    st.sampled_from(["", "+", "++", "*"]),
    st.sampled_from(NODES),
    st.sampled_from(["", "+", "++", "*"]),
)
SELECTIONS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not {}".format, inner),
        st.builds("({})".format, inner),
        st.builds("roots({})".format, inner),
        st.builds("sinks({})".format, inner),
    ),
    max_leaves=5,
)


def as_dagster_has_it(text: str, edges: Iterable[tuple[str, str]]) -> set[str]:
    sources: dict[str, set[str]] = {node: set() for node in NODES}
    for source, target in edges:
        sources[target].add(source)

    def made(node: str) -> object:
        @asset(key=AssetKey(node.split("/")), deps=[AssetKey(each.split("/")) for each in sorted(sources[node])])
        def nothing() -> None: ...

        return nothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = Definitions(assets=[made(node) for node in NODES]).resolve_asset_graph()  # type: ignore[misc]
        keys = AssetSelection.from_string(text, include_sources=True).resolve(graph)
    return {key.to_user_string() for key in keys}


@settings(deadline=None, max_examples=40)
@given(st.one_of(SELECTIONS, BARE), st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10))
@example('roots(key:"o/a" or key:"o/c")', {(0, 1), (1, 2)})
@example('sinks(key:"o/a"+1 or key:"o/d")', {(0, 1), (1, 2), (2, 3)})
def test_a_selection_means_what_it_means_in_dagster(text: str, pairs: set[tuple[int, int]]) -> None:
    edges = {(NODES[min(pair)], NODES[max(pair)]) for pair in pairs if pair[0] != pair[1]}
    lineage = Lineage({node: {} for node in NODES}, [(*edge, "direct_inclusion") for edge in edges], canonical)
    assert select(text, lineage) == as_dagster_has_it(text, edges)
