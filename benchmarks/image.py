"""The steps of ``docker/Dockerfile`` in a folder of this machine, where there is no engine to build the image with.

What it copies is copied, what it runs is run with an environment of its own in place of the image's Python; users are
left out. Then the code server of ``docker/compose.yaml`` is started from there and asked whether it is well, and the
command line looks at a home.

    python benchmarks/image.py --folder image
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[1]
DOCKER = REPOSITORY / "docker"
OF_USERS = ("useradd", "chown")
PATIENCE = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("image"), help="Where the image's folders are made.")
    folder = parser.parse_args().folder.absolute()
    shutil.rmtree(folder, ignore_errors=True)
    environment = built(folder)
    print("built")
    for command in ("lineage --version", "lineage doctor --hub sample --format csv"):
        print(subprocess.run(shlex.split(command), env=environment, text=True, capture_output=True, check=True).stdout)
    print(f"the code server answers after {served(environment, folder):.1f} s")


def instructions() -> Iterator[tuple[str, str]]:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest


def built(folder: Path) -> dict[str, str]:
    """Take the steps; the environment of a process in the image."""
    subprocess.run([sys.executable, "-m", "venv", folder / "python"], check=True)
    environment = {**os.environ, "PATH": f"{folder / 'python/bin'}:{os.environ['PATH']}", "PYTHONPATH": ""}
    place = folder
    for word, rest in instructions():
        if word == "WORKDIR":
            place = folder / rest.lstrip("/")
            place.mkdir(parents=True)
        elif word == "COPY":
            *sources, target = shlex.split(rest)
            copied(sources, within(folder, place, target), whole=target.endswith("/"))
        elif word == "ENV":
            environment |= {name: str(within(folder, place, value)) for name, value in pairs(rest)}
        elif word == "RUN":
            steps = [step.strip() for step in rest.split("&&")]
            command = " && ".join(step for step in steps if not step.startswith(OF_USERS))
            for name in ("/data", "/opt/dagster"):
                command = command.replace(f" {name}", f" {folder}{name}")
            subprocess.run(command, shell=True, cwd=place, env=environment, check=True)
    return environment


def within(folder: Path, place: Path, path: str) -> Path:
    return folder / path.lstrip("/") if path.startswith("/") else place / path


def pairs(text: str) -> Iterator[tuple[str, str]]:
    for each in shlex.split(text):
        name, _, value = each.partition("=")
        yield name, value


def copied(sources: list[str], target: Path, *, whole: bool) -> None:
    for source in sources:
        found = REPOSITORY / source
        if found.is_dir():
            shutil.copytree(found, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            continue
        into = target / found.name if whole else target
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found, into)


def served(environment: Mapping[str, str], folder: Path) -> float:
    """Start the code server as compose does, and wait until it is well; the seconds that took."""
    service = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))["services"]["code"]
    began = time.monotonic()
    with (folder / "code.log").open("w") as log:
        server = subprocess.Popen(shlex.split(service["command"]), env=environment, stdout=log, stderr=log)
    try:
        while subprocess.run(service["healthcheck"]["test"][1:], env=environment, capture_output=True).returncode:
            if server.poll() is not None or time.monotonic() - began > PATIENCE:
                raise SystemExit((folder / "code.log").read_text(encoding="utf-8"))
            time.sleep(0.5)
        return time.monotonic() - began
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
