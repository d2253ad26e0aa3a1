"""What asking costs: prices, an estimate before anything is spent, and a budget that holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mintmark.errors import BudgetSpent, InputError
from mintmark.models.model import LanguageModel
from mintmark.models.request import Reply, Request


@dataclass(frozen=True)
class Price:
    """What a model costs per million tokens, in whatever money the user counts in."""

    prompt: float
    reply: float

    def of(self, prompt_tokens: float, reply_tokens: float) -> float:
        """The cost of that many tokens."""
        return (self.prompt * prompt_tokens + self.reply * reply_tokens) / 1e6


FREE = Price(0, 0)


def price(model: LanguageModel, prices: Mapping[str, Price]) -> Price | None:
    """What this model costs by the user's table; nothing where it is free; None where nobody knows."""
    return FREE if model.free else prices.get(str(model.describe().get("model")))


@dataclass(frozen=True)
class Spent:
    """What was paid for."""

    requests: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0

    def __add__(self, more: "Spent") -> "Spent":
        return Spent(
            self.requests + more.requests,
            self.prompt_tokens + more.prompt_tokens,
            self.reply_tokens + more.reply_tokens,
        )

    @property
    def tokens(self) -> int:
        """Of prompts and replies."""
        return self.prompt_tokens + self.reply_tokens


def words(tokens: int, cost: float | None, budget: "Budget") -> str:
    """What was spent, shortly: `45k tokens, 0.12 of 5 spent`."""
    told = f"{tokens:,} tokens" if tokens < 10_000 else f"{tokens / 1000:,.0f}k tokens"
    if not cost:
        return told
    return f"{told}, {cost:.2f}{'' if budget.cost is None else f' of {budget.cost:g}'} spent"


@dataclass(frozen=True)
class Budget:
    """The most that one account of a store may spend, on all models and in all runs together. None means no bound."""

    cost: float | None = None
    """In the money of the price table."""
    tokens: int | None = None
    requests: int | None = None


UNBOUNDED = Budget()


@dataclass(frozen=True)
class Estimate:
    """What requests will take. Those in the store take nothing and are not counted."""

    requests: int
    kept: int
    """Requests that were answered before."""
    prompt_tokens: int
    reply_tokens: int
    """As long as earlier replies in the store were on average; without any, half of what is allowed."""
    most_tokens: int
    """Not more than this, even if every reply is as long as allowed; repairs and tries again aside."""
    cost: float | None
    most_cost: float | None
    """None where the price is not known."""

    def __str__(self) -> str:
        kept = f" ({self.kept:,} more were answered before and cost nothing)" if self.kept else ""
        tokens = f"about {self.prompt_tokens:,} + {self.reply_tokens:,} tokens, {self.most_tokens:,} at most"
        if self.cost is None or self.most_cost is None:
            return f"{self.requests:,} requests{kept}, {tokens}; no price is known for this model"
        return f"{self.requests:,} requests{kept}, {tokens}; cost about {self.cost:.4g}, {self.most_cost:.4g} at most"


def estimate(fresh: Iterable[Request], kept: int, mean_reply: float | None, price: Price | None) -> Estimate:
    """Adds up what requests will take that are not in the store."""
    count = prompt = reply = most_prompt = most_reply = 0
    for request in fresh:
        count += 1
        prompt += request.likely_prompt_tokens
        reply += round(min(mean_reply, request.max_tokens) if mean_reply is not None else request.max_tokens / 2)
        most_prompt += request.most_prompt_tokens
        most_reply += request.max_tokens
    cost, most = (None, None) if price is None else (price.of(prompt, reply), price.of(most_prompt, most_reply))
    return Estimate(count, kept, prompt, reply, most_prompt + most_reply, cost, most)


class Purse:
    """Counts what was spent, and what is in flight as if it took the most that it can.

    `before` is what the account has spent, and `cost` its cost, on whatever models. Raises InputError for a budget in
    money where no price is known.
    """

    def __init__(self, budget: Budget, price: Price | None, before: Spent, *, model: str, cost: float = 0.0) -> None:
        if budget.cost is not None and price is None:
            raise InputError(
                f"a budget in money cannot hold: no price is known for {model}",
                where="budget",
                fix="give the model its price per million tokens, price: {prompt: 0.15, reply: 0.60}, "
                "or the budget in tokens",
            )
        self.budget, self.price, self.spent = budget, price, before
        self._before, self._cost_before = before, cost
        self._held = Spent()

    def reserve(self, request: Request) -> bool:
        """Sets aside the most that a request can take; False where the budget does not hold that."""
        held = self._held + _most(request)
        if not self._holds(self.spent + held):
            return False
        self._held = held
        return True

    def settle(self, request: Request, paid: Spent) -> None:
        """Gives back what was set aside and books what was paid."""
        most = _most(request)
        self._held += Spent(-most.requests, -most.prompt_tokens, -most.reply_tokens)
        self.spent += paid

    @property
    def idle(self) -> bool:
        """Nothing is in flight that might give something back."""
        return self._held.requests == 0

    @property
    def cost(self) -> float | None:
        """Of what was spent; None where no price is known."""
        return self._cost(self.spent)

    def empty(self, made: int) -> BudgetSpent:
        """The error that says what was spent, what was made for it, and how to go on."""
        spent = self.spent
        money = "" if self.cost is None else f", {self.cost:.4g} in money"
        return BudgetSpent(
            "the budget does not hold one more request",
            where="budget",
            found=f"{spent.requests:,} requests and {spent.tokens:,} tokens spent{money}; {made:,} answers came",
            fix="all answers are kept: raise the budget and run this again, and only what is missing is asked",
        )

    def _holds(self, total: Spent) -> bool:
        bound, cost = self.budget, self._cost(total)
        return (
            (bound.requests is None or total.requests <= bound.requests)
            and (bound.tokens is None or total.tokens <= bound.tokens)
            and (bound.cost is None or (cost is not None and cost <= bound.cost))
        )

    def _cost(self, total: Spent) -> float | None:
        if self.price is None:
            return None
        fresh = total.prompt_tokens - self._before.prompt_tokens, total.reply_tokens - self._before.reply_tokens
        return self._cost_before + self.price.of(*fresh)


def paid(reply: Reply) -> Spent:
    """What a reply cost."""
    return Spent(1, reply.prompt_tokens, reply.reply_tokens)


def lost(request: Request) -> Spent:
    """What a try cost that may have been paid for and brought nothing: nobody knows, so the most that it can."""
    return _most(request)


def _most(request: Request) -> Spent:
    return Spent(1, request.most_prompt_tokens, request.max_tokens)
