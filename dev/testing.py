"""`make test` and `make test-fast`: they run the runners, read what these left behind, and count."""
import contextlib
import sys
import xml.etree.ElementTree

from . import instance, lint, logs, postgres, translations
from .common import ADDON, ROOT, STATE, Failure, attend, only_one, say

BUSY = "tests are already running in this checkout"
RESULTS = STATE / "results"


class Tally:
    """Counts tests and checks, and keeps what to say about the failed ones."""

    def __init__(self):
        self.passed = self.skipped = 0
        self.failures = []

    def check(self, name, complaints):
        """A check that is not a test counts as one."""
        if complaints:
            say("\n".join(complaints))
            self.failures.append(f"{name}: {len(complaints)} complaint{'s' if len(complaints) > 1 else ''}, see above")
        else:
            self.passed += 1
        say(f"  {name}: {'failed' if complaints else 'ok'}")

    @contextlib.contextmanager
    def step(self, name):
        """A step that cannot be done is a failure, and the next ones are still tried."""
        try:
            yield
        except Failure as failure:
            self.check(name, [str(failure)])

    def pytest(self, name, *arguments, log=None):
        """Run pytest; its junit file says what ran, and `log` is the log of the Odoo inside it."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        junit = RESULTS / f"{name.replace(' ', '-')}.xml"
        for old in filter(None, (junit, log)):
            old.unlink(missing_ok=True)
        say(f"\n{name}")
        code = attend([sys.executable, "-m", "pytest", "-q", f"--junitxml={junit}", *arguments], cwd=ROOT)
        self.count(name, junit, code)
        if log:
            self.check(f"log of {name}", logs.problems(log))

    def count(self, name, junit, code):
        cases = list(xml.etree.ElementTree.parse(junit).iter("testcase")) if junit.exists() else []
        failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
        skipped = [case for case in cases if case.find("skipped") is not None and case not in failed]
        self.passed += len(cases) - len(failed) - len(skipped)
        self.skipped += len(skipped)
        self.failures += [f"{case.get('classname')}::{case.get('name')}" for case in failed]
        for reason in sorted({case.find("skipped").get("message") or "no reason given" for case in skipped}):
            say(f"  skipped: {reason}")
        if not cases:
            self.failures.append(f"{name}: 0 tests were run")
        elif code and not failed:
            self.failures.append(f"{name}: pytest ended with {code}")

    def finish(self):
        for failure in self.failures:
            say(f"FAILED {failure}")
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        say(f"{self.passed} passed, {len(self.failures)} failed{skipped}")
        sys.exit(1 if self.failures else 0)


def test():
    """Everything, from nothing."""
    tally = Tally()
    with only_one("sfc_test", BUSY), only_one("sfc_blackbox", BUSY):
        for name, check in lint.CHECKS.items():
            tally.check(f"lint: {name}", check())
        with tally.step("PostgreSQL"), postgres.running():
            with tally.step("add-on"):
                tally.check("installation", logs.problems(instance.new_database("sfc_test")))
                if translations.TEMPLATE.exists():
                    tally.check("translation template up to date", translations.outdated())
                _addon_tests(tally, f"{ADDON}/tests")
            _black_box_tests(tally, "tests")
    tally.finish()


def test_fast(wanted=""):
    """A path like tests/test_x.py runs that black-box file, anything else is a -k expression for the add-on's tests."""
    tally = Tally()
    if wanted.startswith("tests/"):
        with only_one("sfc_blackbox", BUSY), postgres.running():
            _black_box_tests(tally, wanted)
    else:
        with only_one("sfc_test", BUSY), postgres.running():
            instance.prepared_database("sfc_test")
            if wanted.startswith(ADDON):
                _addon_tests(tally, wanted)
            else:
                _addon_tests(tally, f"{ADDON}/tests", *(["-k", wanted] if wanted else []))
    tally.finish()


def _addon_tests(tally, *arguments):
    log = instance.LOGS / "addon-tests.log"
    tally.pytest(
        "add-on tests", "--odoo-http", f"--odoo-config={instance.config_file()}", "--odoo-database=sfc_test",
        "--odoo-log-level=warn", f"--odoo-extra=logfile={log}", f"--odoo-extra=screenshots={STATE / 'screenshots'}",
        *arguments, log=log,
    )


def _black_box_tests(tally, *arguments):
    """Plain pytest; each server that a test starts has its log read when it is stopped (tests/conftest.py)."""
    tally.pytest("black-box tests", "-p", "no:odoo", *arguments)
