"""`python3 -m dev VERB`: any Python 3.10+ starts it; it continues inside the virtual environment that it makes."""
import os
import sys

from . import common, fetch

VERBS = {
    "demo": "run the product with demo data on http://127.0.0.1:8069",
    "test": "run lint and all tests on a fresh database; ends in 'N passed, N failed'",
    "test-fast": "run some tests on the prepared database: make test-fast T=<pytest -k expression, or a path like tests/test_x.py>",
    "test-core": "Odoo's own tests of crm, sale, sale_crm, sale_management without and with the add-on, and what differs (long)",
    "lint": "ruff, pylint-odoo, complete translations, one-way dependencies between the steps",
    "shell": "an Odoo shell on the demo database",
    "pot": "write i18n/sales_full_cycle.pot and bring zh_CN.po up to date",
    "bench": "print the benchmarks' ratios against Odoo without the add-on",
    "clean": "remove databases, logs and configuration of this checkout (downloads stay)",
    "help": "this list",
}


def main(verb="help", *arguments):
    if verb not in VERBS:
        raise common.Failure(f"unknown verb '{verb}'; see: make help")
    if verb == "help":
        for name, meaning in VERBS.items():
            common.say(f"make {name:<10} {meaning}")
        return
    common.end_tidily()
    if sys.version_info < (3, 10):  # noqa: UP036 the first stage runs on any Python
        raise common.Failure("Python 3.10 or newer is needed; set PYTHON=/path/to/python3.x")
    if not os.environ.get("SFC_INSIDE"):
        fetch.everything()
        python = fetch.venv_python()
        os.execve(python, [str(python), "-m", "dev", verb, *arguments], fetch.environment())
    from . import verbs  # needs the packages of the virtual environment
    getattr(verbs, verb.replace("-", "_"))(*arguments)


try:
    main(*sys.argv[1:])
except common.Failure as failure:
    sys.exit(f"{failure}")
except KeyboardInterrupt:
    sys.exit(130)
