"""Names of things: Hub ids, the datasets that URLs point to, and ids for sources that are not on the Hub."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import SplitResult, unquote, urlsplit

from lineage_platform.errors import InvalidDatasetId

HUB_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com", "www.hf-mirror.com"})
ARXIV_HOSTS = frozenset({"arxiv.org", "export.arxiv.org", "ar5iv.org", "ar5iv.labs.arxiv.org", "alphaxiv.org"})
MAX_NAME = 120

# The rules of huggingface_hub.utils.validate_repo_id, without the half second that importing it takes.
_PART = r"[A-Za-z0-9_](?:[\w.\-]{0,94}[A-Za-z0-9_])?"
_DATASET_ID = re.compile(rf"(?:{_PART}/)?{_PART}", re.ASCII)
_ARXIV_ID = re.compile(r"(?P<id>\d{4}\.\d{4,5}|[a-z][a-z.-]*/\d{7})(?:v\d+)?", re.ASCII | re.IGNORECASE)
# What follows a dataset in the paths of the Hub's pages.
_PAGES = frozenset({"tree", "blob", "resolve", "raw", "viewer", "discussions", "commits", "commit", "settings"})
_GITHUB_PAGES = frozenset(
    {"about", "apps", "collections", "features", "marketplace", "orgs", "search", "sponsors", "topics"}
)


def parse_dataset_id(text: str) -> str:
    """The Hub id that ``text`` spells: ``org/name``, a legacy one-word name, or a Hub dataset's URL.

    Raises
    ------
    InvalidDatasetId
        The Hub could have no dataset of this id.
    """
    linked = hub_dataset(text)
    if linked is not None:
        return linked[0]
    candidate = text.strip().removeprefix("datasets/")
    if not is_dataset_id(candidate):
        shown = repr(text if len(text) <= MAX_NAME else f"{text[:MAX_NAME]}...")
        raise InvalidDatasetId(
            f"{shown} cannot be a Hub dataset id: an id is NAME or ORGANISATION/NAME, each at most 96 letters, digits, "
            "'-', '_' or '.', without '--' or '..', and with no '-' or '.' at either end"
        )
    return candidate


def hub_dataset(url: str) -> tuple[str, str | None] | None:
    """The Hub dataset that a URL points to, and which part of it; None for every other URL.

    Parameters
    ----------
    url:
        A page, file or viewer address on the Hub or a mirror of it, with or without ``https://``, or ``hf://datasets/...``.

    Returns
    -------
    tuple or None
        The id as written (not yet canonical) and the config, split, folder or file of a deeper address.
    """
    address = _split(url)
    if address is None or "@" in address.netloc:
        return None
    segments = _segments(address.path)
    if address.scheme == "hf":
        segments = [address.netloc, *segments]
    elif not _is_hub(address):
        return None
    if segments[:1] == ["api"]:
        segments = segments[1:]
    if len(segments) < 2 or segments[0] != "datasets":
        return None
    words = 1 if len(segments) == 2 or segments[2] in _PAGES else 2
    dataset_id = "/".join(segments[1 : 1 + words])
    return (dataset_id, _part(segments[1 + words :])) if is_dataset_id(dataset_id) else None


def off_hub_id(url: str) -> str:
    """The id of a source outside the Hub, from its address.

    Returns
    -------
    str
        ``github:owner/repo`` in lower case, ``arxiv:ID`` without a version, else ``url:host/path`` without scheme,
        query and fragment; ``name:...`` for text that is no address.
    """
    address = _split(url)
    if address is None or not address.hostname or address.scheme not in {"http", "https"}:
        return name_id(url)
    host = address.hostname.removeprefix("www.")
    segments = _segments(address.path)
    paper = arxiv_id(url)
    if paper:
        return f"arxiv:{paper}"
    if host in {"github.com", "raw.githubusercontent.com"} and len(segments) >= 2 and segments[0] not in _GITHUB_PAGES:
        return f"github:{segments[0]}/{segments[1].removesuffix('.git')}".lower()
    return "/".join([f"url:{host}", *segments])


def arxiv_id(url: str) -> str | None:
    """The arXiv id, without version, of the paper that a URL shows; None when it shows none."""
    address = _split(url)
    if address is None or not address.hostname:
        return None
    host = address.hostname.removeprefix("www.")
    segments = _segments(address.path)
    if host in ARXIV_HOSTS and len(segments) >= 2:
        text = "/".join(segments[1:3] if "." not in segments[1] else segments[1:2])
    elif host in HUB_HOSTS and segments[:1] == ["papers"] and len(segments) >= 2:
        text = segments[1]
    elif host in {"doi.org", "dx.doi.org"} and len(segments) >= 2 and segments[1].lower().startswith("arxiv."):
        text = "/".join(segments[1:])[len("arxiv.") :]
    else:
        return None
    return parse_arxiv_id(text)


def parse_arxiv_id(text: str) -> str | None:
    """``2305.14233`` or ``math/0309136`` out of an id with or without prefix, version, ``.pdf``; None if it is none."""
    bare = text.strip().lower().removeprefix("arxiv:").strip().removesuffix(".pdf")
    match = _ARXIV_ID.fullmatch(bare)
    return match["id"] if match else None


def name_id(mention: str) -> str:
    """The id of a source known by its name alone: ``name:`` and the name in lower case, words joined by hyphens."""
    text = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFKC", mention).lower())
    return "name:" + "-".join(text.split())[:MAX_NAME]


def normalise_name(text: str) -> str:
    """A form in which two spellings of one name are equal.

    Letters and digits without case, accents and separators; a dot between digits stays (``v1.5`` is not ``v15``), a
    plus becomes the word.
    """
    plain = unicodedata.normalize("NFKD", text).casefold().replace("+", "plus")
    without_stops = re.sub(r"(?<!\d)\.|\.(?!\d)", "", plain)
    return "".join(c for c in without_stops if c.isalnum() or c == ".")


def is_dataset_id(text: str) -> bool:
    """Whether the Hub could have a dataset of exactly this id."""
    forbidden = "--" in text or ".." in text or text.endswith(".git")
    return not forbidden and _DATASET_ID.fullmatch(text) is not None


def _split(url: str) -> SplitResult | None:
    """The parts of an address, or None for text that is none; browsers' reading of ``\\`` as ``/`` is not followed."""
    text = url.strip().strip("<>\"'").rstrip(".,;:)")
    if "://" not in text:
        text = f"https://{text}" if "/" in text and "." in text.split("/", 1)[0] else ""
    if not text or "\\" in text or any(c.isspace() or not c.isprintable() for c in text):
        return None
    try:
        address = urlsplit(text)
        return address if address.port is None or address.port >= 0 else None
    except ValueError:
        return None


def _is_hub(address: SplitResult) -> bool:
    host = address.hostname
    return address.scheme in {"http", "https"} and host in HUB_HOSTS and address.netloc.lower() in {host, f"{host}:443"}


def _segments(path: str) -> list[str]:
    return [unquote(segment) for segment in path.split("/") if segment]


def _part(rest: list[str]) -> str | None:
    """The part that the tail of a Hub path names: ``tree/REVISION/PART``, ``viewer/CONFIG/SPLIT``."""
    page, tail = (rest[0], rest[1:]) if rest else ("", [])
    if page in {"tree", "blob", "resolve", "raw"}:
        names = tail[1:]
    elif page == "viewer":
        names = tail[1:] if tail[:1] == ["default"] else tail
    else:
        names = []
    return None if not names or names == ["README.md"] else "/".join(names)
