"""What a trace is about to ask the tracing model, gathered so that it can be asked in batches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from lineage_platform.agents.interface import Agents, Subject
from lineage_platform.agents.llm.batches import Batches
from lineage_platform.agents.llm.calling import Caller, Question
from lineage_platform.agents.llm.models import Role, Task
from lineage_platform.agents.llm.opening import MixedAgents
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.agents.llm.schemas import Item
from lineage_platform.agents.reading import read_documents
from lineage_platform.documents.reading import Reading

T = TypeVar("T", bound=Item)


@dataclass
class Gatherer(Caller):
    """Keeps what the tracing model would be asked instead of asking it; asks nothing that builds on its answers.

    What comes before tracing (the passages to read) is asked as ever.
    """

    questions: list[Question] = field(default_factory=list)

    def ask(self, question: Question, kind: type[T]) -> tuple[T, ...]:
        """The answer kept; none for what is gathered."""
        if question.task in (Task.SOURCING, Task.EXTRACTING):
            return super().ask(question, kind)
        if question.task is Task.TRACING:
            self.questions.append(question)
        return ()


@dataclass(frozen=True)
class Ahead:
    """Asks the tracing model about many datasets at once, before they are traced.

    Parameters
    ----------
    agents:
        The agents of the trace, gathering.
    gatherer:
        What they gather with.
    batches:
        Asks what is gathered.
    """

    agents: Agents
    gatherer: Gatherer
    batches: Batches

    def read(self, subject: Subject, readings: Iterable[Reading]) -> None:
        """Gather what would be asked about a dataset's documents."""
        read_documents(self.agents, subject, readings)

    def ask(self) -> None:
        """Have all that was gathered answered; errors as for :class:`~.batches.Batches`."""
        self.batches.collect()
        questions, self.gatherer.questions = self.gatherer.questions, []
        self.batches.ask(questions)


def ahead_of(agents: Agents) -> Ahead | None:
    """What asks ahead of a trace by these agents; None unless a model traces and its settings say ``batch``."""
    models = agents.models if isinstance(agents, MixedAgents) and Role.TRACING in agents.by_model else agents
    if not isinstance(models, ModelAgents) or not models.caller.settings.roles[Role.TRACING].batch:
        return None
    gatherer = Gatherer(**{each.name: getattr(models.caller, each.name) for each in fields(Caller)})
    gathering = replace(models, caller=gatherer)
    readers = replace(agents, models=gathering) if isinstance(agents, MixedAgents) else gathering
    return Ahead(readers, gatherer, Batches(models.caller))
