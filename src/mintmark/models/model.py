"""The contract that every language model keeps: it is opened, and then it answers."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Literal, Protocol

from mintmark.models.request import Reply, Request

Kind = Literal["busy", "failed", "cut", "bad"]


class Trouble(Exception):
    """Raised by a model that did not answer a request. The desk decides what follows.

    `busy`: ask less, and again after `wait_s`. `failed`: it is down or broken; ask again. `cut`: as `failed`, but the
    reply may have been made and paid for. `bad`: this request will never be answered; the others may be, and `paid` is
    how many tokens of prompt and reply it took all the same.
    """

    def __init__(
        self,
        kind: Kind,
        said: str,
        *,
        reason: str = "",
        wait_s: float | None = None,
        paid: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(said)
        self.kind, self.said, self.reason, self.wait_s, self.paid = kind, said, reason or kind, wait_s, paid


class Line(Protocol):
    """An open connection to a model."""

    async def answer(self, request: Request) -> Reply:
        """Puts one request, once, without trying again.

        Raises Trouble where this request got no answer, and MintmarkError where no request will: a key that is wrong,
        a model that is not there.
        """
        ...

    async def alive(self) -> bool:
        """Whether the model is there, asked without paying: what fails on a model that is there are the requests."""
        ...


class LanguageModel(Protocol):
    """A model. Its fields are its parameters; making one does nothing else, and none of them holds a key."""

    free: ClassVar[bool]
    """Its answers cost no money."""
    at_once: ClassVar[int | None]
    """How many requests it works on at a time, where it minds its own pace: then these are put to it at once, and it
    may take as long as it takes. None for one that is held to the desk's limits."""

    def open(self) -> AbstractAsyncContextManager[Line]:
        """Connects, or reads the weights; raises MintmarkError where it cannot be had."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """All that shapes its answers, as plain JSON: part of a request's key, and recorded with what was made.

        `model` is its name, by which prices are looked up.
        """
        ...
