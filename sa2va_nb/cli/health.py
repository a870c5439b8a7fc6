"""The command that checks whether all that a call needs is there."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from sa2va_nb.calling.doctor import doctor as examine
from sa2va_nb.cli.output import errors_in_words
from sa2va_nb.cli.root import RunsDir, app
from sa2va_nb.view.tables import printable

_MARKS = {"ok": ("ok     ", "green"), "warning": ("warning", "yellow"), "problem": ("problem", "red")}


@app.command()
def doctor(
    runs_dir: RunsDir = None,
    network: Annotated[bool, typer.Option(help="Look whether the service can be reached.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a list of findings.")] = False,
) -> None:
    """Check the key, the network, the packages and the runs folder; ends with 1 where a call to fal can't work.

    Nothing is uploaded and nothing costs money. The key is never printed.

    Example: `sa2va-nb doctor --no-network`
    """
    with errors_in_words():
        findings = examine(runs_dir, network=network)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            mark, color = _MARKS[finding.state]
            typer.echo(f"{typer.style(mark, fg=color)}  {finding.subject:<12}  {printable(finding.says)}")
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(1)
