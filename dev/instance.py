"""Odoo on this checkout: its configuration and its databases."""
import ast
import hashlib
import os
import shutil
import subprocess
import sys

from . import fetch, postgres
from .common import ADDON, ROOT, STATE, Failure, only_one, step, versions

LANGUAGES = "zh_CN,en_US"
DATA = STATE / "data"
LOGS = STATE / "logs"

# Odoo's own jobs and services that would call the internet (crm brings enrichment, SMS, snail mail, ...).
NOWHERE = "http://127.0.0.1:9"
ENDPOINTS = (
    "iap.endpoint", "enrich.endpoint", "reveal.endpoint", "iap.partner_autocomplete.endpoint",
    "sms.endpoint", "snailmail.endpoint", "iap_extract_endpoint", "odoo_ocn.endpoint", "mail.sfu_server_url",
)
CALLING_JOBS = "iap|publisher_warranty|update_notification|fetch_mail|snailmail|sms|web_push|enrich|ocn|extract|autocomplete|gc_fetchmail"


def base_addons():
    """What the add-on depends on, read from its manifest: the database without us has exactly these."""
    return ast.literal_eval((ROOT / ADDON / "__manifest__.py").read_text())["depends"]


def odoo_addons():
    """The folders of Odoo's own add-ons; a checkout has them elsewhere than a package."""
    home = fetch.odoo_home()
    return [path for path in (home / "addons", home / "odoo" / "addons") if (path / "web").is_dir()]


def config_file():
    """Write the configuration (connection, folders, add-ons) and return its path."""
    lines = {
        "addons_path": ",".join(str(path) for path in [*odoo_addons(), ROOT]),
        "data_dir": DATA,
        "http_interface": "127.0.0.1",
        "list_db": False,
        "log_level": "warn",
        **{f"db_{key}": value for key, value in postgres.connection_settings().items()},
    }
    target = STATE / "odoo.conf"
    # in one go: another process may be reading it
    partial = target.with_suffix(f".{os.getpid()}")
    partial.write_text("[options]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()))
    return partial.rename(target)


def command(*arguments):
    return [sys.executable, str(ROOT / "dev" / "bin" / "odoo"), *map(str, arguments)]


def run_odoo(*arguments, log, stdin=None):
    """Run Odoo to its end, its output in the file `log`; a failure shows the tail."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w") as output:
        done = subprocess.run(
            command(*arguments), stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, text=True, input=stdin,
        )
    if done.returncode:
        raise Failure(f"Odoo ended with {done.returncode}:\n{log.read_text()[-6000:]}")


def _load(database, *options, log):
    run_odoo("-c", config_file(), "-d", database, "--stop-after-init", "--max-cron-threads=0", "--no-http", *options, log=log)


def install(database, modules, *options, log, languages=LANGUAGES):
    _load(database, "-i", modules, f"--load-language={languages}", *options, log=log)


def update(database, log):
    _load(database, "-u", ADDON, "--i18n-overwrite", log=log)


def uninstall(database, log):
    run_odoo("module", "uninstall", "-c", config_file(), "-d", database, ADDON, log=log)


def keep_offline(database):
    """No outgoing call, ever, from a database of ours."""
    for key in ENDPOINTS:
        postgres.execute(
            "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, NOWHERE], database)
    postgres.execute(
        """UPDATE ir_cron SET active = false FROM ir_act_server action
            WHERE action.id = ir_actions_server_id AND action.code ~ %s""", [CALLING_JOBS], database)
    postgres.execute("UPDATE ir_mail_server SET active = false", database=database)


def base_database(demo=False):
    """A database with Odoo's own add-ons and without ours, made once; the others are copies of it."""
    tried = hashlib.sha256(f"{fetch.odoo_home()} {sorted(base_addons())} {versions()['odoo'].items()} {CALLING_JOBS}".encode())
    name = f"sfc_base{'_demo' if demo else ''}_{tried.hexdigest()[:8]}"
    with only_one(name):
        if not postgres.exists(name):
            with step(f"database with Odoo's own add-ons{' and demo data' if demo else ''}, {LANGUAGES} (once, a few minutes)"):
                making = name + "_making"
                postgres.drop(making)
                install(making, ",".join(base_addons()), *(["--with-demo"] if demo else []), log=LOGS / "base.log")
                keep_offline(making)
                postgres.rename(making, name)
                _copy_filestore(making, name)
    return name


def new_database(name, *, demo=False, addon=True):
    """A fresh database `name`, with the add-on installed unless told otherwise; returns the log of the installation."""
    base = base_database(demo)
    log = LOGS / f"install-{name}.log"
    source = source_hash()
    with step(f"database {name}{' with the add-on' if addon else ''}{' and demo data' if demo else ''}"):
        postgres.copy(base, name)
        _copy_filestore(base, name)
        if addon:
            install(name, ADDON, *(["--with-demo"] if demo else []), log=log)
            keep_offline(name)
            postgres.set_note(name, source)
    return log


def prepared_database(name, *, demo=False):
    """The database `name` with the add-on as it is on disk now: made when missing, updated when the source changed."""
    noted, source = postgres.note(name), source_hash()
    if not noted:  # missing, or its making was interrupted
        new_database(name, demo=demo)
    elif noted != source:
        with step(f"the add-on changed: updating database {name}"):
            update(name, log=LOGS / f"install-{name}.log")
            keep_offline(name)
            postgres.set_note(name, source)


def source_hash():
    """Of what a database takes from the add-on: not its tests, not what the browser fetches by itself."""
    addon = ROOT / ADDON
    content = hashlib.sha256()
    for path in sorted(addon.rglob("*")):
        inside = path.relative_to(addon)
        if path.is_file() and inside.parts[0] not in ("tests", "static") and path.suffix not in (".pyc", ".pot"):
            content.update(f"{inside} {path.stat().st_size} ".encode() + path.read_bytes())
    return content.hexdigest()


def _copy_filestore(source, target):
    folder = DATA / "filestore"
    shutil.rmtree(folder / target, ignore_errors=True)
    if (folder / source).exists():
        shutil.copytree(folder / source, folder / target, copy_function=os.link)


def drop_database(name):
    postgres.drop(name)
    shutil.rmtree(DATA / "filestore" / name, ignore_errors=True)
