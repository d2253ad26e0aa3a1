"""What the release of a recipe needs of the columns, asked before anything is made as far as they are known by then."""

from collections.abc import Sequence

from mintmark.data import chat
from mintmark.data.chat import Roles
from mintmark.errors import UnknownName
from mintmark.pipeline import foreseen
from mintmark.pipeline.plan import Plan
from mintmark.recipe import Release
from mintmark.words.texts import names


def check(plan: Plan) -> None:
    """UnknownName or InputError where the release names columns that no step makes."""
    wanted = plan.recipe.release
    if wanted is None or not (wanted.split or set(wanted.formats) & set(chat.FORMS)) or plan.mixture is not None:
        return
    made = foreseen.columns(plan)[plan.stacked[0]]
    if made is not None:
        fitting(wanted, made)


def fitting(wanted: Release, columns: Sequence[str]) -> Roles | None:
    """Which columns hold the conversation, where one is asked for; raises as `check` does."""
    if wanted.split is not None:
        for column in (*names(wanted.split.by), *filter(None, (wanted.split.group,))):
            if column not in columns:
                raise UnknownName("column", column, columns, where="release.split")
    if not set(wanted.formats) & set(chat.FORMS):
        return None
    return Roles.of(columns, wanted.chat.model_dump() if wanted.chat else {})
