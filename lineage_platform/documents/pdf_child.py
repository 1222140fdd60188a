"""Runs alone in a process with limits: a PDF on standard input, its text on standard output.

Arguments: bytes of memory, seconds of processor time. It imports nothing of the package.
"""

from __future__ import annotations

import io
import logging
import sys

MAX_PAGES = 300
MAX_CHARACTERS = 3_000_000


def limit(memory: int, seconds: int) -> None:
    """Bound this process, where the system can: memory, processor time, and no file may grow."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def pages(data: bytes) -> str:
    """The text of the pages, at most ``MAX_PAGES`` of them, parted by empty lines.

    Raises
    ------
    ValueError
        It is encrypted.
    """
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("it is encrypted")
    texts: list[str] = []
    for number in range(min(len(reader.pages), MAX_PAGES)):
        texts.append(reader.pages[number].extract_text())
        if sum(map(len, texts)) > MAX_CHARACTERS:
            break
    return "\n\n".join(texts)[:MAX_CHARACTERS]


def main() -> int:
    """Read, parse, write; on any failure, one line that says why, and 1."""
    logging.disable(logging.CRITICAL)
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        text = pages(sys.stdin.buffer.read())
    except MemoryError:
        reason = "it takes too much memory"
    except RecursionError:
        reason = "it is nested too deeply"
    except Exception as error:  # noqa: BLE001 - whatever a broken PDF does to its parser
        reason = f"{type(error).__name__}: {error}"
    else:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        return 0
    sys.stderr.write(" ".join(reason.split()) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
