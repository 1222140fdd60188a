"""`corpus`: a training corpus, and how diverse it is."""

from __future__ import annotations

import click

from lineage_platform.cli.diversity import diversity


@click.group()
def corpus() -> None:
    """Measure a training corpus (corpus diversity).

    \b
    lineage corpus diversity PATH...
    """


corpus.add_command(diversity)
