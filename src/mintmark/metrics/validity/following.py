"""Do replies do what their instructions say, where a machine can check it?"""

from collections import Counter
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.answers.orders import orders
from mintmark.errors import CannotMeasure
from mintmark.metrics import cells, intervals
from mintmark.metrics.enough import MINIMUM
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.replies import replies


@dataclass(frozen=True)
class Following:
    """A clerk who knows nothing of the matter reads order and reply: were it three sentences, is there no comma?

    The share of rows whose reply obeys *all* that its instruction orders and a machine can check, among rows with any
    such order (strict accuracy by prompt, IFEval: Zhou et al. 2023): length in words, sentences, paragraphs or bullets,
    words that must or must not be there, how it begins and ends, JSON, small or capital letters, no commas, language.
    Orders are recognised by narrow English patterns (`answers.orders`); what they do not recognise counts as not asked.
    1 is best. Whether a reply is *right* is another question, `validity.accuracy`: models that imitate a better one's
    answers gain in manner and not in facts (Gudibande et al. 2023), so neither stands for the other.

    Interval: exact, of a share (Clopper & Pearson 1934). Real rows, the ceiling, do not obey all of it either; shuffled
    columns, the floor, obey by chance.
    """

    minimum: int = Field(MINIMUM, ge=10)
    """Fewest rows with an order that can be checked."""
    instruction: str | None = None
    """The column with what is asked; left out, it is found as for `release: {chat: …}`."""
    reply: str | None = None
    messages: str | None = None
    """The column with whole conversations, of which the last question and answer count."""

    claim: ClassVar[Claim] = Claim.VALIDITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002 (nothing is drawn)
        """The share; details hold how many rows have which kinds of orders, and how many of these were obeyed."""
        told = {"user": self.instruction, "assistant": self.reply, "messages": self.messages}
        asked, obeyed = Counter[str](), Counter[str]()
        rows = right = 0
        read = [each for each in replies(case.need(Role.SYNTHETIC), told) if each]
        for each in read:
            found = [(order.kind, order.obeyed(each.reply)) for order in orders(each.instruction)]
            known = [(kind, done) for kind, done in found if done is not None]
            rows += bool(known)
            right += bool(known) and all(done for _, done in known)
            asked.update(kind for kind, _ in known)
            obeyed.update(kind for kind, done in known if done)
        if rows < self.minimum:
            raise CannotMeasure(
                f"this needs at least {self.minimum} rows whose instruction orders what a machine can check",
                found=f"{cells.told(rows)} such rows",
            )
        details: dict[str, Any] = {
            "share_with_orders": rows / len(read),
            "kinds": {
                kind: {"orders": count, "obeyed": obeyed[kind] / count}
                for kind, count in asked.most_common()
                if count >= cells.COUNTED
            },
            "obeyed_of_all_orders": obeyed.total() / asked.total(),
        }
        return Reading(right / rows, intervals.proportion(right, rows), rows, details)
