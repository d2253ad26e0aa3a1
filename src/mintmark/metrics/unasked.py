"""Questions that were not put, or put to less: silence about them must not be taken for a good answer."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mintmark import catalog
from mintmark.errors import InputError
from mintmark.metrics.metric import Metric


def unasked(asked: Collection[str], profiles: Sequence[str]) -> dict[str, str]:
    """Every metric on the shelf that is not among those asked, by name, with who would ask it."""
    return {name: _who(name, profiles) for name in catalog.names("metrics") if name not in asked}


def less(metric: Metric, profile: str) -> list[str]:
    """What the metric would ask more of in another profile, in words; nothing where it asks as much."""
    more: Mapping[str, Any] = getattr(metric, "profiles", {}).get(profile) or {}
    other = {key: (getattr(metric, key), value) for key, value in more.items() if getattr(metric, key) != value}
    told = ", ".join(
        f"{key.replace('_', ' ')} {_told(theirs)} (here {_told(ours)})" for key, (ours, theirs) in other.items()
    )
    return [f"the profile {profile} asks this with {told}"] if told else []


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _who(name: str, profiles: Sequence[str]) -> str:
    try:
        joins = getattr(catalog.load("metrics", name), "profiles", {})
        found = [profile for profile in profiles if joins.get(profile, {}) is not None]
        for profile in found:
            catalog.build("metrics", name, joins.get(profile, {}))
    except InputError as error:
        return f"cannot be asked here: {error.wrong}"
    if not found:
        return "no profile asks it: name it to have it asked"
    return f"asked by the profile {found[0]}" if len(found) == 1 else f"asked by the profiles {', '.join(found)}"
