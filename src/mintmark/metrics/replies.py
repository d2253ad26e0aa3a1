"""Instructions and the replies to them: what questions about answering are put to."""

from collections.abc import Mapping

from mintmark.data import chat
from mintmark.data.chat import Exchange, Roles
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import CannotMeasure, InputError

MOST = 20_000
"""Most rows that are read, the first ones: what a metric sees is drawn at random before."""


def replies(data: Dataset, told: Mapping[str, str | None], most: int | None = MOST) -> list[Exchange | None]:
    """Of each row; None where it holds none.

    `told` names columns as `release: {chat: …}` does; where it names none they are found by their names. CannotMeasure
    where there are no such columns.
    """
    try:
        return chat.exchanges(data.table.slice(0, most), Roles.of(data.columns.names, named(told)))
    except InputError as error:
        if not named(told) and not any(column.kind == Kind.TEXT for column in data.columns.columns):
            raise CannotMeasure("no column holds text, so nobody asks and nobody replies") from None
        raise CannotMeasure(
            f"no instructions and replies are found: {error.wrong}", found=error.found,
            fix="name their columns: {instruction: question, reply: answer}, or {messages: messages}",
        ) from error  # fmt: skip


def named(told: Mapping[str, str | None]) -> dict[str, str | None]:
    """Both columns where one of them is named; the other then goes by its usual name."""
    given = {role: column for role, column in told.items() if column is not None}
    return {"user": "instruction", "assistant": "output", **given} if given and "messages" not in given else {**given}
