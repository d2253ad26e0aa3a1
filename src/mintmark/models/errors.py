"""Why no request will be answered any more, in words that help."""

from mintmark.errors import ModelError
from mintmark.models.model import LanguageModel, Trouble
from mintmark.models.pace import Limits
from mintmark.models.scribe import Tally

_KEPT = "all answers are kept, and only what is missing is asked"

_ADVICE = (
    "take a larger model, a simpler schema or more max_tokens, lower the temperature, or have the server decode by the "
    "schema"
)
_SHORTER = "shorten the prompt or what it is filled with, ask for fewer max_tokens, or take a model that reads more"
_REJECTED = "mend what the endpoint names: the parameters of the recipe, or `extra` and `structured` of the model"
_ADVICE_FOR = {"too long for the model": _SHORTER, "rejected by the endpoint": _REJECTED}
"""By the most common reason of refusals; all others are about what is in the answers."""


def nobody(trouble: Trouble) -> ModelError:
    """It never answered, and is not there."""
    fix = "check the URL, and that the server runs"
    return ModelError("the endpoint does not answer", found=trouble.said, fix=fix)


def broken(trouble: Trouble) -> ModelError:
    """It is there, and fails whatever it is asked."""
    fix = f"look at what the server itself says, and run this again: {_KEPT}"
    return ModelError("the endpoint is there, but fails one request after another", found=trouble.said, fix=fix)


def gone(trouble: Trouble, silent_s: float) -> ModelError:
    """It has been down for longer than anybody waits."""
    wrong = f"the endpoint has answered nothing for {silent_s:,.0f} s"
    return ModelError(wrong, found=trouble.said, fix=f"run this again when it is back: {_KEPT}")


def too_busy(trouble: Trouble, wait_s: float) -> ModelError:
    """It asks to be left alone for long."""
    wrong = f"the endpoint asks to wait {wait_s:,.0f} s, which is longer than patience_s"
    return ModelError(wrong, found=trouble.said, fix=f"run this again later: {_KEPT}")


def faulty(model: LanguageModel, error: Exception) -> ModelError:
    """The code that asks it is broken."""
    made = ModelError(
        f"{type(model).__name__} failed otherwise than a model may",
        found=f"{type(error).__name__}: {error}",
        fix=f"mend or update the package {type(model).__module__.partition('.')[0]}: {_KEPT}",
    )
    made.__cause__ = error
    return made


def useless(tally: Tally, limits: Limits, model: str) -> ModelError | None:
    """Most of what it answers cannot be used: said early, and not when the budget is spent."""
    refused = tally.refused.total()
    if tally.done < limits.trial or refused < limits.worst * tally.done:
        return None
    common = tally.refused.most_common()
    reasons = ", ".join(f"{reason} ({count})" for reason, count in common)
    advice = _ADVICE_FOR.get(common[0][0], _ADVICE)
    return ModelError(
        f"{refused} of the first {tally.done} answers ({refused / tally.done:.0%}) are of no use",
        where=model,
        found=f"{reasons}; the last: {tally.last}",
        fix=f"{advice}; limits of {{worst: 1.1}} go on regardless: {_KEPT}",
    )
