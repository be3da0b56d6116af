"""`make demo`: the product with demo data, until Ctrl-C."""
import contextlib

from . import instance, postgres
from .common import only_one, say, step
from .server import Server

DATABASE = "sfc_demo"
PORT = 8069
LOGINS = {  # role: login, which is its password too
    "administrator": "admin",
    "salesperson": "sales",
    "team leader": "leader",
    "sales manager": "manager",
    "technician": "tech",
    "legal reviewer": "legal",
    "finance": "finance",
    "customer": "customer",
}


def demo():
    with only_one(DATABASE, "the demo is already running") as lock, postgres.running():
        instance.prepared_database(DATABASE, demo=True)
        server = Server(DATABASE, "--workers=0", "--max-cron-threads=1", port=PORT, log=instance.LOGS / "demo.log")
        try:
            lock.write(f"on {server.url}")
            lock.flush()
            with step("starting Odoo"):
                server.wait()
            _announce(server)
            with contextlib.suppress(KeyboardInterrupt):
                server.process.wait()
                say(f"Odoo ended by itself; see {server.log}")
        finally:
            server.stop()
    say("\nstopped")


def _announce(server):
    if server.port != PORT:
        say(f"  note: port {PORT} is taken, using {server.port}")
    known = {login for login, in postgres.execute("SELECT login FROM res_users", database=DATABASE)}
    say(f"\nSales Full Cycle is running on {server.url}\n\n  {'role':<14} login     password")
    for role, login in LOGINS.items():
        if login in known:
            say(f"  {role:<14} {login:<9} {login}")
    say(f"\nIts log is {server.log}. Ctrl-C stops it.")
