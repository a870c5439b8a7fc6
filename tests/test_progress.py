import subprocess
import sys

from sa2va_nb.view.status.progress import NotebookPanel, progress_display


def test_quiet_shows_nothing(capfd):
    with progress_display(shown=False) as show:
        show("uploading", "a.mp4", 0.5)
    assert capfd.readouterr() == ("", "")


def test_outside_a_terminal_messages_go_to_stderr_as_lines():
    code = (
        "from sa2va_nb.view.status.progress import progress_display\n"
        "with progress_display(shown=True) as show:\n"
        "    show('queued', 'position 2'); show('segmenting', '', 0.5); show('log', 'sampled [bold]step[/] 1')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr.splitlines() == ["queued: position 2", "log: sampled [bold]step[/] 1"]


def test_the_panel_shows_outside_text_as_text(capsys):
    panel = NotebookPanel()
    panel("queued", "<script>alert(1)</script>")
    panel("log", "<img src=x onerror=alert(1)>")
    assert "<script" not in panel._step.value
    assert "&lt;script&gt;" in panel._step.value
    assert "<img" not in panel._log.value


def test_the_panel_fills_its_bar_and_marks_the_end(capsys):
    panel = NotebookPanel()
    panel("segmenting", "", 0.25)
    assert "value='0.250'" in panel._step.value
    panel("queued", "position 3")
    assert "<progress max='1' style" in panel._step.value
    panel("done", "2 masks")
    assert "✓" in panel._step.value
    panel("failed", "no key")
    assert "✗" in panel._step.value
