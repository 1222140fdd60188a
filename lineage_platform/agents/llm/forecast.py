"""What a trace would ask of models, counted instead of asked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from threading import Lock
from typing import TypeVar

from lineage_platform.agents.interface import Agents
from lineage_platform.agents.llm.calling import Caller, Question
from lineage_platform.agents.llm.ledger import Spending
from lineage_platform.agents.llm.models import Role
from lineage_platform.agents.llm.opening import MixedAgents
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.agents.llm.schemas import Item, PassageItem

T = TypeVar("T", bound=Item)

CHARACTERS_A_TOKEN = 4
# Tokens of an answer, until the ledger knows better.
TYPICAL_ANSWER = {Role.SOURCING: 150, Role.EXTRACTING: 1_000, Role.TRACING: 800, Role.AGGREGATION: 250}
# Of a window that nobody has read yet, one part in so many is taken to bear on how the data was made.
BEARING = 4


@dataclass(frozen=True)
class RoleForecast:
    """What one role would be asked, and what that would cost; ``cost_usd`` is None where the model has no price."""

    role: Role
    model: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0


@dataclass
class Forecast:
    """What would be asked, role by role, from any number of threads."""

    roles: dict[Role, RoleForecast] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = Lock()

    def add(self, role: Role, model: str, tokens: tuple[int, int], cost: float | None) -> None:
        """Count one call."""
        with self._lock:
            known = self.roles.get(role, RoleForecast(role, model))
            total = None if cost is None or known.cost_usd is None else known.cost_usd + cost
            self.roles[role] = RoleForecast(
                role, model, known.calls + 1, known.input_tokens + tokens[0], known.output_tokens + tokens[1], total
            )


@dataclass
class Forecaster(Caller):
    """Answers from the cache where it can, and counts what it would have to ask for the rest.

    Nothing is sent and nothing goes on record. Where no answer is known, a marked passage stands for those that would
    be found, so that the roles after it have something to read.
    """

    forecast: Forecast = field(default_factory=Forecast)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._history: dict[str, Spending] = {spent.name: spent for spent in self.ledger.spending("role")}

    def ask(self, question: Question, kind: type[T]) -> tuple[T, ...]:
        """The answer kept, or what stands for one."""
        kept = self.kept(question, kind)
        if kept is not None:
            return kept
        own = self.settings.roles[question.role]
        written = self._typical_answer(question.role)
        read = sum(len(text) for _, text in self.messages(question)) // CHARACTERS_A_TOKEN
        price = self.prices.of(own)
        cost = price.cost(read, written) if price else None
        self.forecast.add(question.role, own.model, (read, written), cost)
        if kind is PassageItem:
            return (kind.model_validate({"text": question.material[: len(question.material) // BEARING]}),)
        return ()

    def _typical_answer(self, role: Role) -> int:
        past = self._history.get(role)
        answered = past.calls - past.unfinished if past else 0
        return past.output_tokens // answered if past and answered else TYPICAL_ANSWER[role]


def forecasting(agents: Agents) -> tuple[Agents, Forecast]:
    """The same agents asking nobody, and the forecast that they fill in as they read; rules read as ever."""
    if isinstance(agents, MixedAgents):
        models, forecast = _counting(agents.models)
        return replace(agents, models=models), forecast
    if isinstance(agents, ModelAgents):
        return _counting(agents)
    return agents, Forecast()


def _counting(agents: ModelAgents) -> tuple[ModelAgents, Forecast]:
    caller = Forecaster(**{each.name: getattr(agents.caller, each.name) for each in fields(Caller)})
    return replace(agents, caller=caller), caller.forecast
