"""Folders, the pinned versions, and how a step is announced and a program is run."""
import configparser
import contextlib
import fcntl
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ADDON = "sales_full_cycle"
# What belongs to this checkout: databases, configuration, logs. `make clean` removes it.
STATE = ROOT / ".dev"
# Downloads, shared by all checkouts. Not in root's home: PostgreSQL runs as another user and must read it.
CACHE = pathlib.Path(
    os.environ.get("SFC_CACHE")
    or ("/var/cache" if os.geteuid() == 0 else os.environ.get("XDG_CACHE_HOME") or "~/.cache") + f"/{ADDON}"
).expanduser()


class Failure(Exception):
    """A sentence for the person at the keyboard; ends the program without a traceback."""


def versions():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(ROOT / "dev" / "versions.ini")
    return parser


def say(text):
    print(text, flush=True)


@contextlib.contextmanager
def step(what):
    """Announce a slow step and how long it took."""
    print(f"  {what} ...", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - start:.0f} s", flush=True)


def run(command, **options):
    """Run a program quietly; its output is shown only when it fails."""
    done = subprocess.run(
        [str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, **options,
    )
    if done.returncode:
        sys.stderr.write("\n" + done.stdout[-8000:] + "\n")
        raise Failure(f"{pathlib.Path(str(command[0])).name} ended with {done.returncode}")
    return done.stdout


class Ended(KeyboardInterrupt):
    """We were told to end by another program, so the programs we started do not know yet."""


def end_tidily():
    """Ctrl-C, `kill` and a closed terminal all unwind the `with` and `finally` blocks, also in a background job."""
    def ended(*_signal):
        raise Ended
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGHUP, ended)


def attend(command, **options):
    """Run a program in view and return its exit code; when we are ended it gets time to tidy up."""
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        return process.wait()
    except KeyboardInterrupt as stop:
        if isinstance(stop, Ended):  # Ctrl-C in a terminal has reached it already
            process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        raise
    finally:
        process.kill()


@contextlib.contextmanager
def only_one(name, busy=None):
    """Hold the lock `name` of this checkout; when it is taken fail with the sentence `busy`, or wait if there is none."""
    STATE.mkdir(exist_ok=True)
    with open(STATE / f"{name}.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            lock.seek(0)
            raise Failure(f"{busy} {lock.read().strip()}".strip()) from None
        lock.truncate(0)
        yield lock


def free_port(wanted=0):
    """The wanted port, or any free one when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
        return probe.getsockname()[1]
