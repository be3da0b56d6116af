"""The verbs of the Makefile; the long ones have files of their own."""
import os
import shutil
import signal
import sys

from . import demo as demonstration
from . import instance, postgres
from .common import ROOT, STATE, Failure, attend, only_one, say
from .core import test_core
from .demo import demo
from .lint import lint
from .testing import test, test_fast

__all__ = ["bench", "clean", "demo", "lint", "pot", "shell", "test", "test_core", "test_fast"]


def shell():
    """An Odoo shell on the demo database; Ctrl-C is its own affair."""
    with postgres.running():
        if not postgres.note(demonstration.DATABASE):
            with only_one(demonstration.DATABASE, "the demo database is just being made"):
                instance.prepared_database(demonstration.DATABASE, demo=True)
        signal.signal(signal.SIGINT, lambda *_signal: None)
        attend(instance.command("shell", "-c", instance.config_file(), "-d", demonstration.DATABASE, "--no-http"), cwd=ROOT)


def pot():
    """Write the template of all terms and bring the Chinese file up to date: kept, added, obsolete ones dropped."""
    from . import translations
    with only_one("sfc_test", "tests are running in this checkout"), postgres.running():
        instance.prepared_database("sfc_test")
        translations.refresh()


def bench():
    """Each benchmark prints its ratios; PostgreSQL runs as it would in production, syncing to disk."""
    files = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    if not files:
        raise Failure("no benchmarks/bench_*.py")
    with only_one("bench", "benchmarks are already running in this checkout"), postgres.running():
        postgres.set_durable(True)
        try:
            failed = [file.name for file in files if attend([sys.executable, file], cwd=ROOT)]
        finally:
            postgres.set_durable(False)
    if failed:
        raise Failure(f"failed: {', '.join(failed)}")


def clean():
    """Remove what belongs to this checkout; the downloads stay in the cache."""
    if not STATE.exists():
        return
    with postgres.nobody_else("something of this checkout is still running: end it first (make demo, make test, make shell)"):
        shutil.rmtree(STATE)
    say(f"removed {STATE}")
    if os.environ.get("PGHOST"):
        say(f"databases on {os.environ['PGHOST']} stay: drop those named sfc_* yourself")
