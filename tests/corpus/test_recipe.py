"""A recipe says what is wrong with it, and never does anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.corpus.recipe import Keep, Recipe
from lineage_platform.corpus.recipe_reading import BrokenRecipe, read_recipe


def written(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(BrokenRecipe) as failure:
        read_recipe(written(folder, text))
    assert failure.value.hint
    return failure.value.message


def test_a_name_is_all_a_recipe_needs(tmp_path: Path) -> None:
    recipe = read_recipe(written(tmp_path, "name: small"))
    assert recipe == Recipe(name="small")
    assert recipe.near_duplicates is not None
    assert recipe.near_duplicates.keep is Keep.FIRST
    assert recipe.filters.languages is not None
    assert recipe.filters.languages.keep == ("en",)


def test_every_section_can_be_written(tmp_path: Path) -> None:
    recipe = read_recipe(
        written(
            tmp_path,
            """
            name: all-of-it
            seed: 7
            roots: {max: 31, min_used_by: 2, domains: [math, code], include: [a/b], exclude: [c/d]}
            hubs: {max: 3, min_used_by: 1}
            licences: {allow: [MIT, apache-2.0], deny: [cc-by-nc-4.0], unknown: remove}
            filters:
              instruction: {min_words: 3, max_characters: 4000}
              output: {max_words: 2000}
              languages: {keep: [en, de], min_confidence: 0.8}
            near_duplicates: {threshold: 0.8, keep: nearest-root}
            benchmarks: {ids: ["openai/gsm8k#test", a/bench], match: normalised}
            quotas:
              rows: 1000
              each_root: {share: 0.2}
              roots: {a/b: {rows: 10}}
              domains: {math: {rows: 500, share: 0.5}}
              hubs: {share: 0.1}
            diversity: {model: auto, compare_with: [x/y], most_rows: 1000}
            """,
        )
    )
    assert recipe.licences.allow == ("mit", "apache-2.0")
    assert recipe.quotas.domains["math"].share == 0.5  # type: ignore[index]


def test_steps_can_be_switched_off(tmp_path: Path) -> None:
    recipe = read_recipe(written(tmp_path, "name: x\nnear_duplicates: off\nfilters: {languages: off}"))
    assert recipe.near_duplicates is None
    assert recipe.filters.languages is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1", "name: is missing"),
        ("name: x\nfilterz: {}", "filterz: no such key, did you mean filters?"),
        ("name: x\nfilters: {output: {max_wrds: 3}}", "filters.output.max_wrds: no such key, did you mean max_words?"),
        ("name: x\nfilters: {languages: {keep: [English]}}", "filters.languages.keep.0: 'English' is no language code"),
        ("name: x\nquotas: {rows: 0}", "quotas.rows: input should be greater than or equal to 1 (it is 0)"),
        ("name: x\nquotas: {each_root: {}}", "quotas.each_root: sets no limit"),
        ("name: x\nquotas: {domains: {maths: {rows: 1}}}", "quotas.domains.maths"),
        ("name: x\nbenchmarks: {ids: [a b]}", "benchmarks.ids.0: 'a b' is no dataset id"),
        ("name: x\nroots: {include: [a/b#c]}", "roots.include.0: 'a/b#c' names a part"),
        ("name: x\nroots: {include: [a/b], exclude: [a/b]}", "include and exclude both name a/b"),
        ("name: x\nfilters: {output: {min_words: 3, max_words: 1}}", "min_words 3 is above max_words 1"),
        ("name: ../up", "name: '../up' is no name"),
        ("name: x\nname: y", "line 2 is not plain YAML: the key 'name' stands twice"),
        ("- x", "holds no keys, but a list"),
        ("", "is empty: it holds no keys"),
        ("name: [", "line 1 is not plain YAML"),
        ("name: x\nroots: " + "[" * 5000, "is not plain YAML"),
    ],
)
def test_a_wrong_key_is_named_with_its_mending(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_all_wrong_keys_are_named_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, "name: x\nseed: -1\nhubs: {max: many}")
    assert "seed:" in message
    assert "hubs.max:" in message


def test_a_recipe_that_names_code_runs_none_of_it(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    message = refusal(tmp_path, f"name: !!python/object/apply:os.system ['touch {mark}']")
    assert "is not plain YAML" in message
    assert not mark.exists()


def test_an_alias_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(
        f"{name}: &{name} [*{before}, *{before}]" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "aliases are not allowed" in refusal(tmp_path, bomb)


def test_a_missing_or_endless_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BrokenRecipe, match="cannot be read"):
        read_recipe(tmp_path / "none.yaml")
    assert "larger than 1 MiB" in refusal(tmp_path, "#" * (2 << 20))


def test_a_section_digest_changes_with_its_section_alone() -> None:
    recipe, other = Recipe(name="x"), Recipe(name="x", seed=3)
    assert recipe.section("filters", "name") == other.section("filters", "name")
    assert recipe.section("seed") != other.section("seed")
