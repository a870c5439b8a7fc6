import json
import shutil

import pytest
from typer.testing import CliRunner

from sa2va_nb.calling.doctor import HOSTS, doctor
from sa2va_nb.cli import app
from sa2va_nb.run_folder import RunFolder
from tests.standin import StandIn

KEY = "k" * 64


def found(findings, subject):
    (finding,) = [finding for finding in findings if finding.subject == subject]
    return finding


def call(*arguments):
    return CliRunner().invoke(app, ["doctor", *map(str, arguments)])


def test_where_all_is_well_nothing_is_a_problem_and_nothing_is_sent_but_a_look(standin: StandIn, tmp_path):
    findings = doctor(tmp_path / "runs")
    assert {finding.state for finding in findings} == {"ok"}, findings
    assert {finding.subject for finding in findings} >= {*HOSTS, "key", "codecs", "runs folder", "fal-client"}
    assert {call.method for call in standin.journal} == {"GET"}
    assert not any("authorization" in call.headers for call in standin.journal)
    assert not (tmp_path / "runs").exists()


def test_the_key_is_never_shown(standin: StandIn, tmp_path, monkeypatch):
    for key in ("secret-id:secret-part", "secret without a form", "secretwithoutcolon"):
        monkeypatch.setenv("FAL_KEY", key)
        for arguments in ((), ("--json",)):
            shown = call("--runs-dir", tmp_path, "--no-network", *arguments).output
            assert "key" in shown
            assert "secret-" not in shown
            assert "secret without" not in shown
            assert "secretwithout" not in shown


@pytest.mark.parametrize(
    ("key", "state", "says"),
    [
        ("", "problem", "set it as the environment variable FAL_KEY"),
        ("two words", "problem", "so it is no key"),
        pytest.param("id:" + "x" * 100_000, "problem", "so it is no key", id="long"),
        ("nocolon", "warning", "has no colon"),
        ("id:part", "ok", "only a call tells"),
    ],
)
def test_a_key_that_can_not_be_one_is_told(tmp_path, monkeypatch, key, state, says):
    monkeypatch.setenv("FAL_KEY", key)
    monkeypatch.delenv("FAL_KEY_ID", raising=False)
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))
    finding = found(doctor(tmp_path, network=False), "key")
    assert finding.state == state
    assert says in finding.says


@pytest.mark.parametrize("saved", [b"\xe9\xff", None])
def test_a_damaged_login_is_told(tmp_path, monkeypatch, saved):
    for name in ("FAL_KEY", "FAL_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))
    file = tmp_path / "auth0_token"
    file.mkdir() if saved is None else file.write_bytes(saved)
    finding = found(doctor(tmp_path, network=False), "key")
    assert finding.state == "problem"
    assert "`fal auth login` had saved can't be read" in finding.says


def test_without_a_way_to_the_service_each_host_is_told_with_what_it_is_for(
    standin: StandIn, tmp_path, monkeypatch
):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    findings = doctor(tmp_path)
    for host, purpose in HOSTS.items():
        assert found(findings, host).state == "problem"
        assert purpose in found(findings, host).says
    assert call("--runs-dir", tmp_path).exit_code == 1


def test_a_certificate_that_is_not_trusted_is_told_from_a_lost_network(
    standin: StandIn, tmp_path, monkeypatch
):
    monkeypatch.delenv("SSL_CERT_FILE")
    finding = found(doctor(tmp_path), "queue.fal.run")
    assert finding.state == "problem"
    assert "certificate is not trusted" in finding.says


def test_runs_that_need_a_hand_are_listed(standin: StandIn, tmp_path):
    for status in ("done", "failed", "submitted", "unknown"):
        RunFolder.create(tmp_path, KEY).save(status=status, error="the answer was lost")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    half = RunFolder.create(tmp_path, KEY)
    half.save(status="done", masks=[{"file": "masks/000.mp4"}])
    findings = [finding for finding in doctor(tmp_path, network=False) if finding.subject == "run"]
    assert {finding.state for finding in findings} == {"warning"}
    text = "\n".join(finding.says for finding in findings)
    assert len(findings) == 4
    for words in (
        "broken is damaged",
        "is not finished (submitted)",
        "unknown: the answer was lost",
        "lacks a mask",
    ):
        assert words in text
    assert call("--runs-dir", tmp_path, "--no-network").exit_code == 0  # new calls work


def test_a_folder_that_can_not_be_written_is_a_problem(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    assert found(doctor(file / "runs", network=False), "runs folder").state == "problem"


def test_what_is_spent_is_told_beside_the_budget(standin: StandIn, tmp_path, monkeypatch):
    RunFolder.create(tmp_path, KEY).save(status="done", cost_usd=2.0)
    assert (
        "$2.00 spent or set aside in 1 runs; no budget"
        in found(doctor(tmp_path, network=False), "budget").says
    )
    monkeypatch.setenv("SA2VA_NB_BUDGET_USD", "2")
    assert found(doctor(tmp_path, network=False), "budget").state == "warning"
    monkeypatch.setenv("SA2VA_NB_BUDGET_USD", "two")
    assert found(doctor(tmp_path, network=False), "budget").state == "problem"


def test_the_command_prints_a_line_or_an_entry_a_finding(standin: StandIn, tmp_path):
    done = call("--runs-dir", tmp_path)
    assert done.exit_code == 0
    assert all(line.startswith(("ok ", "warning", "problem")) for line in done.stdout.splitlines())
    entries = json.loads(call("--runs-dir", tmp_path, "--json").stdout)
    assert len(entries) == len(done.stdout.splitlines())
    assert set(entries[0]) == {"subject", "state", "says"}
    shutil.rmtree(tmp_path)
