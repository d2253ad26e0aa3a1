"""A lineage drawn: what stands on what, as a tree of words and as a picture (SVG)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

from mintmark import digest
from mintmark.ledger.living import words

WIDTH, HEIGHT, GAP_X, GAP_Y = 190, 46, 60, 18
"""Of a box, and between boxes, in pixels."""
DEEPEST = 60
"""Levels of the tree of words: deeper ones would not fit into a terminal."""
LOOK = (
    "text{font:12px system-ui,sans-serif;fill:#1b1d1f}.soft{fill:#5b5f63;font-size:11px}"
    "rect{fill:#fcfbf8;stroke:#0b6b63}.outside rect{stroke-dasharray:4 3;stroke:#5b5f63}path{fill:none;stroke:#b4aea1}"
)


OUTSIDE, SAMPLER, CODE, MODEL = "outside", "sampler", "code", "model"


@dataclass(frozen=True, eq=False)
class Node:
    """An act of the record, something that took part in one (a sampler, code), or what came from outside."""

    digest: str
    kind: str
    """dataset, recipe, holdout, assay, decision, release, model, sampler, code, or outside."""
    name: str
    number: int | None = None
    """Its entry's, where it has one."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Digests of what went in, by its part."""
    chain: str | None = None
    """The first entry of the guest's chain that it stands in."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return f"{self.name} from outside" if self.kind == OUTSIDE else f"{self.kind} {self.name}".strip()

    @property
    def mark(self) -> str:
        """Its place in the record, and its digest."""
        guest = f" of guest {self.chain.rpartition(':')[2][:8]}" if self.chain else ""
        return f"{f'entry {self.number}{guest}, ' if self.number else ''}{self.digest.rpartition(':')[2][:12]}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"digest": self.digest, "kind": self.kind, "name": self.name, "number": self.number}


@dataclass(frozen=True)
class Graph:
    """Acts in the order in which they were done, and what each stands on."""

    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, entries: Sequence[Any]) -> "Graph":
        """The graph of a lineage; each entry tells its act, subject, inputs and body."""
        known = {entry.subject for entry in entries}
        nodes: list[Node] = []
        seen: set[str] = set()
        for entry in entries:
            parts = list(_parts(entry)) if str(entry.act) == "dataset" else []
            node = _act(entry, parts)
            made_by = {"made by": entry.inputs[MODEL]} if MODEL in entry.inputs else {}
            outside = [Node(found, OUTSIDE, part, None, made_by if part in ("train", "holdout") else {})
                       for each in (*parts, node) for part, found in each.inputs.items()
                       if found not in known and found not in {one.digest for one in parts}]  # fmt: skip
            for each in (*outside, *parts):
                if each.digest not in seen:
                    seen.add(each.digest)
                    nodes.append(each)
            nodes.append(node)
        return cls(tuple(nodes))

    def to_json(self) -> dict[str, Any]:
        """Nodes, and links between them by their places: what `mintmark lineage --json` answers beside the entries."""
        links = [{"from": self._order[other], "to": self._order[node], "part": part}
                 for node in self.nodes for part, other in self._before(node)]  # fmt: skip
        return {"nodes": [node.to_json() for node in self.nodes], "links": links}

    def lines(self) -> Iterator[str]:
        """The tree beneath the dataset, a line each, and what was done with it; what comes again is only named."""
        made = [node for node in self.nodes if node.kind == "dataset"] or list(self.nodes)
        if made:
            yield from self._lines(made[-1], "", set())
        for node in self.nodes:
            if made and node.digest == made[-1].digest and self._order[node] > self._order[made[-1]]:
                yield f"then {node.title}  ({node.mark})"

    def _lines(self, node: Node, role: str, told: set[str], depth: int = 0) -> Iterator[str]:
        again = node.digest in told and bool(self._before(node))
        yield f"{f'{role}: ' if role else ''}{node.title}  ({node.mark}{'; see above' if again else ''})"
        told.add(node.digest)
        below = [] if again else self._before(node)
        if below and depth == DEEPEST:
            yield "└─ and so on: `--svg` and `--json` tell all"
            return
        for place, (part, other) in enumerate(below):
            last = place == len(below) - 1
            branch, rest = ("└─ ", "   ") if last else ("├─ ", "│  ")
            first, *others = self._lines(other, part, told, depth + 1)
            yield branch + first
            yield from (rest + line for line in others)

    def svg(self) -> str:
        """The picture: the world on the left, what was made of it to the right; the same graph gives the same bytes."""
        columns: dict[int, list[Node]] = {}
        for node in self.nodes:
            columns.setdefault(self._depths[node], []).append(node)
        at = {node: (depth * (WIDTH + GAP_X) + 10, row * (HEIGHT + GAP_Y) + 10)
              for depth, nodes in columns.items() for row, node in enumerate(nodes)}  # fmt: skip
        wide = max((x for x, _ in at.values()), default=0) + WIDTH + 10
        high = max((y for _, y in at.values()), default=0) + HEIGHT + 10
        lines = "".join(_line(at[other], at[node]) for node in self.nodes for _, other in self._before(node))
        boxes = "".join(_box(node, *at[node]) for node in self.nodes)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
            f'role="img" aria-label="Lineage"><style>{LOOK}</style>{lines}{boxes}</svg>\n'
        )

    def _before(self, node: Node) -> list[tuple[str, Node]]:
        """What a node stands on: for each input the dataset, or the newest act upon it that came before."""
        out = []
        for part, used in node.inputs.items():
            found = [each for each in self.nodes if each.digest == used and self._order[each] < self._order[node]]
            # What was done with a dataset later is not what another stands on: the dataset is.
            rows = [each for each in found if each.kind == "dataset"] or found
            out += [(part, rows[-1])] if rows else []
        if node.kind != "dataset":  # what is done with a dataset stands on it
            out += [
                ("of", each)
                for each in self.nodes
                if each.kind == "dataset" and each.digest == node.digest and self._order[each] < self._order[node]
            ][-1:]
        return out

    @cached_property
    def _order(self) -> dict[Node, int]:
        return {node: place for place, node in enumerate(self.nodes)}

    @cached_property
    def _depths(self) -> dict[Node, int]:
        """The longest way from the outside; nodes stand in order, so that what a node stands on is known before it."""
        out: dict[Node, int] = {}
        for node in self.nodes:
            out[node] = max((out[other] + 1 for _, other in self._before(node)), default=0)
        return out


def _name(entry: Any) -> str:
    name = "@".join(str(entry.body[part]) for part in ("name", "tag") if entry.body.get(part))
    return f"{name}: {words(entry)}" if entry.act == "collect" else name


def draw(entries: Sequence[Any]) -> Graph:
    """A lineage, as `mintmark.lineage` gives it, ready to be drawn: `.lines()` and `.svg()`."""
    return Graph.of(entries)


def _act(entry: Any, parts: Sequence[Node]) -> Node:
    """The node of an entry; a dataset stands on the parts that took part in making it, and these on what was learnt."""
    body, inputs, kind = entry.body, dict(entry.inputs), str(entry.act)
    name = _name(entry)
    if kind == "release":
        inputs = {}  # what a release lists are the files that went out, not what it stands on
    if kind == "plan":
        kind, name = "recipe", str((body.get("recipe") or {}).get("name") or "")
    if kind == "fit" and body.get("kind") == MODEL:
        kind = MODEL
    if parts:
        mixed = [part.get("name") for part in body.get("mix") or ()]
        learnt = any("train" in part.inputs for part in parts)
        inputs = {part: found for part, found in inputs.items()
                  if part != MODEL and not (part == "train" and learnt and "real" not in mixed)}  # fmt: skip
        steps = body.get("steps") or {}
        roles = [*(f"step {name}" for name in steps), CODE]
        inputs |= dict(zip(roles, (part.digest for part in parts), strict=False))
    return Node(entry.subject, kind, name, entry.number, inputs, entry.chain)


def _parts(entry: Any) -> Iterator[Node]:
    """What took part in making a dataset and has no entry of its own: the samplers of its steps, and code."""
    body = entry.body
    steps = body.get("steps") or {}
    given = {name: step.get("given") for name, step in ((body.get("recipe") or {}).get("steps") or {}).items()}
    learnt = {part: found for part, found in entry.inputs.items() if part == "train"}
    for name, step in steps.items():
        before = given.get(name)
        more = {f"given {before}": _sampler(steps[before])} if before in steps else {}
        yield Node(_sampler(step), SAMPLER, str(step.get("generator")), None, {**learnt, **more})
    if body.get("versions"):
        told = ", ".join(f"{package} {body['versions'].get(package)}" for package in ("mintmark", "python"))
        yield Node(digest.of_json(body["versions"]), CODE, told)


def _sampler(step: Mapping[str, Any]) -> str:
    """What was learnt is named after its files, and after the method, which may need none."""
    return digest.of_json([step.get("generator"), step.get("sampler")])


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y, to_x, to_y = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    middle = (x + to_x) // 2
    return f'<path d="M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}"/>'


def _box(node: Node, x: int, y: int) -> str:
    kind = "outside" if node.kind == OUTSIDE else "act"
    title = node.title if len(node.title) <= 26 else node.title[:25] + "…"
    return (
        f'<g class="{kind}"><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4"/>'
        f'<text x="{x + 10}" y="{y + 19}">{escape(title)}</text>'
        f'<text class="soft" x="{x + 10}" y="{y + 36}">{escape(node.mark)}</text></g>'
    )
