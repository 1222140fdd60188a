"""Papers: text out of a PDF, and the text without its list of references."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lineage_platform.documents.markup import Markup
from lineage_platform.documents.reading import Edit
from lineage_platform.errors import UnreadableDocument

MAX_SECONDS = 60
MAX_MEMORY = 1 << 30

_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")  # no token reaches the child
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_HYPHENATED = re.compile(r"\b([^\W\d_]{2,40})-[ \t]*\n[ \t]*([^\W\d_]{2,40})")
_REFERENCES = re.compile(
    r"^[ \t]*(?:\d{1,2}\.?[ \t]+)?(?:references|bibliography|literature cited)[ \t]*:?[ \t]*$", re.I | re.M
)
_SECTION = re.compile(
    r"^[ \t]*(?:(?i:appendix|appendices|supplementary|supplemental)\b[^\n]{0,80}"
    r"|(?:[A-Z]|\d{1,2})(?:\.\d{1,2}){0,2}\.?[ \t]+[A-Z][^.,\d\n]{2,80}(?!\n[ \t]*[a-z]))$",
    re.MULTILINE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")


def extract_text(body: bytes) -> str:
    """The text of a PDF, page after page, words that a line end had parted joined.

    It is parsed in a child process, which has limited time and memory and no variable that holds a secret.

    Raises
    ------
    UnreadableDocument
        The bytes are no PDF, or one that cannot be read within the limits, or one without text.
    """
    if b"%PDF-" not in body[:1024]:
        raise UnreadableDocument("it is not a PDF, though it claims to be")
    child = Path(__file__).with_name("pdf_child.py")
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-P", str(child), str(MAX_MEMORY), str(MAX_SECONDS)],
            input=body,
            capture_output=True,
            timeout=MAX_SECONDS,
            env=environment,
            start_new_session=True,  # Ctrl-C is ours: if it ended the child, the paper would be recorded as broken
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableDocument(f"the PDF could not be read within {MAX_SECONDS} seconds") from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["too much time or memory taken"]
        raise UnreadableDocument(f"the PDF cannot be read: {reason[0][:200]}")
    text = _joined(done.stdout.decode("utf-8").translate(_LIGATURES))
    if not text.strip():
        raise UnreadableDocument("the PDF holds no text (scanned pages?)")
    return text


def clean_paper(text: str) -> Markup:
    """Find the lists of references of a paper's text; appendices that follow them stay."""
    markup = Markup()
    sections = list(_sections(text))
    for heading in _REFERENCES.finditer(text):
        following = bisect_left(sections, heading.end())
        end = sections[following] if following < len(sections) else len(text)
        if end < len(text) or heading.start() > len(text) // 4:  # else a line of the table of contents
            markup.edits.append(Edit(heading.start(), end, ("\n",)))
    return markup


def _sections(text: str) -> Iterator[int]:
    """Where sections may begin: what follows a section's title is not full of years, as references are."""
    for match in _SECTION.finditer(text):
        lines = re.finditer(r"[^\n]+", text[match.end() : match.end() + 3000])
        if sum(_YEAR.search(line.group()) is not None for line in islice(lines, 10)) < 3:
            yield match.start()


def _joined(text: str) -> str:
    """The text with words whole again; the hyphen stays in those that are written with one elsewhere."""
    written = set(re.findall(r"\b[^\W\d_]{2,40}-[^\W\d_]{2,40}\b", text.lower()))

    def join(match: re.Match[str]) -> str:
        compound = f"{match[1]}-{match[2]}"
        return compound if compound.lower() in written or not match[2].islower() else match[1] + match[2]

    return _HYPHENATED.sub(join, text)
