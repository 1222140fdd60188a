"""Which dataset a namespace and a name, or an address, of another format mean."""

from __future__ import annotations

from typing import NamedTuple

from lineage_platform.catalog.ids import hub_dataset, is_dataset_id, name_id, off_hub_id
from lineage_platform.graph.imports import ImportedDataset

_HUB_NAMESPACES = {"huggingface", "huggingface.co", "https://huggingface.co", "hf", "hf:", "hf://datasets"}


class Named(NamedTuple):
    """A dataset, and whether its name says that it is on the Hub."""

    dataset_id: str
    on_hub: bool

    def bare(self) -> tuple[ImportedDataset, ...]:
        """The dataset as a row of its own, if it is on the Hub."""
        return (ImportedDataset(dataset_id=self.dataset_id),) if self.on_hub else ()


def by_address(address: str) -> Named:
    """The dataset at an address, or known by a name."""
    linked = hub_dataset(address)
    return Named(linked[0], True) if linked else Named(off_hub_id(address), False)


def by_id(text: str) -> Named:
    """The dataset of a Hub id, or at an address."""
    return Named(text, True) if is_dataset_id(text) else by_address(text)


def by_namespace(namespace: str, name: str) -> Named:
    """The dataset of a name in a namespace, as OpenLineage has them."""
    joined = f"{namespace.rstrip('/')}/{name.lstrip('/')}"
    linked = hub_dataset(joined)
    if linked:
        return Named(linked[0], True)
    if namespace.rstrip("/").lower() in _HUB_NAMESPACES and is_dataset_id(name):
        return Named(name, True)
    if namespace.startswith(("http://", "https://")):
        return Named(off_hub_id(joined), False)
    return Named(name_id(name if namespace == "name" else joined), False)
