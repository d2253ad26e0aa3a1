"""The program's side: runs the source, and then does with its objects what the tests ask, one request at a time.

Everything here may be bent by the program, which lives in the same process. That is harmless: nothing here knows the
tests, and nothing that is sent from here is more than an answer.
"""

from __future__ import annotations

import builtins
import operator
import sys
from collections import deque
from collections.abc import Callable

from mintmark.sandbox.inside import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ACTS: dict[str, Callable[..., Any]] = {
    "get": getattr,
    "set": setattr,
    "drop": delattr,
    "len": len,
    "iter": iter,
    "next": next,
    "item": operator.getitem,
    "put": operator.setitem,
    "pop": operator.delitem,
    "bool": bool,
    "str": str,
    "repr": repr,
    "is": isinstance,
    "abs": abs,
    "with": lambda thing: type(thing).__enter__(thing),
    "leave": lambda thing: type(thing).__exit__(thing, None, None, None),
}
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "neg", "add", "sub", "mul", "truediv", "floordiv", "mod", "matmul"):
    _ACTS[_name] = getattr(operator, _name)
for _name in ("and_", "or_", "xor"):
    _ACTS[_name] = getattr(operator, _name)


class Program:
    """What was defined by the source, and the numbers under which the tests know it."""

    def __init__(self, line: wire.Line) -> None:
        self.line = line
        self.kept: dict[int, Any] = {}
        self.names: dict[str, Any] = {"__name__": "program", "__builtins__": builtins}

    def live(self, source: str) -> None:
        """Runs the source and answers until the tests have gone."""
        builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]
        try:
            code = compile(source, "program.py", "exec")
            exec(code, self.names)  # noqa: S102
        except BaseException as error:  # noqa: BLE001
            self.line.send(["broken", _said(error), _type(error)])
            return
        self.line.send(["ready"])
        while True:
            self.line.send(self.answer(self.line.receive()))

    def answer(self, asked: list[Any]) -> list[Any]:
        try:
            act, *rest = asked
            if act == "names":
                return ["gives", self.known(), []]
            values = [self.decode(one) for one in rest]
            if act == "call":
                thing, args, named = values
                given = thing(*args, **named)
                return ["gives", self.encode(given), self.changed(rest[1], args)]
            return ["gives", self.encode(_ACTS[act](*values)), []]
        except EOFError:
            raise
        except BaseException as error:  # noqa: BLE001
            return self.failure(error)

    def changed(self, before: list[Any], args: list[Any]) -> list[Any]:
        """The arguments that the call altered: they are altered for the tests too."""
        found = []
        for place, (old, arg) in enumerate(zip(before[1:], args, strict=True)):
            if isinstance(arg, list | dict | set | bytearray | deque):
                new = self.encode(arg)
                if new != old:
                    found.append([place, new])
        return found

    def failure(self, error: BaseException) -> list[Any]:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        try:
            args = self.encode(list(error.args))
        except BaseException:  # noqa: BLE001
            args = ["list", _said(error)]
        return ["raises", kinds, args]

    def known(self) -> list[Any]:
        """The names of the program, with their values; modules are left out, the tests import their own."""
        found = []
        for name, value in list(self.names.items()):
            if not name.startswith("__") and not isinstance(value, type(sys)):
                try:
                    found.append([name, self.encode(value)])
                except Exception:  # noqa: BLE001, S112
                    continue
        return found

    def encode(self, value: Any) -> Any:
        return wire.encode(value, self.far)

    def far(self, value: Any) -> list[Any]:
        if isinstance(value, Borrowed):
            return ["near", value.number]
        self.kept[id(value)] = value
        if isinstance(value, type):
            kinds = [kind.__name__ for kind in value.__mro__]
            return ["far", id(value), "error" if issubclass(value, BaseException) else "class", value.__name__, kinds]
        return ["far", id(value), "thing", getattr(type(value), "__name__", "object"), []]

    def decode(self, value: Any) -> Any:
        return wire.decode(value, self.found)

    def found(self, value: list[Any]) -> Any:
        return self.kept[value[1]] if value[0] == "near" else Borrowed(self, value[1])


class Borrowed:
    """A function or iterator of the tests that the program was handed."""

    def __init__(self, program: Program, number: int) -> None:
        self.program, self.number = program, number

    def ask(self, *words: Any) -> Any:
        program = self.program
        program.line.send(["back", *words])
        while True:
            kind, *rest = program.line.receive()
            if kind == "gives":
                return program.decode(rest[0])
            if kind == "raises":
                raise getattr(builtins, rest[0], Exception)(*program.decode(rest[1]))
            # The tests' function asks something of the program before it answers.
            program.line.send(program.answer([kind, *rest]))

    def __call__(self, *args: Any) -> Any:
        return self.ask("call", self.number, self.program.encode(list(args)))

    def __iter__(self) -> Borrowed:
        return self

    def __next__(self) -> Any:
        return self.ask("next", self.number)


def _type(error: BaseException) -> str:
    return type(error).__name__


def _said(error: BaseException) -> str:
    line, step = "", error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "program.py":
            line = f"line {step.tb_lineno}: "
        step = step.tb_next
    try:
        return f"{line}{_type(error)}: {error}"[:2000]
    except BaseException:  # noqa: BLE001
        return f"{line}{_type(error)}"
