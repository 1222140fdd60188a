"""What a set of agents reads in the documents of one dataset: the roles, one after another."""

from __future__ import annotations

from collections.abc import Iterable

from lineage_platform.agents.interface import Agents, Subject
from lineage_platform.documents.reading import Reading
from lineage_platform.records import DocumentKind, Profile, Statement


def read_documents(
    agents: Agents, subject: Subject, readings: Iterable[Reading]
) -> tuple[tuple[Statement, ...], Profile]:
    """Statements in every document, in order, and the profile that they and the card make.

    Parameters
    ----------
    agents:
        Who reads.
    subject:
        The dataset.
    readings:
        Its documents that could be read.
    """
    documents = tuple(readings)
    statements = tuple(
        statement
        for document in documents
        for statement in agents.tracing(subject, document, agents.extracting(subject, document))
    )
    card = next((document for document in documents if document.document.kind is DocumentKind.CARD), None)
    return statements, agents.aggregation(subject, card, statements)
