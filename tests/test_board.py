import subprocess
import sys

import pytest

from sa2va_nb.view.status.board import Board, board_html, show_board


def board_of(n_jobs: int = 3) -> Board:
    return Board([(f"clip{index}.mp4", f"thing {index}") for index in range(n_jobs)])


def states(board: Board) -> dict[str, str]:
    rows, _ = board.table()
    return {row[0]: row[3] for row in rows}


def test_a_row_says_how_far_its_job_is():
    board = board_of()
    board.display(0)("uploading", "clip0.mp4, 2 MB", 0.5)
    board.display(1)("done", "2 masks", 1.0)
    board.charge(1, 0.25)
    assert states(board) == {"1": "uploading 50%", "2": "done", "3": "waiting"}
    rows, n_left_out = board.table()
    assert rows[1][1:5] == ("clip1.mp4", "thing 1", "done", "2 masks")
    assert rows[1][6] == "0.25"
    assert rows[2][5:] == ("", "")
    assert n_left_out == 0
    assert board.head().startswith("1 waiting · 1 running · 1 done · ")
    assert board.head().endswith("$0.25")


def test_an_answer_that_was_there_costs_nothing_now():
    board = board_of(1)
    board.display(0)("kept", "the earlier result", 1.0)
    board.charge(0, 4.0)
    assert board.head().startswith("1 kept")
    assert board.head().endswith("$0.00")


def test_log_lines_of_the_service_do_not_hide_the_state():
    board = board_of(1)
    board.display(0)("running")
    board.display(0)("log", "step 1")
    assert states(board) == {"1": "running"}


def test_an_interrupt_says_what_runs_on_and_how_to_go_on():
    board = board_of()
    board.display(0)("running")
    board.interrupt()
    assert states(board) == {"1": "running", "2": "not begun", "3": "not begun"}
    assert "1 still run and are kept when they end; the same call goes on from here" in board.head()


def test_of_thousands_of_jobs_those_under_way_and_failed_are_shown():
    board = board_of(5000)
    for index in range(4000):
        board.display(index)("failed" if index == 7 else "done", "")
    board.display(4500)("running")
    rows, n_left_out = board.table()
    assert len(rows) + n_left_out == 5000
    assert {"8", "4501"} <= {row[0] for row in rows}
    assert [int(row[0]) for row in rows] == sorted(int(row[0]) for row in rows)
    assert len(board_html(board)) < 20_000


def test_texts_from_outside_are_shown_as_text():
    board = Board([("<b>.mp4", "<script>alert(1)</script>")])
    board.display(0)("failed", "<img src=x onerror=alert(1)>")
    page = board_html(board)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;b&gt;.mp4" in page


@pytest.mark.parametrize("shown", [True, False])
def test_outside_a_terminal_each_end_is_a_line(shown):
    code = (
        "from sa2va_nb.view.status.board import Board, show_board\n"
        "board = Board([('a[bold].mp4', 'x'), ('b.mp4', 'y')])\n"
        f"with show_board(board, shown={shown}) as refresh:\n"
        "    board.display(0)('running'); refresh()\n"
        "    board.display(1)('failed', 'no key'); refresh(); refresh()\n"
        "    board.display(0)('done', '2 masks'); refresh()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[:2] == (
        ["2 of 2 failed: b.mp4: no key", "1 of 2 done: a[bold].mp4: 2 masks"] if shown else []
    )
    assert [line.split(" · ")[:2] for line in lines[2:]] == ([["1 done", "1 failed"]] if shown else [])


def test_no_jobs_are_shown_as_none(capfd):
    with show_board(Board([]), shown=True) as refresh:
        refresh()
    assert capfd.readouterr().err.startswith("no jobs")
