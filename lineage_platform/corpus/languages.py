"""Which language a question is in, told offline; what cannot be told is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import polars as pl

from lineage_platform.concurrency import in_order
from lineage_platform.corpus.recipe import Languages
from lineage_platform.errors import UsageError

CHARACTERS = 1000
"""Of each text so many are looked at: more do not change the answer."""

PIECE_ROWS = 2_000
"""So many texts go to a process at a time."""

NO_LANGUAGE = "zxx"
"""What formulas and numbers are identified as."""

FOREIGN = pl.Schema({"position": pl.Int64(), "reason": pl.String(), "detail": pl.String()})

Verdict = tuple[str, float]
Identify = Callable[[Sequence[str]], Sequence[Verdict]]


class LanguageFilter:
    """Tells rows in other languages than the wanted ones.

    Language identification errs on short texts and on formulas, so a row goes only when another language was
    identified with the confidence asked for. (Of 64,000 real English questions on mathematics, code and other topics
    the default takes six; the best guess alone would take six hundred.)

    Parameters
    ----------
    languages:
        Those to keep, and the confidence; None keeps all rows.
    workers:
        Processes.

    Raises
    ------
    UsageError
        A language that the model does not know.
    """

    def __init__(self, languages: Languages | None, workers: int) -> None:
        self._languages = languages
        self._workers = workers
        self._closing = ExitStack()
        self._helpers: SimpleQueue[Identify] = SimpleQueue()
        self._started = False
        unknown = sorted(set(languages.keep) - set(_identifier().labels)) if languages else []
        if unknown:
            raise UsageError(
                f"filters.languages.keep: the language model does not know {', '.join(unknown)}",
                f"it knows {', '.join(sorted(_identifier().labels))}",
            )

    def __enter__(self) -> LanguageFilter:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def foreign(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those of the rows (position, instruction, input) that are in another language, with reason and detail."""
        if self._languages is None or rows.is_empty():
            return pl.DataFrame(schema=FOREIGN)
        texts = (rows["instruction"] + "\n" + rows["input"]).str.slice(0, CHARACTERS).to_list()
        kept = {*self._languages.keep, NO_LANGUAGE}
        found = [
            (position, "language", f"{language} {confidence:.2f}")
            for position, (language, confidence) in zip(rows["position"], self._identified(texts), strict=True)
            if language not in kept and confidence >= self._languages.min_confidence
        ]
        return pl.DataFrame(found, schema=FOREIGN, orient="row")

    def _identified(self, texts: Sequence[str]) -> Iterable[Verdict]:
        pieces = [texts[start : start + PIECE_ROWS] for start in range(0, len(texts), PIECE_ROWS)]
        if self._workers == 1 or len(pieces) == 1:
            return identify(texts)
        if not self._started:
            self._started = True
            for _ in range(self._workers):
                self._helpers.put(self._closing.enter_context(_helper()))
        return (verdict for verdicts in in_order(self._ask, pieces, self._workers) for verdict in verdicts)

    def _ask(self, texts: Sequence[str]) -> Sequence[Verdict]:
        helper = self._helpers.get()
        try:
            return helper(texts)
        finally:
            self._helpers.put(helper)


def identify(texts: Sequence[str]) -> list[Verdict]:
    """The most likely language of each text, and its probability."""
    classify = _identifier().classify
    return [classify(text.strip()) for text in texts]


@contextmanager
def _helper() -> Iterator[Identify]:
    """A process that identifies: this module, run by our own interpreter, a line of JSON each way.

    (``multiprocessing`` would run the caller's main module again, or fork a process that has threads.)
    """
    package = str(Path(__file__).parents[2])
    with subprocess.Popen(  # noqa: S603 - our own module, run by our own interpreter
        [sys.executable, "-P", "-c", "import sys; sys.path.insert(0, sys.argv[1])\nfrom " + _SERVE, package],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="ascii",
        start_new_session=True,  # Ctrl-C is ours
    ) as process:
        asked, answered = process.stdin, process.stdout
        assert asked is not None, "it was opened as a pipe"
        assert answered is not None, "it was opened as a pipe"

        def ask(texts: Sequence[str]) -> Sequence[Verdict]:
            asked.write(json.dumps(list(texts)) + "\n")
            asked.flush()
            return [(language, confidence) for language, confidence in json.loads(answered.readline())]

        try:
            yield ask
        finally:
            process.kill()


_SERVE = "lineage_platform.corpus.languages import serve; serve()"


def serve() -> None:
    """Identify what comes in, until nothing does: the work of a helper."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(identify(json.loads(line))) + "\n")
        sys.stdout.flush()


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
