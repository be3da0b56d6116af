"""A running Odoo: started on a free port, waited for, stopped."""
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from . import instance
from .common import ROOT, Failure, free_port


class Server:
    def __init__(self, database, *options, log, port=0):
        self.database = database
        self.port = free_port(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        command = instance.command(
            "-c", instance.config_file(), "-d", database, f"--db-filter=^{database}$", f"--http-port={self.port}",
            f"--gevent-port={free_port()}", *options,
        )
        with open(log, "w") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT,
                start_new_session=True,  # Ctrl-C reaches only us, and we stop it
                preexec_fn=_end_with_parent,
            )

    def wait(self, seconds=120):
        """Until the login page answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failure(f"Odoo ended with {self.process.returncode}:\n{self.log.read_text()[-6000:]}")
            with contextlib.suppress(OSError, urllib.error.URLError):
                if urllib.request.urlopen(f"{self.url}/web/login", timeout=seconds).status == 200:
                    return self
            time.sleep(0.2)
        raise Failure(f"Odoo does not answer on {self.url} after {seconds} s; see {self.log}")

    def stop(self):
        """Let it finish what it is doing; after 20 s it is killed with its workers."""
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            self.process.terminate()
            self.process.wait(20)
        self.kill()

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _end_with_parent():
    """Linux tells the child when we are gone, even killed: no Odoo is left behind."""
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
