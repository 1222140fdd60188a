"""The platform's checks, as Dagster runs them: whenever what they are about is made."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from warnings import catch_warnings, simplefilter

import dagster as dg

from lineage_platform.checks import Check, Each, Severity, Subject, Verdict, all_checks
from lineage_platform.defs.metadata import table
from lineage_platform.defs.partitions import BENCHMARKS, DATASETS
from lineage_platform.defs.resources import WorkspaceResource

_PARTITIONS = {Each.DATASET: DATASETS, Each.BENCHMARK: BENCHMARKS}
_SEVERITIES = {Severity.WARNING: dg.AssetCheckSeverity.WARN, Severity.ERROR: dg.AssetCheckSeverity.ERROR}


def checks_of(asset: dg.AssetKey) -> tuple[Check, ...]:
    """The checks on one asset."""
    return tuple(check for check in all_checks() if check.asset == asset.to_user_string())


def asset_check(check: Check, after: Sequence[dg.AssetKey] = ()) -> dg.AssetChecksDefinition:
    """A check on everything, which runs after its asset, and after others that it asks."""

    @dg.asset_check(
        asset=check.asset,
        name=check.name,
        description=explained(check),
        blocking=check.blocking,
        additional_deps=after,
    )
    def run(workspace: WorkspaceResource) -> dg.AssetCheckResult:
        return result(check, check.judge(Subject(workspace.open())))

    return run


def check_spec(check: Check) -> dg.AssetCheckSpec:
    """A check that its asset runs itself."""
    with _previewed():
        return dg.AssetCheckSpec(
            check.name,
            asset=check.asset,
            description=explained(check),
            blocking=check.blocking,
            partitions_def=_PARTITIONS[check.of_each] if check.of_each else None,
        )


def explained(check: Check) -> str:
    """What the UI says of a check."""
    return f"{check.description} If not: {check.remedy}"


def result(check: Check, verdict: Verdict) -> dg.AssetCheckResult:
    """A verdict on everything, as Dagster keeps it."""
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(check.asset),
        check_name=check.name,
        passed=verdict.severity is None,
        severity=_SEVERITIES[verdict.severity or Severity.ERROR],
        description=check.told(verdict),
        metadata={"found": len(verdict.found)} | ({"rows": table(verdict.found)} if verdict.found else {}),
    )


def evaluation(check: Check, verdict: Verdict, partition: str) -> dg.AssetCheckEvaluation:
    """A verdict on one partition: to be logged, for a run may make many of them and Dagster takes one result a run."""
    found = result(check, verdict)
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(check.asset),
        check_name=check.name,
        passed=found.passed,
        severity=found.severity,
        description=found.description,
        metadata=found.metadata,
        blocking=check.blocking,
        partition=partition,
    )


@contextmanager
def _previewed() -> Iterator[None]:
    """Checks with partitions are a preview of Dagster's, which says so each time one is defined."""
    with catch_warnings():
        simplefilter("ignore", dg.PreviewWarning)
        yield
