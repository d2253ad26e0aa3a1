"""Two tables should have as much of something: too little is as wrong as too much."""

from mintmark.metrics.evidence import Interval


def balance(ratio: float) -> float:
    """The smaller over the larger: 1 is best, and 0 where one side has nothing."""
    return min(ratio, 1 / ratio) if ratio > 0 else 0.0


def balances(low: float, high: float) -> Interval:
    """The interval of the balance, from that of the ratio: it is greatest at ratio 1, and falls to either side."""
    ends = sorted((balance(low), balance(high)))
    return ends[0], 1.0 if low <= 1 <= high else ends[1]
