"""Rows as Alpaca triplets: which columns hold instruction, input and output, and what they say as text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from lineage_platform.errors import LineageError

GIVEN = "given"
PUBLISHED = "published"
DETECTION_ROWS = 100

Row = Mapping[str, Any]
Get = Callable[[Row], Any]

# Names are compared without case; where several fit, the earlier one is taken.
_QUESTIONS = ("instruction", "prompt", "query", "question", "problem", "problem_text")
_ANSWERS = ("output", "response", "solution", "answer", "completion", "chosen", "answer_number")
_TURNS = ("conversations", "conversation", "messages")
_SHAPES = {
    ("instruction", "output"): "alpaca",
    ("instruction", "response"): "instruction_response",
    ("prompt", "completion"): "prompt_completion",
    ("question", "answer"): "question_answer",
    ("problem", "solution"): "problem_solution",
    ("problem_text", "answer"): "problem_text_answer",
    ("problem_text", "answer_number"): "problem_text_answer",
    ("query", "response"): "query_response",
}
_USER = frozenset({"user", "human", "prompter"})
_ASSISTANT = frozenset({"assistant", "gpt", "model", "bot", "chatgpt"})


class UnknownShape(LineageError):
    """Rows in which no instruction and output could be told; the message lists the columns."""

    kind = "unknown_shape"


class Triplet(NamedTuple):
    """One row, its strings stripped at the ends.

    ``rest`` is what a longer conversation goes on to say, as JSON; None where there is no more.
    """

    instruction: str
    input: str
    output: str
    rest: str | None = None


@dataclass(frozen=True)
class Fields:
    """Where in a row its triplet is.

    Parameters
    ----------
    shape:
        Name of the row format; ``given`` for columns that a person named, ``published`` for those of a benchmark.
    instruction, input, output:
        Columns, or dotted paths into them (``instances.0.output``); empty for none. In the shapes ``sharegpt`` and
        ``messages`` all three are the column of turns.
    """

    shape: str
    instruction: str
    input: str = ""
    output: str = ""

    @property
    def conversational(self) -> bool:
        """Whether a row is a list of turns."""
        return self.shape in {"sharegpt", "messages"}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the three paths begin in, each once."""
        return tuple(dict.fromkeys(path.split(".")[0] for path in self._paths if path))

    def spelled(self, columns: Sequence[str]) -> Fields:
        """The same fields with each column as it is spelled among ``columns``; names are compared without case."""
        spelling = {column.lower(): column for column in reversed(columns)} | {column: column for column in columns}

        def path(text: str) -> str:
            if text.lower() in spelling:
                return spelling.get(text, spelling[text.lower()])
            column, dot, rest = text.partition(".")
            return f"{spelling.get(column, spelling.get(column.lower(), column))}{dot}{rest}"

        return Fields(self.shape, *map(path, self._paths))

    def reader(self) -> Callable[[Row], Triplet]:
        """A function from a row to its triplet."""
        if self.conversational:
            return partial(_conversation, self.instruction)
        instruction, middle, output = (partial(_at, path=path.split(".")) for path in self._paths)
        return partial(_columns, instruction, middle, output)

    @property
    def _paths(self) -> tuple[str, str, str]:
        return self.instruction, self.input, self.output


def detect(columns: Sequence[str], rows: Iterable[Row], where: str) -> Fields:
    """Tell the shape of rows from their columns and the first of them.

    Parameters
    ----------
    columns:
        Every column name.
    rows:
        The first rows; at most ``DETECTION_ROWS`` are looked at.
    where:
        What the rows are of, for the message.

    Raises
    ------
    UnknownShape
        None of the known shapes fits.
    """
    first = list(islice(rows, DETECTION_ROWS))
    names: dict[str, str] = {}
    for column in sorted(columns, key=lambda name: name != name.lower()):  # of Question and question, the plain one
        names.setdefault(column.lower(), column)
    found = _turns(names, first) or _instances(names, first) or _pair(names, first)
    if found is None:
        listed = ", ".join(map(repr, columns[:40])) or "none"
        raise UnknownShape(f"{where}: no instruction and output could be told among its columns ({listed})")
    return found


