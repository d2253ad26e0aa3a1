"""How fast an endpoint is asked: as much at once as it bears, within what was agreed, and not while it is down.

All of it is arithmetic on the times that it is told, in seconds of one steady clock.
"""

from dataclasses import dataclass

from mintmark.errors import InputError


@dataclass(frozen=True)
class Limits:
    """What is asked of an endpoint at most, and how long it is waited for."""

    slots: int = 64
    """Requests at once. Fewer are sent while the endpoint says that it is busy."""
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout_s: float = 120.0
    """For one reply, from the first byte sent to the last received."""
    tries: int = 5
    """How often a request that fails alone is sent."""
    repairs: int = 1
    """How often a reply that breaks its schema is asked for again."""
    patience_s: float = 300.0
    """How long an endpoint that answered before may be down or busy."""
    trial: int = 20
    """After so many answers, asking stops where a share of `worst` or more is of no use."""
    worst: float = 0.9

    def __post_init__(self) -> None:
        for name in ("slots", "requests_per_minute", "tokens_per_minute", "timeout_s", "tries", "patience_s", "trial"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} must be more than 0", where="limits", found=str(value))


FIRST = 16
"""Requests at once to begin with."""


class Window:
    """Requests at once: doubled each round trip until the endpoint protests, then a little more, and less after each
    protest (additive increase, multiplicative decrease: Chiu and Jain 1989; slow start: Jacobson 1988)."""

    def __init__(self, most: int, first: int = FIRST) -> None:
        self._most = most
        self._size = float(min(first, most))
        self._slow_start = True
        self._cut_at = float("-inf")

    @property
    def size(self) -> int:
        """How many requests may be in flight."""
        return int(self._size)

    def answered(self) -> None:
        """A request was answered."""
        self._size = min(self._most, self._size + (1 if self._slow_start else 1 / self._size))

    def protested(self, sent_at: float, now: float) -> None:
        """The endpoint was too busy for a request. One that was sent before the last cut says nothing new."""
        if sent_at >= self._cut_at:
            self._size, self._cut_at, self._slow_start = max(1.0, self._size * 0.7), now, False


class Bucket:
    """At most `per_minute` of something in any sixty seconds: a leaky bucket that holds a tenth of a second's worth."""

    def __init__(self, per_minute: float) -> None:
        self._most = max(1.0, per_minute / 600)
        self._rate = (per_minute - (self._most if self._most > 1 else 0)) / 60
        self._level, self._at = self._most, float("-inf")

    def wait_s(self, amount: float, now: float) -> float:
        """How long until this much may be taken; what is more than the bucket holds waits for a full one."""
        self._fill(now)
        return max(0.0, (min(amount, self._most) - self._level) / self._rate)

    def take(self, amount: float, now: float) -> None:
        """Takes, into debt where need be; a negative amount is given back."""
        self._fill(now)
        self._level = min(self._most, self._level - amount)

    def _fill(self, now: float) -> None:
        passed = min(now - self._at, 3600.0) if self._at > float("-inf") else 0.0
        self._level, self._at = min(self._most, self._level + passed * self._rate), now


class Breaker:
    """Tells whether the endpoint is down: many failures, one after another, with no answer among them.

    While it is open one request at a time goes out, after longer and longer waits, to see whether somebody is there.
    """

    MANY = 8

    def __init__(self, known: bool = False) -> None:
        self.answered_at = float("-inf")
        self._known = known
        self._failures = 0
        self._silent_since: float | None = None
        self._try_at = 0.0

    @property
    def never(self) -> bool:
        """It has not answered yet, now or, as far as is `known`, in earlier runs."""
        return not self._known and self.answered_at == float("-inf")

    @property
    def open(self) -> bool:
        """The endpoint seems to be down."""
        return self._failures >= self.MANY

    def answered(self, now: float) -> None:
        """Somebody is there."""
        self.answered_at, self._failures, self._silent_since = now, 0, None

    def silent(self, now: float) -> None:
        """The endpoint did not answer, though it may only be busy."""
        self._silent_since = now if self._silent_since is None else self._silent_since

    def failed(self, now: float) -> None:
        """The endpoint failed."""
        self.silent(now)
        if self.open and now < self._try_at:
            return  # it was sent before the endpoint went down, and says nothing new
        self._failures += 1
        if self.open:
            self._try_at = now + min(30.0, 0.5 * 2 ** min(self._failures - self.MANY, 10))

    def wait_s(self, now: float) -> float:
        """How long until one request may be sent to see whether somebody is there."""
        return max(0.0, self._try_at - now) if self.open else 0.0

    def silent_s(self, now: float) -> float:
        """For how long nothing was answered, though it was asked."""
        return 0.0 if self._silent_since is None else now - self._silent_since
