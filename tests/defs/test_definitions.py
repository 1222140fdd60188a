"""Everything loads, from each place that names it, and explains itself in the UI."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import dagster as dg
import pytest
import yaml

from lineage_platform.defs.definitions import defs
from lineage_platform.graph.checks import GRAPH_CHECKS
from lineage_platform.sql import sql_files
from lineage_platform.stages import Stage
from tests.conftest import REPOSITORY
from tests.defs.conftest import PACKAGED_SETTINGS

ASSETS = {
    "validation": ("tracing", {"huggingface"}, set()),
    "documents": ("tracing", {"huggingface", "markdown"}, {"validation"}),
    "extraction": ("tracing", {"python"}, {"documents"}),
    "resolved_edges": ("tracing", {"python"}, {"extraction"}),
    "graph": ("graph", {"duckdb"}, {"resolved_edges"}),
    "changes": ("graph", {"markdown"}, {"graph"}),
    "dataset_shards": ("rows", {"parquet", "polars"}, {"validation"}),
    "selected_roots": ("corpus", {"parquet"}, {"graph"}),
    "unified_rows": ("corpus", {"parquet"}, {"selected_roots"}),
    "filtered_rows": ("corpus", {"parquet"}, {"unified_rows"}),
    "exact_unique_rows": ("corpus", {"parquet"}, {"filtered_rows"}),
    "near_unique_rows": ("corpus", {"parquet"}, {"exact_unique_rows"}),
    "decontaminated_rows": ("corpus", {"parquet"}, {"near_unique_rows"}),
    "corpus": ("corpus", {"parquet"}, {"decontaminated_rows"}),
    "benchmarks": ("audits", {"python"}, set()),
    "redundancy_report": ("audits", {"duckdb"}, {"graph", "dataset_shards"}),
    "contamination_report": ("audits", {"duckdb"}, {"graph", "dataset_shards", "benchmarks"}),
    "overlap_report": ("audits", {"duckdb"}, {"graph", "dataset_shards"}),
}
CHECKS = {
    "verified_evidence",
    "no_self_edges",
    "no_duplicate_edges",
    "endpoints_exist",
    "acyclic",
    "no_anachronisms",
    "no_failed_datasets",
    "edges_lost",
    "sources_doubled",
}


def test_the_assets_are_these() -> None:
    found = {
        spec.key.to_user_string(): (
            spec.group_name,
            set(spec.kinds),
            {dep.asset_key.to_user_string() for dep in spec.deps},
        )
        for spec in defs.resolve_all_asset_specs()
    }
    assert found == ASSETS


def test_each_stage_is_an_asset_of_its_name_with_a_partition_per_dataset() -> None:
    graph = defs.resolve_asset_graph()
    for stage in Stage:
        partitions = graph.get(dg.AssetKey(stage.value)).partitions_def
        assert isinstance(partitions, dg.DynamicPartitionsDefinition)
        assert partitions.name == "datasets"


def test_every_asset_check_job_sensor_and_schedule_explains_itself() -> None:
    repository = defs.get_repository_def()
    jobs = [defs.resolve_job_def(name) for name in ("trace", "build_graph", "build_corpus", "screen_benchmark")]
    named = [*defs.resolve_all_asset_specs(), *jobs, *repository.sensor_defs, *repository.schedule_defs]
    assert all(each.description and len(each.description) > 30 for each in named)


def test_each_check_has_one_query_and_each_query_one_check() -> None:
    assert {check.name for check in GRAPH_CHECKS} == CHECKS == {path.stem for path in sql_files("checks")}


def test_what_each_night_makes_is_to_be_kept_fresh_and_what_a_quiet_night_leaves_alone_is_not() -> None:
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    assert specs["graph"].freshness_policy
    assert not [stage for stage in Stage if specs[stage].freshness_policy]


def test_traces_builds_and_audits_take_turns() -> None:
    pools = [defs.resolve_assets_def(asset).op.pool for asset in ("validation", "graph")]
    settings = yaml.safe_load(PACKAGED_SETTINGS.read_text(encoding="utf-8"))
    assert pools == ["trace", "graph_build"]
    audits = ("redundancy_report", "overlap_report", "contamination_report")
    assert {defs.resolve_assets_def(asset).op.pool for asset in audits} == {"audits"}
    assert settings["concurrency"]["pools"]["default_limit"] == 1


def test_dagster_sends_nothing_home() -> None:
    settings = yaml.safe_load(PACKAGED_SETTINGS.read_text(encoding="utf-8"))
    assert settings["telemetry"] == {"enabled": False}


def test_pyproject_and_the_workspace_file_name_the_same_module() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    workspace = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text(encoding="utf-8"))
    module = project["tool"]["dg"]["project"]["code_location_target_module"]
    assert module == "lineage_platform.defs.definitions"
    assert workspace["load_from"][0]["python_module"]["module_name"] == module


@pytest.mark.usefixtures("dagster_folder")
def test_dagster_accepts_the_workspace_file() -> None:
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
