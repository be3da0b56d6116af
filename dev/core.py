"""`make test-core`: Odoo's own tests of the add-ons we extend, without our add-on and with it; what differs must be explained here."""
import sys
import xml.etree.ElementTree

from . import instance, postgres
from .common import ADDON, ROOT, STATE, Failure, attend, only_one, say, step

SUITES = ("crm", "sale", "sale_crm", "sale_management")
RESULTS = STATE / "results"
DATABASES = {"sfc_core_plain": False, "sfc_core_addon": True}  # name: with the add-on?

# Tests that differ, "suite.file::class::test" -> why: they confirm or send an unapproved quotation of an opportunity, which is what we are for,
# or they allow exactly the queries that crm needs alone, and leads that are converted or assigned get customer sheets, numbers and promises as well.
BUDGET = "allows the queries of crm alone: %s, with the add-on %s"
EXPLAINED = {
    "crm.tests.test_performances.TestLeadAssignPerf::test_assign_perf_duplicates": BUDGET % (962, 1035),
    "sale_crm.tests.test_sale_crm.TestSaleCrm::test_sale_crm_revenue": "confirms two quotations of an opportunity that nobody approved",
}


def test_core(wanted=""):
    """All suites, or those named: make test-core T="crm sale_crm"."""
    suites = wanted.split() or list(SUITES)
    if unknown := set(suites) - set(SUITES):
        raise Failure(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    with only_one("sfc_core", "Odoo's tests are already running in this checkout"), postgres.running():
        try:
            for database, addon in DATABASES.items():
                _english_database(database, addon)
            plain, extended = (_outcomes(database, [_tests_of(suite) for suite in suites]) for database in DATABASES)
            if chance := sorted(set(_differing(plain, extended)) - set(EXPLAINED)):
                say(f"  once more, to tell chance from a difference: {len(chance)} tests")
                for database, outcomes in zip(DATABASES, (plain, extended), strict=True):
                    again = _outcomes(database, [_node(name) for name in chance])
                    outcomes |= {name: "passed" for name, outcome in again.items() if outcome == "passed"}
        finally:
            for database in DATABASES:
                instance.drop_database(database)
    sys.exit(_report(suites, plain, extended))


def _outcomes(database, targets):
    """Run the tests; {test: passed, failed or skipped}."""
    junit, output = RESULTS / f"{database}.xml", RESULTS / f"{database}.log"
    RESULTS.mkdir(parents=True, exist_ok=True)
    junit.unlink(missing_ok=True)
    with step(f"Odoo's tests {'with' if DATABASES[database] else 'without'} the add-on"), open(output, "w") as out:
        code = attend([
            sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", f"--rootdir={_tests_of('crm').parents[1]}",
            "--odoo-http", f"--odoo-config={instance.config_file()}", f"--odoo-database={database}", "--odoo-log-level=critical",
            f"--odoo-extra=screenshots={STATE / 'screenshots'}", f"--junitxml={junit}", *targets,
        ], cwd=ROOT, stdout=out, stderr=out)
    if code not in (0, 1) or not junit.exists():  # 1: some tests failed; anything else: not all were run
        raise Failure(f"Odoo's tests could not be run (pytest ended with {code}):\n{output.read_text()[-4000:]}")
    return _read(junit)


def _english_database(database, addon):
    """Odoo's tests compare English texts: in a database with Chinese some fail by themselves, and would hide what we do."""
    with step(f"database {database}"):
        postgres.drop(database)
        modules = ",".join([*instance.base_addons(), *([ADDON] if addon else [])])
        instance.install(database, modules, log=instance.LOGS / f"install-{database}.log", languages="en_US")
        instance.keep_offline(database)


def _tests_of(suite):
    """The folder of a suite, wherever Odoo lives: the downloaded package or a checkout."""
    folders = [path / suite / "tests" for path in instance.odoo_addons() if (path / suite / "tests").is_dir()]
    if not folders:
        raise Failure(f"this Odoo comes without the tests of {suite}")
    return folders[-1]  # Debian links them into a second folder, under which Python does not know them


def _node(name):
    """What pytest calls the test `crm.tests.test_crm_ui.TestUi::test_01`."""
    place, test = name.split("::")
    suite, _tests, module, case = place.split(".")
    return f"{_tests_of(suite) / module}.py::{case}::{test}"


def _read(junit):
    outcomes = {}
    for case in xml.etree.ElementTree.parse(junit).iter("testcase"):
        name = f"{case.get('classname').removeprefix('odoo.addons.')}::{case.get('name')}"
        broken = case.find("failure") is not None or case.find("error") is not None
        # an error in tearDownClass is a second entry of the last test: the worse one counts
        if outcomes.get(name) != "failed":
            outcomes[name] = "failed" if broken else "skipped" if case.find("skipped") is not None else "passed"
    return outcomes


def _differing(plain, extended):
    """{test: (outcome without, outcome with the add-on)} of those that differ."""
    return {
        name: (plain.get(name, "not run"), extended.get(name, "not run"))
        for name in sorted({*plain, *extended}) if plain.get(name) != extended.get(name)
    }


def _report(suites, plain, extended):
    """Say what differs; 1 when something of it is not explained."""
    for title, outcomes in (("without the add-on", plain), ("with the add-on", extended)):
        counts = {kind: sum(1 for outcome in outcomes.values() if outcome == kind) for kind in ("passed", "failed", "skipped")}
        say(f"{title}: " + ", ".join(f"{number} {kind}" for kind, number in counts.items()))
    both = sorted(name for name, outcome in plain.items() if outcome == extended.get(name) == "failed")
    differing = _differing(plain, extended)
    for name in both:
        say(f"  fails either way: {name}")
    for name, (before, after) in differing.items():
        say(f"  {name}: {before} without, {after} with the add-on: {EXPLAINED.get(name, 'NOT EXPLAINED')}")
    ours = {name for name in EXPLAINED if name.split(".")[0] in suites}
    stale = sorted(ours - set(differing))
    for name in stale:
        say(f"  explained here, but it does not differ: {name}")
    unexplained = len(set(differing) - set(EXPLAINED))
    say(f"{len(differing)} tests differ, {unexplained} of them unexplained")
    return 1 if unexplained or stale else 0
