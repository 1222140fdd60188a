"""What Dagster calls stale, and why: what was made from something that has changed since, and nothing else."""

from __future__ import annotations

import dagster as dg
from dagster._utils.test.data_versions import get_stale_status_resolver

from lineage_platform.defs.definitions import defs
from lineage_platform.defs.partitions import STAGE_KEYS
from lineage_platform.defs.run import run_trace
from lineage_platform.settings import Settings
from lineage_platform.stages import Stage
from tests.defs.conftest import HubFolder, Launcher


def stale(launcher: Launcher) -> dict[str, list[str]]:
    """Why Dagster calls something stale, by asset and partition."""
    resolver = get_stale_status_resolver(launcher.instance, defs.assets)
    found = {}
    for asset, partition in [
        *((key, each) for key in STAGE_KEYS.values() for each in launcher.partitions()),
        (dg.AssetKey("graph"), None),
    ]:
        causes = resolver.get_stale_causes(asset, partition)
        if causes:
            name = f"{asset.to_user_string()} {partition or ''}".strip()
            found[name] = [f"{each.dependency_asset_key.to_user_string()}: {each.reason}" for each in causes]
    return found


def test_nothing_is_stale_after_a_trace_and_its_graph(settings: Settings, launcher: Launcher, hub: HubFolder) -> None:
    hub.mend("org/broken")
    run_trace(settings, ["org/mix"])
    assert stale(launcher) == {}
    run_trace(settings, ["org/mix"])
    assert stale(launcher) == {}


def test_a_changed_card_makes_stale_what_was_made_from_it_alone(
    settings: Settings, launcher: Launcher, hub: HubFolder
) -> None:
    run_trace(settings, ["org/root"])
    run_trace(settings, ["org/deep"])
    hub.add("org/root", ["org/deep"], revision="2" * 40)
    launcher.trace("org/root", stages=[Stage.VALIDATION])
    assert stale(launcher) == {"documents org/root": ["validation: has a new dependency data version"]}
    launcher.trace("org/root")
    assert stale(launcher) == {"graph": ["resolved_edges: has a new dependency data version"]}
    run_trace(settings, ["org/root"])
    assert stale(launcher) == {}


def test_an_unchanged_card_that_is_looked_at_again_makes_nothing_stale(settings: Settings, launcher: Launcher) -> None:
    run_trace(settings, ["org/root"])
    launcher.trace("org/root", stages=[Stage.VALIDATION])
    launcher.trace("org/root", stages=[Stage.DOCUMENTS])
    assert stale(launcher) == {}
