"""`corpus`: a training corpus, and how diverse it is."""

from __future__ import annotations

import click

from lineage_platform.cli.corpus_build import build
from lineage_platform.cli.diversity import diversity
from lineage_platform.cli.options import CommandGroup


@click.group(cls=CommandGroup)
def corpus() -> None:
    """Build a training corpus from the roots of the graph, and measure it (corpus build, corpus diversity).

    \b
    lineage corpus build recipe.yaml
    lineage corpus diversity PATH...
    """


corpus.add_command(build)
corpus.add_command(diversity)
