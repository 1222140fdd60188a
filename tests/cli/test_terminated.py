"""SIGTERM ends long commands within seconds though the hub is silent; the same command goes on from there."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Lineage
from tests.cli.processes import started, wait_until
from tests.samples.rows import write_rows
from tests.servers.hub import LoopbackHub
from tests.support import write_dataset

MOST_SECONDS = 10
ROWS = {
    name: [{"instruction": f"What of {name} is the {n}th of the things?", "output": "An answer."} for n in range(9)]
    for name in ("one", "two")
}
RECIPE = "name: small\nroots: {max: 0, include: [org/one, org/two]}\nnear_duplicates: off\ndiversity: off\n"


@pytest.mark.parametrize("command", [("rows", "org/one", "org/two"), ("corpus", "build", "recipe.yaml")])
def test_a_terminated_command_ends_in_time_keeps_what_it_has_and_goes_on(
    command: tuple[str, ...], lineage: Lineage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, rows in ROWS.items():
        write_dataset(tmp_path / "hub", f"org/{name}", "# Card")
        write_rows(tmp_path / f"hub/datasets/org/{name}/train.jsonl", rows)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    arguments = [str(tmp_path / word) if word.endswith(".yaml") else word for word in command]
    with LoopbackHub(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        server.fail("two/resolve", delay=1000.0)
        process = started(*arguments, "--hub", "live", "--json", HF_HOME=str(tmp_path / "hf"))
        wait_until(lambda: server.asked("two/resolve"))
        process.send_signal(signal.SIGTERM)
        try:
            out, err = process.communicate(timeout=MOST_SECONDS)
        finally:
            process.kill()
        assert process.returncode == 130, err
        assert json.loads(out)["error"]["kind"] == "interrupted"
        kept = list(home.glob("hubs/*/shards/*/*/shard.json"))
        assert len(kept) == 1
        server.faults.clear()
        server.requests.clear()
        again = lineage(*arguments, "--hub", "live", "--json")
    assert again.code == 0, again.err
    assert not server.asked("one/resolve")
    assert len(list(home.glob("hubs/*/shards/*/*/shard.json"))) == 2
