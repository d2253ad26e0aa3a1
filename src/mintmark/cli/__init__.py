"""The command line: one command, one file."""

import json
import os
import sys

import typer

from mintmark.cli import (
    advise,
    assay,
    browse,
    check,
    compare,
    console,
    demo,
    diagnose,
    diff,
    disclose,
    export,
    gc,
    import_,
    init,
    lineage,
    model,
    reproduce,
    run,
    schema,
    show,
    tag,
    verify,
)
from mintmark.errors import MintmarkError

app = typer.Typer(
    name="mintmark",
    help="Mints synthetic data to a recipe, assays it against reality, and marks it with where it came from.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done and released (or nothing to release); 1 the gate refused; 2 the input is wrong.",
)

for command in (
    diagnose, advise, init, check, run, compare, assay, show, tag, browse, lineage, model, diff, reproduce, disclose,
    verify, export, import_, schema, demo, gc,
):  # fmt: skip
    app.command(command.__name__.rpartition(".")[2].removesuffix("_"))(command.command)


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    if version:
        typer.echo(f"mintmark {console.version()}")
        raise typer.Exit
    del context


def main() -> None:
    """Runs the program; an error becomes one clear message and an exit code."""
    try:
        app()
    except MintmarkError as error:
        _tell(error)
        sys.exit(2)
    except Exception as error:
        if os.environ.get("MINTMARK_DEBUG"):
            raise
        typer.echo(f"error: this is a fault of Mintmark's own: {type(error).__name__}: {error}", err=True)
        typer.echo("  finished shards are kept; please report it, with what MINTMARK_DEBUG=1 shows", err=True)
        sys.exit(70)
    except KeyboardInterrupt:
        typer.echo("stopped; finished shards are kept, and the same command goes on from there", err=True)
        sys.exit(130)


def _tell(error: MintmarkError) -> None:
    if "--json" in sys.argv:
        body = {"kind": type(error).__name__, "wrong": error.wrong, "where": error.where, "found": error.found}
        typer.echo(json.dumps({"error": {**body, "fix": error.fix}}, indent=2))
    typer.echo(f"error: {error}", err=True)
