"""`trace`: through Dagster, from the arguments to the graph."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Lineage
from tests.cli.processes import PATIENCE, started, wait_until
from tests.servers.hub import LoopbackHub
from tests.support import HUB_URL, write_dataset

SOURCES: Mapping[str, tuple[str, ...]] = {
    "mixers/Mix-2": ("lefties/Left-QA", "righters/Right-10K"),
    "lefties/Left-QA": ("rooters/Root-QA",),
    "righters/Right-10K": ("rooters/Root-QA",),
    "rooters/Root-QA": (),
}
SLOW = 5.0


def card(dataset_id: str, sources: Iterable[str]) -> str:
    """A card that says of each source in so many words that the dataset was built from it."""
    listed = "\n".join(f"- [{source}]({HUB_URL}{source})" for source in sources)
    body = f"## Source datasets\n\nThis dataset is built from:\n\n{listed}\n" if listed else "Written by hand.\n"
    return f"# {dataset_id.split('/')[1]}\n\nQuestions with answers.\n\n{body}"


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A hub folder of four datasets and its own seeds."""
    folder = tmp_path / "hub"
    for dataset_id, sources in SOURCES.items():
        write_dataset(folder, dataset_id, card(dataset_id, sources), downloads=10)
    (folder / "seeds.txt").write_text("mixers/Mix-2\n")
    return folder


def test_the_sample_is_traced_and_read_as_the_readme_says(lineage: Lineage) -> None:
    dataset = "teknium/OpenHermes-2.5"
    traced = lineage("trace", dataset, "--hub", "sample", "--agents", "rules", "--json")
    assert traced.code == 0, traced.err
    keys = {"datasets", "edges", "outcomes", "documents_fetched", "model_calls", "cost_usd", "seconds"}
    assert keys <= set(traced.json)
    assert traced.json["datasets"] == sum(traced.json["outcomes"].values()) > 1
    assert traced.json["label"].startswith("sample data")

    shown = lineage("show", dataset, "--json").json
    assert shown["sources"]
    assert all(source["evidence"][0]["quote"] for source in shown["sources"])
    assert shown["label"].startswith("sample data")

    source = shown["sources"][0]["id"]
    found = lineage("paths", source, dataset, "--json").json
    assert found["paths"][0]["nodes"] == [source, dataset]

    edges = lineage("sql", "select * from edges", "--json")
    assert len(edges.json) == traced.json["edges"]
    assert "sample data" in edges.err
    for command in (["show", dataset], ["paths", source, dataset], ["sql", "select * from edges"]):
        answer = lineage(*command)
        assert answer.code == 0
        assert "sample data" in answer.out + answer.err


def test_a_trace_follows_sources_and_counts_what_it_found(lineage: Lineage, hub: Path) -> None:
    answer = lineage("trace", "mixers/Mix-2", "--hub", hub, "--agents", "rules", "--json")
    assert answer.code == 0, answer.err
    expected = {"datasets": 4, "edges": 4, "worked": 4, "documents_fetched": 4, "model_calls": 0, "cost_usd": 0}
    assert {key: answer.json[key] for key in expected} == expected
    assert answer.json["outcomes"] == {"traced": 3, "no_sources_documented": 1}
    assert answer.json["edges_by_status"] == {"accepted": 4}
    assert answer.json["failed"] == []
    assert "label" not in answer.json


def test_a_second_trace_says_that_nothing_was_to_be_done(lineage: Lineage, hub: Path) -> None:
    lineage("trace", "--hub", hub, "--agents", "rules")
    again = lineage("trace", "--hub", hub, "--agents", "rules")
    assert again.code == 0
    assert "nothing had to be done" in again.out
    assert "4 datasets" in again.out
    figures = lineage("trace", "--hub", hub, "--agents", "rules", "--json").json
    assert (figures["worked"], figures["documents_fetched"], figures["edges"]) == (0, 0, 4)


def test_one_failing_dataset_loses_no_other_and_is_told_by_its_exit_code(lineage: Lineage, hub: Path) -> None:
    (hub / "datasets/righters/Right-10K/info.json").write_text("{ not JSON")
    answer = lineage("trace", "mixers/Mix-2", "--hub", hub, "--agents", "rules", "--json")
    assert answer.code == 4
    assert [failure["dataset"] for failure in answer.json["failed"]] == ["righters/Right-10K"]
    assert "info.json" in answer.json["failed"][0]["reason"]
    assert answer.json["outcomes"] == {"traced": 2, "no_sources_documented": 1, "failed": 1}
    assert "righters/Right-10K: " in lineage("trace", "mixers/Mix-2", "--hub", hub, "--agents", "rules").out


