"""The look that all charts share: pygal lays out, the page's style sheet colours, and no script comes along."""

import re
from typing import Any

import pygal
from markupsafe import Markup, escape
from pygal.style import Style

# pygal makes room for labels of this size; the page sets them a little smaller, since system fonts differ in width.
_STYLE = Style(label_font_size=12, major_label_font_size=12, value_font_size=12, no_data_font_size=12)
_OPTIONS: dict[str, Any] = {
    "style": _STYLE, "css": (), "js": (), "show_legend": False, "truncate_label": -1, "margin": 2, "margin_right": 12,
    "spacing": 4, "width": 340, "height": 190,
}  # fmt: skip
_DROPPED = {"script", "style", "desc", "title", "defs"}
_KEPT = {"x", "y", "width", "height", "cx", "cy", "r", "d", "transform", "class"}
_NOISE = re.compile(r"\b(reactive|tooltip-trigger|tooltip-overlay|dot-trigger|showable)\b")


def chart(kind: type[pygal.Graph], **options: Any) -> Any:
    """An empty pygal chart in the common look."""
    return kind(**{**_OPTIONS, **options})


def drawn(graph: Any, says: str, *classes: str) -> Markup:
    """The chart as inline SVG: the same input gives the same bytes, and `says` is what a screen reader reads.

    pygal writes a random id, today's date, a style sheet and scripts into each chart; none of them is kept.
    """
    root = graph.render_tree()
    names = " ".join(("chart", *classes))
    inside = "".join(_written(child) for child in root)
    box = root.get("viewBox")
    return Markup(  # noqa: S704 - every part of it was escaped above
        f'<svg class="{escape(names)}" viewBox="{escape(box)}" role="img" aria-label="{escape(says)}">'
        f"<title>{escape(says)}</title>{inside}</svg>"
    )


def _written(node: Any) -> str:
    # A comment's tag is no string; the box of a tooltip has a class of its own.
    if not isinstance(node.tag, str) or node.tag in _DROPPED or "tooltip" in node.get("class", "").split():
        return ""
    inside = "".join(_written(child) for child in node)
    if node.tag == "g" and not inside:
        return ""
    attributes = "".join(f' {key}="{escape(_short(key, node.get(key)))}"' for key in sorted(_KEPT) if node.get(key))
    return f"<{node.tag}{attributes}>{escape(node.text or '')}{inside}</{node.tag}>"


def _short(key: str, value: str) -> str:
    if key == "class":
        return " ".join(_NOISE.sub("", value).split())
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value)
