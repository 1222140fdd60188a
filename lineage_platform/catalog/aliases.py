"""The registry of informal names: what everyone calls a dataset, and which Hub dataset that is.

It is data, not code: rows of the packaged ``aliases.tsv``. A name that two datasets answer to is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from lineage_platform.catalog.ids import normalise_name
from lineage_platform.catalog.tables import read_pairs


@cache
def registry() -> Mapping[str, str]:
    """Hub ids by informal name, and by off-Hub id.

    Returns
    -------
    Mapping
        Names are keys in the form of :func:`~lineage_platform.catalog.ids.normalise_name`; a repository whose dataset
        is on the Hub has the key ``github:owner/repo``.
    """
    path = Path(str(resources.files("lineage_platform.catalog"))) / "aliases.tsv"
    return MappingProxyType({_key(alias): dataset_id for alias, dataset_id in read_pairs(path)})


def _key(alias: str) -> str:
    return alias if alias.startswith("github:") else normalise_name(alias)
