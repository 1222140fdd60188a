"""How datasets are addressed in other formats: by their page where they have one, and by a namespace and a name."""

from __future__ import annotations

from urllib.parse import quote

from lineage_platform import __version__

PRODUCER = f"urn:lineage-platform:{__version__}"
TERMS = "urn:lineage-platform:terms#"

HUB = "https://huggingface.co/datasets"
_SITES = {"github": "https://github.com", "arxiv": "https://arxiv.org/abs"}


def namespace_and_name(dataset_id: str) -> tuple[str, str]:
    """Where a dataset is at home, and what it is called there."""
    scheme, colon, name = dataset_id.partition(":")
    if not colon:
        return HUB, dataset_id
    if scheme == "url":
        host, _, path = name.partition("/")
        return f"https://{host}", path or "/"
    return _SITES.get(scheme, scheme), name


def address(dataset_id: str) -> str:
    """The page of a dataset, or, where it is known by its name alone, a name that is unique."""
    namespace, name = namespace_and_name(dataset_id)
    if "://" not in namespace:
        return f"urn:dataset:{quote(dataset_id, safe=':')}"
    return f"{namespace}/{quote(name.lstrip('/'), safe='/')}"
