"""What calls cost, and the bound a user sets to it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from threading import Lock

from pydantic import TypeAdapter

from lineage_platform.agents.llm.models import ModelSettings, Price, Role, RoleSettings
from lineage_platform.errors import BudgetSpent, UsageError

_TABLE = TypeAdapter(dict[str, dict[str, Price]])
FREE = Price(input=0, output=0)


@dataclass(frozen=True)
class Prices:
    """The price table.

    Parameters
    ----------
    table:
        Prices by provider and model.
    """

    table: dict[str, dict[str, Price]]

    @classmethod
    def read(cls, settings: ModelSettings | None = None) -> Prices:
        """The packaged table, with the prices of the user's models file over it."""
        packaged = _TABLE.validate_python(
            tomllib.loads(files(__package__).joinpath("prices.toml").read_text(encoding="utf-8"))
        )
        own = settings.prices if settings else {}
        return cls({name: {**packaged.get(name, {}), **own.get(name, {})} for name in {*packaged, *own}})

    def of(self, settings: RoleSettings) -> Price | None:
        """The price of a role's model: by its name, else by the longest name it begins with; None if there is none.

        A model at an address of the operator's own is free unless the table names it in full.
        """
        table, name = self.table.get(settings.provider, {}), settings.model_name
        if settings.base_url is not None:
            return table.get(name, FREE)
        known = [prefix for prefix in table if name == prefix or name.startswith(f"{prefix}-")]
        return table[max(known, key=len)] if known else None


class Budget:
    """A bound on the cost of a run, kept by every thread.

    A call is sent only while less than the bound is spent, so that a run exceeds it by no more than the calls that were
    in flight when it was reached.

    Parameters
    ----------
    max_cost:
        US dollars; None sets no bound.
    """

    def __init__(self, max_cost: float | None = None) -> None:
        self.max_cost = max_cost
        self._spent = 0.0
        self._lock = Lock()

    @property
    def spent(self) -> float:
        """US dollars spent so far."""
        with self._lock:
            return self._spent

    def add(self, cost_usd: float) -> None:
        """Count what a call cost."""
        with self._lock:
            self._spent += cost_usd

    def check(self, ahead: float = 0.0) -> None:
        """Pass while there is money left.

        Parameters
        ----------
        ahead:
            US dollars that what comes next is likely to cost, where it cannot be stopped half-way.

        Raises
        ------
        BudgetSpent
            There is none, or less than that.
        """
        if self.max_cost is not None and ahead and self.spent + ahead > self.max_cost:
            raise BudgetSpent(
                f"a batch of about ${ahead:.4f} would pass the budget of ${self.max_cost:g} (${self.spent:.4f} spent)",
                "raise --max-cost, or trace fewer datasets at a time",
            )
        if self.max_cost is not None and self.spent >= self.max_cost:
            raise BudgetSpent(
                f"the budget of ${self.max_cost:g} is spent (${self.spent:.4f})",
                "run the same command again to go on where it stopped",
            )


def require_prices(prices: Prices, settings: ModelSettings, roles: frozenset[Role]) -> None:
    """Check that a budget can be kept.

    Raises
    ------
    UsageError
        A model has no price.
    """
    unknown = sorted({settings.roles[role].model for role in roles if prices.of(settings.roles[role]) is None})
    if unknown:
        raise UsageError(
            f"--max-cost needs a price for {', '.join(unknown)}",
            "add it under [prices.PROVIDER] to the file that LINEAGE_MODELS names",
        )
