"""What has not changed costs one request and nothing else; what has is done again, and nothing beside it.

A short version of ``benchmarks/incremental.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks import incremental

SEED = "nickrosh/Evol-Instruct-Code-80k-v1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[incremental.World]:
    """One dataset of the sample hub and what it was made from, traced, its rows at hand."""
    with incremental.world(tmp_path_factory.mktemp("incremental"), [SEED]) as made:
        made.settle()
        yield made


@pytest.fixture(scope="module")
def known(world: incremental.World) -> int:
    """How many datasets are known."""
    return len(world.instance.get_dynamic_partitions("datasets"))


def test_a_night_without_changes_costs_one_request_a_dataset_and_no_call(world: incremental.World, known: int) -> None:
    night = world.settle(night=True)
    assert night["metadata"] == known
    assert [night[what] for what in ("cards", "documents", "model calls", "datasets", "told")] == [0] * 5
    assert night["graph"] == "1, the same"


def test_a_changed_card_is_read_again_alone(world: incremental.World, known: int) -> None:
    world.commit(SEED, more="\nAlso [Caco](https://huggingface.co/datasets/no-such/dataset).\n")
    night = world.settle(night=True)
    assert night["metadata"] == known + 1  # and one for the dataset that it names
    assert (night["cards"], night["datasets"], night["told"]) == (1, 1, 1)
    assert night["model calls"] > 0


def test_a_commit_that_leaves_the_card_as_it_was_asks_no_model(world: incremental.World) -> None:
    world.commit(SEED)
    night = world.settle(night=True)
    assert (night["cards"], night["model calls"], night["datasets"]) == (1, 0, 1)