def text_of(value: object) -> str:
    """A value as the text that is compared.

    Strings as they are, None as empty, ``true`` and ``false``, integers in decimal, floats in the shortest form that
    reads back as the same number; bytes as the UTF-8 they must be; lists and objects as JSON without spaces, keys
    sorted; whatever else a format knows (dates, decimals) as Python writes it.

    Raises
    ------
    UnicodeDecodeError
        Bytes that are not UTF-8.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)
    return str(value)


def _turns(names: Mapping[str, str], rows: Sequence[Row]) -> Fields | None:
    for column in (names[name] for name in _TURNS if name in names):
        turn = next((row[column][0] for row in rows if isinstance(row.get(column), list) and row[column]), None)
        if isinstance(turn, Mapping) and ("from" in turn or "role" in turn):
            return Fields("sharegpt" if "from" in turn else "messages", column, column, column)
    return None


def _instances(names: Mapping[str, str], rows: Sequence[Row]) -> Fields | None:
    """Self-instruct: an instruction, and a list of inputs with outputs."""
    column = names.get("instances", "")
    held = next((row[column] for row in rows if row.get(column)), None) if column else None
    if "instruction" in names and isinstance(held, list) and isinstance(held[0], Mapping) and "output" in held[0]:
        return Fields("self_instruct", names["instruction"], f"{column}.0.input", f"{column}.0.output")
    return None


def _pair(names: Mapping[str, str], rows: Sequence[Row]) -> Fields | None:
    held = Counter(column for row in rows for column in row)
    strays = {column for column, times in held.items() if 2 * times < len(rows)}  # of a row that is none of these
    question = next((name for name in _QUESTIONS if names.get(name, "") not in {"", *strays}), None)
    answer = next((name for name in _ANSWERS if names.get(name, "") not in {"", *strays}), None)
    if answer == "chosen":  # the prompt may stand in the chosen conversation alone
        return Fields("preference", names[question or answer], names.get("input", ""), names[answer])
    if question and answer:
        shape = _SHAPES.get((question, answer), f"{question}_{answer}")
        return Fields(shape, names[question], names.get("input", ""), names[answer])
    if {"input", "output"} <= names.keys():
        return Fields("input_output", names["input"], "", names["output"])
    return None


def _columns(instruction: Get, middle: Get, output: Get, row: Row) -> Triplet:
    """Values of the row; where one is a list of turns, the first of its user or assistant is meant."""
    question, answer = _words(instruction(row), "user"), _words(output(row), "assistant")
    return Triplet(question.strip(), text_of(middle(row)).strip(), answer.strip())


def _words(value: object, speaker: str) -> str:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        turns = list(map(_turn, value))
        if turns[0][0] != "other":
            return next((words for role, words in turns if role == speaker), "")
    return text_of(value)


def _conversation(column: str, row: Row) -> Triplet:
    turns = row.get(column)
    first: dict[str, str] = {}
    rest = []
    for role, words in map(_turn, turns if isinstance(turns, list) else ()):
        if role == "other" or role in first:
            rest.append({"role": role, "content": words})
        else:
            first[role] = words
    kept_aside = json.dumps(rest, ensure_ascii=False) if rest else None
    question, system, answer = (first.get(role, "").strip() for role in ("user", "system", "assistant"))
    return Triplet(question, system, answer, kept_aside)


def _turn(turn: object) -> tuple[str, str]:
    """Who speaks (user, system, assistant, other) and what."""
    if not isinstance(turn, Mapping):
        return "other", text_of(turn)
    role = text_of(turn.get("from", turn.get("role"))).strip().lower()
    words = text_of(turn.get("value", turn.get("content")))
    if role in _USER:
        return "user", words
    if role in _ASSISTANT:
        return "assistant", words
    return ("system" if role == "system" else "other"), words


def _at(value: Any, path: Sequence[str]) -> Any:
    """What a path leads to; None where it leads nowhere."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
