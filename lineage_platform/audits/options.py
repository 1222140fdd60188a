"""Answer options at the end of a question: kept apart, since a copy may bear others, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass

FEWEST_OPTIONS = 2

# "A)", "(A)", "A.", "A:", at the start of a line or behind white space.
_MARK = re.compile(r"(?:^|(?<=\s))\(?([A-Z])[).:](?=\s)")


@dataclass(frozen=True)
class Question:
    """A question and the answers it offers.

    Parameters
    ----------
    stem:
        The text before the first option; all of it when there are none.
    options:
        The text of each.
    """

    stem: str
    options: tuple[str, ...] = ()


def split_options(text: str) -> Question:
    """The stem and the options of a question.

    Options are marked with the letters from A on, in order; the last such run of the text counts.
    """
    marks = list(_MARK.finditer(text))
    starts = [at for at, mark in enumerate(marks) if mark[1] == "A"]
    for start in reversed(starts):
        run = [mark for letter, mark in zip(_LETTERS, marks[start:], strict=False) if mark[1] == letter]
        if len(run) == len(marks) - start and len(run) >= FEWEST_OPTIONS:
            ends = [mark.start() for mark in run[1:]] + [len(text)]
            options = tuple(text[mark.end() : end].strip() for mark, end in zip(run, ends, strict=True))
            return Question(text[: run[0].start()].rstrip(), options)
    return Question(text)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
