"""Names of one's own for versions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import mintmark as mm
from mintmark.cli import console


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A dataset: NAME (its newest version), NAME@2, NAME@TAG or a digest. Left out: list all tags.",
            autocompletion=console.datasets,
        ),
    ] = None,
    tag: Annotated[str | None, typer.Argument(help="What to call it; left out: list the tags of this name.")] = None,
    move: Annotated[bool, typer.Option("--move", help="Let the tag stand for another version than before.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away.")] = False,
    history: Annotated[bool, typer.Option("--history", help="List every act of tagging.")] = False,
    ledger: Annotated[Path, typer.Option(help="The folder of the record.")] = Path(".mintmark"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Let a tag stand for a version of a dataset, or list tags; what a tag stood for is remembered."""
    if name is None or tag is None:
        if move or remove:
            raise typer.BadParameter("say which tag: mintmark tag NAME TAG")
        _list(mm.tags(name, ledger=ledger, history=history), as_json)
        return
    version = mm.tag(name, tag, ledger=ledger, move=move, remove=remove)
    called = f"{version.rpartition('@')[0]}@{tag}"
    if as_json:
        console.answer({"tag": called, "version": version, "removed": remove})
    else:
        console.out.print(f"{called} {'stood' if remove else 'stands'} for {version}", markup=False)


def _list(tags: Sequence[Any], as_json: bool) -> None:
    if as_json:
        console.answer([tag.to_json() for tag in tags])
        return
    listed = console.table("tag", "version", "entry", "at", "")
    for tag in tags:
        listed.add_row(str(tag), tag.version, tag.entry[7:19], tag.at, "removed" if tag.removed else "")
    console.out.print(listed)