def test_after_one_bad_dataset_of_many_running_again_touches_it_alone(
    lineage: Lineage, hub: Path, home: Path, tmp_path: Path
) -> None:
    many = [f"acme/set-{number:02}" for number in range(20)]
    for dataset_id in many:
        write_dataset(hub, dataset_id, card(dataset_id, ()))
    (tmp_path / "seeds.txt").write_text("\n".join(many))
    (hub / "datasets" / many[7] / "info.json").write_text("{ not JSON")
    command = ("trace", "--seeds", tmp_path / "seeds.txt", "--hub", hub, "--agents", "rules", "--json")

    def touched() -> set[str]:
        """Datasets with a record of later stages that was written in this run: validations are confirmed in each."""
        before = dict(written)
        written.update(
            (path, path.stat().st_mtime_ns)
            for path in home.glob("hubs/*/datasets/*/*.json")
            if path.stem != "validation"
        )
        return {json.loads(p.read_bytes())["dataset_id"] for p, when in written.items() if before.get(p) != when}

    written: dict[Path, int] = {}
    for expected in (set(many), {many[7]}):
        answer = lineage(*command)
        assert answer.code == 4
        assert [failure["dataset"] for failure in answer.json["failed"]] == [many[7]]
        assert touched() == expected


def test_gated_and_missing_datasets_are_outcomes_not_failures(lineage: Lineage, hub: Path) -> None:
    write_dataset(hub, "acme/gated", card("acme/gated", ()), gated="manual")
    answer = lineage("trace", "acme/gated", "acme/nowhere", "--hub", hub, "--agents", "rules", "--json")
    assert answer.code == 0
    assert answer.json["outcomes"] == {"gated": 1, "not_found": 1}
    assert f"the hub {str(hub)!r} has no dataset acme/nowhere" in answer.err


@pytest.mark.parametrize("wrong", ["../../x", "a" * 300, "two words", "acme/", "\x1b[31m/x"])
def test_an_id_that_cannot_be_one_is_that_datasets_failure(lineage: Lineage, hub: Path, home: Path, wrong: str) -> None:
    before = {path for path in home.parent.rglob("*") if home not in path.parents}
    answer = lineage("trace", wrong, "rooters/Root-QA", "--hub", hub, "--agents", "rules", "--json")
    assert answer.code == 4
    assert answer.json["outcomes"] == {"failed": 1, "no_sources_documented": 1}
    assert "cannot be a Hub dataset id" in answer.json["failed"][0]["reason"]
    assert {path for path in home.parent.rglob("*") if home not in path.parents} - {home} == before - {home}


def test_where_no_id_can_be_one_nothing_is_traced_nor_kept(lineage: Lineage, hub: Path, home: Path) -> None:
    answer = lineage("trace", "two words", "a" * 300, "--hub", hub, "--agents", "rules", "--json")
    assert answer.code == 2
    assert answer.json["error"]["kind"] == "invalid_dataset_id"
    assert not (home / "hubs").exists()


def test_seeds_come_from_a_list_a_registry_or_the_hub(lineage: Lineage, hub: Path, tmp_path: Path) -> None:
    plain, registry = tmp_path / "list.txt", tmp_path / "seeds.tsv"
    plain.write_text("# mine\nlefties/Left-QA\n\n")
    registry.write_text("dataset_id\tdomain\twhy\nrighters/Right-10K\tmath\tfor a test\n")
    rules = ("--hub", hub, "--agents", "rules", "--max-hops", "0", "--json")
    assert lineage("trace", "--seeds", plain, *rules).json["datasets"] == 1
    assert lineage("trace", "rooters/Root-QA", "--seeds", registry, *rules).json["datasets"] == 2
    assert lineage("trace", *rules).json["datasets"] == 1
    (hub / "seeds.txt").unlink()
    without = lineage("trace", *rules)
    assert without.code == 2
    assert "--seeds" in without.json["error"]["hint"]


