"""The tests' side: the program's functions, classes and objects as the tests see them.

Data that comes back is of exact builtin types and is compared here, where the program has no say. What is no data is a
`Remote`: it may be called, read, iterated and compared with another object of the program, but never with plain data:
that would show the program what is expected and let it decide whether it is met.
"""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import Callable, Iterator

from mintmark.sandbox.inside import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Gone(BaseException):
    """The program's process has ended in the middle of the tests."""


class Channel:
    """Asks the program and waits for its answer."""

    def __init__(self, line: wire.Line) -> None:
        self.line = line
        self.gone = False
        self.seen: dict[int, Any] = {}
        self.lent: list[Any] = []
        self.errors: dict[str, type[BaseException]] = {}

    def receive(self) -> Any:
        try:
            return self.line.receive()
        except EOFError:
            self.gone = True
            raise Gone("the program ended itself, or was ended, during the tests") from None

    def send(self, message: Any) -> None:
        try:
            self.line.send(message)
        except EOFError:
            self.gone = True
            raise Gone("the program had ended before the tests did") from None

    def ask(self, act: str, *values: Any) -> Any:
        return self.exchange([act, *(self.encode(value) for value in values)], ())

    def call(self, thing: Remote, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        return self.exchange(["call", self.encode(thing), self.encode(list(args)), self.encode(named)], args)

    def exchange(self, message: list[Any], args: tuple[Any, ...]) -> Any:
        self.send(message)
        while True:
            kind, *rest = self.receive()
            if kind == "back":
                self.send(self.lend(*rest))
            elif kind == "gives":
                for place, value in rest[1]:
                    _replace(args[place], self.decode(value))
                return self.decode(rest[0])
            elif kind == "raises":
                error = self.error(rest[0], self.decode(rest[1]))
                if isinstance(error, StopIteration) and message[0] != "next":
                    # Raised by a call inside `map` or `filter`, it would end the tests' loop in silence.
                    raise RuntimeError("the program raised StopIteration") from error
                raise error
            else:
                raise ValueError(f"an answer of a kind that does not exist: {kind!r}")

    def names(self) -> dict[str, Any]:
        """What the program defined, by name."""
        self.send(["names"])
        kind, *rest = self.receive()
        if kind != "gives":
            raise ValueError("the program would not say what it defines")
        # Names such as `__builtins__` would change what the tests themselves mean.
        own = ((name, value) for name, value in rest[0] if str(name).isidentifier() and not name.startswith("__"))
        return {name: self.decode(value) for name, value in own}

    def lend(self, act: str, number: int, *rest: Any) -> list[Any]:
        """What the program asks of a function or iterator of the tests: to call it or to go on, and nothing else."""
        try:
            thing = self.lent[number]
            given = next(thing) if act == "next" else thing(*self.decode(rest[0]))
            return ["gives", self.encode(given)]
        except Exception as error:  # noqa: BLE001
            return ["raises", type(error).__name__, self.encode([str(one) for one in error.args])]

    def error(self, kinds: list[str], args: list[Any]) -> BaseException:
        for name in kinds:
            kind = self.errors.get(name) or getattr(builtins, name, None)
            if isinstance(kind, type) and issubclass(kind, BaseException):
                try:
                    return kind(*args)
                except TypeError:
                    return kind.__new__(kind)
        return RuntimeError(*args)

    def encode(self, value: Any) -> Any:
        return wire.encode(value, self.far)

    def decode(self, value: Any) -> Any:
        return wire.decode(value, self.found)

    def far(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["near", value._remote_number]
        if callable(value) or hasattr(type(value), "__next__"):
            self.lent.append(value)
            return ["far", len(self.lent) - 1]
        raise TypeError(f"a {type(value).__name__} of the tests cannot be handed to the program: use plain data")

    def found(self, value: list[Any]) -> Any:
        kind, number, *rest = value
        if kind == "near":
            return self.lent[number]
        if number not in self.seen:
            what, name, kinds = rest
            if what == "error":
                known = (getattr(builtins, one, None) for one in kinds[1:])
                bases = (one for one in known if isinstance(one, type) and issubclass(one, BaseException))
                base = next(bases, RuntimeError)
                self.seen[number] = self.errors[name] = type(str(name), (base,), {})
            else:
                self.seen[number] = Remote(self, number, str(name))
        return self.seen[number]


class Remote:
    """An object of the program."""

    def __init__(self, channel: Channel, number: int, name: str) -> None:
        # By these names, so that no attribute of the program's object is likely to be meant.
        for key, value in (("_remote_channel", channel), ("_remote_number", number), ("_remote_kind", name)):
            object.__setattr__(self, key, value)

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._remote_channel.call(self, args, named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__name__", "__doc__"):
            raise AttributeError(name)
        return self._remote_channel.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._remote_channel.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._remote_channel.ask("drop", self, name)

    def __len__(self) -> int:
        return int(self._remote_channel.ask("len", self))

    def __iter__(self) -> Iterator[Any]:
        walk = self._remote_channel.ask("iter", self)
        while True:
            try:
                given = self._remote_channel.ask("next", walk)
            except StopIteration:
                return
            yield given

    def __next__(self) -> Any:
        return self._remote_channel.ask("next", self)

    def __contains__(self, value: Any) -> bool:
        return any(one is value or one == value for one in self)

    def __getitem__(self, key: Any) -> Any:
        return self._remote_channel.ask("item", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._remote_channel.ask("put", self, key, value)

    def __delitem__(self, key: Any) -> None:
        self._remote_channel.ask("pop", self, key)

    def __bool__(self) -> bool:
        return bool(self._remote_channel.ask("bool", self))

    def __str__(self) -> str:
        return str(self._remote_channel.ask("str", self))

    def __repr__(self) -> str:
        return str(self._remote_channel.ask("repr", self))

    def __enter__(self) -> Any:
        return self._remote_channel.ask("with", self)

    def __exit__(self, *error: object) -> None:
        self._remote_channel.ask("leave", self)

    def __instancecheck__(self, thing: Any) -> bool:
        return isinstance(thing, Remote) and bool(self._remote_channel.ask("is", thing, self))

    def __hash__(self) -> int:
        return hash(self._remote_number)

    def __eq__(self, other: object) -> bool:
        # Asked of the program only where both are its own; what it made is never equal to data.
        return other is self or (isinstance(other, Remote) and self._remote_channel.ask("eq", self, other) is True)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __neg__(self) -> Any:
        return self._remote_channel.ask("neg", self)

    def __abs__(self) -> Any:
        return self._remote_channel.ask("abs", self)


def _between(act: str) -> Callable[[Remote, Any], Any]:
    def between(self: Remote, other: Any) -> Any:
        if not isinstance(other, Remote):
            raise TypeError(
                f"the program gave a {self._remote_kind} of its own where the test computes with plain data"
            )
        return self._remote_channel.ask(act, self, other)

    return between


for _act in ("lt", "le", "gt", "ge", "add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor", "matmul"):
    setattr(Remote, f"__{_act.rstrip('_')}__", _between(_act))


def _replace(held: Any, new: Any) -> None:
    """Gives a container of the tests the content that the program left in its copy."""
    if type(held) is not type(new) or not isinstance(held, list | dict | set | bytearray | deque):
        return
    if isinstance(held, list | bytearray):
        held[:] = new
        return
    held.clear()
    if isinstance(held, deque):
        held.extend(new)
    else:
        held.update(new)
