"""Questions that were not put: silence about them must not be taken for a good answer."""

from collections.abc import Collection, Sequence

from mintmark import catalog
from mintmark.errors import InputError


def unasked(asked: Collection[str], profiles: Sequence[str]) -> dict[str, str]:
    """Every metric on the shelf that is not among those asked, by name, with who would ask it."""
    return {name: _who(name, profiles) for name in catalog.names("metrics") if name not in asked}


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
