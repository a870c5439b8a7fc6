import io
import json

import pandas as pd
import pytest

from sa2va_nb.view.tables import format_table, printable


def table():
    return pd.DataFrame(
        {
            "clip": ["a|b", "c_d 50% & $x$"],
            "n_objects": [1, 12],
            "J_mean": [0.12345678, float("nan")],
            "matched": [True, False],
        }
    )


def test_markdown_is_a_table_with_numbers_to_the_right():
    assert format_table(table(), "markdown").splitlines() == [
        "| clip | n objects | J mean | matched |",
        "| :--- | ---: | ---: | :--- |",
        r"| a\|b | 1 | 0.123 | True |",
        r"| c\_d 50% \& \$x\$ | 12 | – | False |",
    ]


def test_latex_is_a_tabular_with_booktabs():
    assert format_table(table(), "latex").splitlines() == [
        r"\begin{tabular}{lrrl}",
        r"\toprule",
        r"clip & n objects & J mean & matched \\",
        r"\midrule",
        r"a\textbar{}b & 1 & 0.123 & True \\",
        r"c\_d 50\% \& \$x\$ & 12 & -- & False \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_csv_and_json_have_every_digit():
    assert format_table(table(), "csv").splitlines()[1] == "a|b,1,0.12345678,True"
    assert json.loads(format_table(table(), "json"))[0]["J_mean"] == 0.12345678


def test_text_is_aligned_and_says_when_there_is_nothing():
    assert "0.123457" in format_table(table(), "text")
    assert format_table(table().iloc[:0], "text") == "(no rows)\n"


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_a_table_without_rows_keeps_its_heading(form):
    assert "n objects" in format_table(table().iloc[:0], form)


@pytest.mark.parametrize(
    ("phrase", "markdown", "latex"),
    [
        (
            "<script>alert(1)</script>",
            r"\<script\>alert(1)\</script\>",
            r"\textless{}script\textgreater{}alert(1)\textless{}/script\textgreater{}",
        ),
        ("[x](http://a.b)", r"\[x\](http\://a.b)", "[x](http://a.b)"),
        (r"\input{/etc/passwd}", r"\\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a\nb", "a b", "a b"),
        ("**`x`**", r"\*\*\`x\`\*\*", "**`x`**"),
        ("~^#", r"\~^\#", r"\textasciitilde{}\textasciicircum{}\#"),
        (r"\\ \hline", r"\\\\ \\hline", r"\textbackslash{}\textbackslash{} \textbackslash{}hline"),
    ],
)
def test_phrases_are_only_ever_text(phrase, markdown, latex):
    rows = pd.DataFrame({"phrase": [phrase]})
    assert format_table(rows, "markdown").splitlines()[2] == f"| {markdown} |"
    assert format_table(rows, "latex").splitlines()[4] == f"{latex} \\\\"


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_what_is_unknown_is_a_dash(form):
    rows = pd.DataFrame({"a": ["x", None], "b": [1.0, float("nan")]}, dtype=object)
    shown = format_table(rows, form)
    assert ("--" if form == "latex" else "–") in shown
    assert "nan" not in shown.lower()


def test_what_steers_a_terminal_is_not_printed():
    assert printable("a\x1b[31mred\x07\u202e") == "a [31mred  "
    assert "\x1b" not in format_table(pd.DataFrame({"a": ["\x1b[31m"]}), "text")


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "-\r\n=1"])
def test_what_a_spreadsheet_would_compute_is_text_in_csv(start):
    rows = pd.DataFrame({"phrase": [start, "a = b", None], "x": [-1.5, 1.0, 2.0]})
    back = pd.read_csv(io.StringIO(format_table(rows, "csv"), newline=""))
    assert back["phrase"].tolist()[:2] == [f"'{start}".replace("\r\n", "\n").replace("\r", "\n"), "a = b"]
    assert back["phrase"].isna().tolist() == [False, False, True]
    assert back["x"].tolist() == [-1.5, 1.0, 2.0]  # numbers stay numbers
