"""Writes tables as text: for a terminal, Markdown, LaTeX, CSV or JSON."""

import re
from collections.abc import Callable
from typing import Literal

import pandas as pd

Format = Literal["text", "markdown", "latex", "csv", "json"]

_MISSING = "–"
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")  # starts one, in some spreadsheet
_RETURN = re.compile(r"\r\n?")
_IN_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&$#@]|(?<=\w):(?=//)|(?<=www)\.")
_IN_LATEX = {
    **{letter: f"\\{letter}" for letter in "{}$&#_%"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "–": "--",
}


def format_table(table: pd.DataFrame, form: Format) -> str:
    """Write a table, without its index.

    Text that comes from outside, such as phrases, is only ever text: control characters become spaces, and
    what would be markup in Markdown or LaTeX is escaped. Numbers have three decimals in Markdown and
    LaTeX, six digits as text, all in CSV and JSON. In CSV, text that a spreadsheet would take for a formula has
    an apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection).

    Args:
        table: any.
        form: ``"text"``, ``"markdown"`` (a GitHub table), ``"latex"`` (a ``tabular`` that needs the
            package booktabs), ``"csv"`` or ``"json"`` (a list of rows).

    Returns:
        The text, ended by a line break.
    """
    if form == "csv":
        return str(_without_formulas(table).to_csv(index=False))
    if form == "json":
        return f"{table.to_json(orient='records', indent=1)}\n"
    if form == "markdown":
        return _markdown(table)
    if form == "latex":
        return _latex(table)
    if table.empty:
        return "(no rows)\n"
    words = table.select_dtypes(exclude=["number", "bool"]).columns
    shown = table.assign(**{name: table[name].map(printable, na_action="ignore") for name in words})
    return f"{shown.to_string(index=False, na_rep=_MISSING, float_format='{:.6g}'.format)}\n"


def printable(text: object) -> str:
    """Replace what would steer a terminal; text may come from the model or the service."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def in_markdown(text: object) -> str:
    """Write text from anywhere in a line of Markdown, where it is no markup."""
    return _to_markdown(printable(text))


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    def guarded(value: object) -> object:
        if not isinstance(value, str):
            return value
        text = _RETURN.sub("\n", value)  # alone, it is not put in quotation marks, and begins a row
        return f"'{text}" if _FORMULA.match(text) else text

    words = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(guarded, na_action="ignore") for name in words})


def _markdown(table: pd.DataFrame) -> str:
    rules = ["---:" if right else ":---" for right in _are_numbers(table)]
    rows = [_headings(table, _to_markdown), rules, *_cells(table, _to_markdown)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _latex(table: pd.DataFrame) -> str:
    columns = "".join("r" if right else "l" for right in _are_numbers(table))
    head, *rows = [
        f"{' & '.join(row)} \\\\" for row in [_headings(table, _to_latex), *_cells(table, _to_latex)]
    ]
    lines = [f"\\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *rows, r"\bottomrule"]
    return "\n".join([*lines, r"\end{tabular}", ""])


def _are_numbers(table: pd.DataFrame) -> list[bool]:
    return [
        pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
        for dtype in table.dtypes
    ]


def _headings(table: pd.DataFrame, escape: Callable[[str], str]) -> list[str]:
    return [escape(printable(name).replace("_", " ")) for name in table.columns]


def _cells(table: pd.DataFrame, escape: Callable[[str], str]) -> list[list[str]]:
    """Write the cells, row by row."""
    return [[escape(_shown(value)) for value in row] for row in table.itertuples(index=False, name=None)]


def _shown(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return _MISSING
    return f"{value:.3f}" if isinstance(value, float) else printable(value)


def _to_markdown(text: str) -> str:
    return _IN_MARKDOWN.sub(lambda match: f"\\{match.group()}", text)


def _to_latex(text: str) -> str:
    return "".join(_IN_LATEX.get(letter, letter) for letter in text)
