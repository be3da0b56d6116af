"""One Odoo registry in a process of its own, driven over pipes: two of them run the same work in turn, at nearly the same time."""
import contextlib
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dev import instance  # noqa: E402 the checkout is put on the path just above


class Worker:
    """Driver side: `worker.call("task", ...)` runs TASKS["task"] of the benchmark file in the worker and returns its result."""

    def __init__(self, benchmark, database):
        self.database = database
        self._process = subprocess.Popen(
            [sys.executable, benchmark, "--worker", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def call(self, task, **arguments):
        self._process.stdin.write(json.dumps([task, arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the worker on {self.database} ended during {task}")
        return json.loads(answer)

    def stop(self):
        self._process.stdin.close()
        self._process.wait(30)


@contextlib.contextmanager
def workers(benchmark, **databases):
    """{name: Worker} for {name: database}; they end with the block."""
    started = {name: Worker(benchmark, database) for name, database in databases.items()}
    try:
        yield started
    finally:
        for worker in started.values():
            worker.stop()


def serve(database, tasks):
    """Worker side: one registry, one cursor a task; a task gets an environment and commits what it did."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever prints must not end up among the answers
    config.parse_config(["-c", str(instance.config_file()), "-d", database, "--no-http", "--max-cron-threads=0"], setup_logging=True)
    registry = Registry(database)
    for line in sys.stdin:
        task, arguments = json.loads(line)
        with registry.cursor() as cr:
            result = tasks[task](api.Environment(cr, SUPERUSER_ID, {}), **arguments)
        answers.write(json.dumps(result) + "\n")
        answers.flush()


@contextlib.contextmanager
def measured(env):
    """Seconds (commit included) and queries of the block, in the dictionary that it yields; caches are as a warm server has them."""
    result = {}
    env.cr.commit()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    yield result
    env.flush_all()
    result["queries"] = env.cr.sql_log_count - queries
    env.cr.commit()
    result["seconds"] = time.perf_counter() - start
