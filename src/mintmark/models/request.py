"""What is asked of a language model, and what came back: plain values with a name made from their content."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mintmark import digest
from mintmark.digest import Digest
from mintmark.errors import InputError

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True)
class Request:
    """One question, rendered: a conversation or a bare prompt to go on with. Nothing is left to be filled in.

    What is asked k times is k requests that differ in `sample`. The `n` of the protocol is never used, for many
    endpoints ignore it and say nothing.

    Raises InputError where it is neither a conversation nor a prompt.
    """

    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    """Instead of messages: plain text to go on with, for models without a chat template."""
    max_tokens: int = 1024
    """Longest reply, in tokens. Whatever is asked has an end: the budget counts on it."""
    temperature: float = 1.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    """Endpoints that know seeds repeat themselves more or less; `models.local` does on a CPU."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the reply must meet. It is asked of the endpoint, and validated here in any case."""
    sample: int = 0

    def __post_init__(self) -> None:
        if bool(self.messages) == (self.prompt is not None):
            raise InputError("a request holds either messages or a prompt", found=f"{len(self.messages)} messages")
        if self.max_tokens < 1:
            raise InputError("a reply has at least one token", where="max_tokens", found=str(self.max_tokens))

    @staticmethod
    def of(text: str, *, system: str = "", **more: Any) -> "Request":
        """A conversation of one question, perhaps with instructions before it."""
        before = (Message("system", system),) if system else ()
        return Request((*before, Message("user", text)), **more)

    def told(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        return {
            "messages": [[one.role, one.content] for one in self.messages],
            "prompt": self.prompt,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "stop": list(self.stop),
            "seed": self.seed,
            "schema": self.schema,
            "sample": self.sample,
        }

    def key(self, model: Mapping[str, Any]) -> Digest:
        """The name of this request when it is put to a model, which is told by its `describe()`."""
        try:
            return digest.of_json({"model": model, "request": self.told()})
        except UnicodeEncodeError as error:
            found = f"half a surrogate pair in {self.text[:60]!r}"
            raise InputError("a request holds what is no text", found=found) from error

    @property
    def text(self) -> str:
        """All that the model reads, in one piece."""
        return self.prompt if self.prompt is not None else "\n".join(one.content for one in self.messages)

    @property
    def most_prompt_tokens(self) -> int:
        """No tokenizer in use makes more tokens than bytes; templates add a few words around each message."""
        return len(self.text.encode()) + 32 * len(self.messages) + 64

    @property
    def likely_prompt_tokens(self) -> int:
        """A guess: four bytes a token, as English has it, and four tokens around each message."""
        return len(self.text.encode()) // 4 + 4 * len(self.messages) + 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered."""

    text: str
    finish: Literal["stop", "length"] = "stop"
    """`length`: it was cut off at `max_tokens`."""
    prompt_tokens: int = 0
    reply_tokens: int = 0
    model: str = ""
    """The name that the endpoint gives to what answered, which may be more exact than the one that was asked."""
    counted: Literal["endpoint", "bytes"] = "endpoint"
    """Who counted the tokens. Where an endpoint counts none, or impossibly few, bytes stand for them: they are more."""
    notes: tuple[str, ...] = ()
    """What the endpoint did other than it was asked."""
    value: Any = None
    """The parsed JSON, where a schema was asked."""
    key: Digest = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """There is no answer to a request, and this is why. The others go on."""

    reason: str
    """A few words that are the same for all of a kind: `not valid JSON`, `too long`, `filtered`."""
    said: str
    """What exactly was wrong."""
    text: str = ""
    """The last thing that the model answered, where it answered."""
    key: Digest = ""