def test_a_dry_run_writes_nothing_and_tells_the_least_that_is_needed(lineage: Lineage, hub: Path, home: Path) -> None:
    command = ("trace", "mixers/Mix-2", "--hub", hub, "--agents", "rules")
    before = lineage(*command, "--dry-run", "--json")
    assert before.code == 0
    assert not home.exists()
    unseen = {"seeds": 1, "datasets": 1, "known": 0, "unknown": 1, "documents": 1, "requests": 2}
    unpaid = {"model_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0, "models": []}
    assert before.json == {"dry_run": True, "lower_bound": True, **unseen, **unpaid}

    lineage(*command)
    stamps = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    after = lineage(*command, "--dry-run", "--json").json
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == stamps
    assert (after["datasets"], after["unknown"], after["documents"], after["requests"]) == (4, 0, 0, 4)
    assert lineage(*command, "--dry-run", "--refresh", "--json").json["documents"] == 4
    assert lineage(*command, "--dry-run", "--max-hops", "1", "--json").json["datasets"] == 3


def test_suggestions_are_datasets_that_were_named_but_never_traced(lineage: Lineage, hub: Path) -> None:
    command = ("--hub", hub, "--agents", "rules")
    lineage("trace", "mixers/Mix-2", "lefties/Left-QA", "--max-hops", "0", *command)
    answer = lineage("trace", "--suggest", "--json", *command)
    assert answer.code == 0, answer.err
    assert [(row["dataset_id"], row["used_by"], row["downloads"]) for row in answer.json] == [
        ("righters/Right-10K", 1, 10),
        ("rooters/Root-QA", 1, 10),
    ]
    assert "lineage trace righters/Right-10K" in answer.err
    lineage("trace", "mixers/Mix-2", *command)
    assert lineage("trace", "--suggest", "--json", *command).json == []


def test_suggestions_do_not_mix_hubs(lineage: Lineage, hub: Path) -> None:
    lineage("trace", "rooters/Root-QA", "--hub", hub, "--agents", "rules")
    answer = lineage("trace", "--suggest", "--hub", "sample")
    assert answer.code == 2
    assert "sample" in answer.err


def test_progress_and_hints_are_lines_on_stderr_and_nothing_when_quiet(lineage: Lineage, hub: Path) -> None:
    loud = lineage("trace", "--hub", hub, "--agents", "rules")
    assert "tracing 1 seed" in loud.err
    assert "lineage show mixers/Mix-2" in loud.err
    assert "\x1b" not in loud.err
    assert lineage("trace", "--hub", hub, "--agents", "rules", "-q").err == ""


def test_csv_is_outcomes_and_counts(lineage: Lineage, hub: Path) -> None:
    answer = lineage("trace", "--hub", hub, "--agents", "rules", "--format", "csv")
    assert answer.out.splitlines() == ["outcome,datasets", "no_sources_documented,1", "traced,3"]


def test_an_interrupted_trace_keeps_what_it_has_and_the_same_command_carries_on(
    hub: Path, home: Path, tmp_path: Path
) -> None:
    many = [f"acme/set-{number:02}" for number in range(30)]
    for dataset_id in many:
        write_dataset(hub, dataset_id, card(dataset_id, ()))
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("\n".join(many))
    command = ("trace", "--seeds", seeds, "--hub", "live", "--agents", "rules")
    with LoopbackHub(hub) as server:
        settings = {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "hf")}
        server.fail(many[15], delay=SLOW)  # so that the end is not reached before the signal is
        process = started(*command, "--json", **settings)
        wait_until(lambda: any(home.glob("hubs/*/datasets/*/resolution.json")))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, err
        assert json.loads(out)["error"]["kind"] == "interrupted"
        assert re.search(r"interrupted with \d+ datasets? done", err)
        assert "Traceback" not in err
        assert any(home.glob("hubs/*/datasets/*/resolution.json"))
        assert not list(home.rglob("*.part"))

        again = started(*command, "--format", "csv", **settings)
        out, err = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, err
    assert out.splitlines() == ["outcome,datasets", f"no_sources_documented,{len(many)}"]


def test_a_terminated_trace_ends_within_seconds_though_the_hub_is_silent_and_the_next_finishes(
    hub: Path, home: Path, tmp_path: Path
) -> None:
    with LoopbackHub(hub) as server:
        settings = {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "hf")}
        command = ("trace", "mixers/Mix-2", "--hub", "live", "--agents", "rules", "--json")
        server.fail("mixers", delay=10 * PATIENCE)
        process = started(*command, **settings)
        wait_until(lambda: server.requests)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert process.returncode == 130, err
        assert json.loads(out)["error"]["kind"] == "interrupted"
        assert not list(home.rglob("*.part"))
        server.faults.clear()
        again = started(*command, **settings)
        out, err = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, err


def test_interrupted_twice_a_trace_ends_without_waiting_for_the_hub(hub: Path, tmp_path: Path) -> None:
    with LoopbackHub(hub) as server:
        server.fail("mixers", delay=10 * PATIENCE)
        settings = {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "hf")}
        process = started("trace", "mixers/Mix-2", "--hub", "live", "--agents", "rules", "--json", **settings)
        wait_until(lambda: server.requests)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        wait_until(lambda: "Ctrl-C again" in process.stderr.readline())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert json.loads(out)["error"]["kind"] == "interrupted"
