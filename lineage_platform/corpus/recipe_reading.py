"""Reading a recipe file: plain YAML, bounded, with every fault named by its key and its mending."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lineage_platform.corpus.recipe import Recipe
from lineage_platform.errors import UsageError

MAX_BYTES = 1 << 20
DOCUMENTED = "docs/recipes.md explains every key"


class BrokenRecipe(UsageError):
    """A recipe that cannot be followed."""

    kind = "broken_recipe"


def read_recipe(path: Path) -> Recipe:
    """The recipe in a YAML file; nothing the file names is ever built or run.

    Raises
    ------
    BrokenRecipe
        The file cannot be read, is not plain YAML, or a key of it is wrong; all wrong keys are named.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BrokenRecipe(f"the recipe {path} cannot be read: {error.strerror}", DOCUMENTED) from error
    if len(data) > MAX_BYTES:
        raise BrokenRecipe(f"the recipe {path} is larger than {MAX_BYTES >> 20} MiB", DOCUMENTED)
    try:
        return Recipe.model_validate(_plain(data, path))
    except ValidationError as error:
        faults = [_fault(each) for each in error.errors(include_url=False)]
        raise BrokenRecipe(f"{path}: " + "; ".join(faults), DOCUMENTED) from error


class _PlainLoader(yaml.SafeLoader):
    """YAML as the recipe needs it: no tags, no aliases, no key twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node that is no alias."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping in which each key stands once."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark)
            seen.add(key if isinstance(key, Hashable) else str(key))
        return super().construct_mapping(node, deep)


def _plain(data: bytes, path: Path) -> Mapping[str, Any]:
    try:
        loaded = yaml.load(data, Loader=_PlainLoader)  # noqa: S506 - a safe loader that refuses even more
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BrokenRecipe(f"{path}{line} is not plain YAML: {error.problem or error.context}", DOCUMENTED) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise BrokenRecipe(f"{path} is not plain YAML: {reason}", DOCUMENTED) from error
    if not isinstance(loaded, dict):
        held = f"holds no keys, but a {type(loaded).__name__}" if loaded is not None else "is empty: it holds no keys"
        raise BrokenRecipe(f"{path} {held}", DOCUMENTED)
    return loaded


def _fault(error: ErrorDetails) -> str:
    """One wrong key, as ``filters.output.max_words: what is wrong``, with what would be right."""
    place = ".".join(str(step) for step in error["loc"]) or "the recipe"
    match error["type"]:
        case "extra_forbidden":
            return f"{place}: no such key{_meant(error['loc'])}"
        case "missing":
            return f"{place}: is missing"
        case "value_error":
            value = f"{error['input']!r} " if isinstance(error["input"], str) else ""
            return f"{place}: {value}{error['ctx']['error']}"
        case _:
            message = error["msg"][0].lower() + error["msg"][1:]
            return f"{place}: {message} (it is {error['input']!r:.80})"


def _meant(location: tuple[int | str, ...]) -> str:
    """The keys of that section, the nearest first."""
    section: type[BaseModel] | None = Recipe
    for step in location[:-1]:
        field = section.model_fields.get(str(step)) if section else None
        section = _section(field.annotation) if field else None
    if section is None:
        return ""
    keys = list(section.model_fields)
    near = get_close_matches(str(location[-1]), keys, 1)
    return f", did you mean {near[0]}?" if near else f"; there are {', '.join(keys)}"


def _section(annotation: Any) -> type[BaseModel] | None:
    """The record that a field holds, optional or not."""
    options = getattr(annotation, "__args__", (annotation,))
    return next((each for each in options if isinstance(each, type) and issubclass(each, BaseModel)), None)
