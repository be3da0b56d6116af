"""`make lint`: what can be seen without running the product."""
import ast
import pathlib
import re
import subprocess
import sys

from .common import ADDON, ROOT, Failure, say

STEPS = ("common", "step1_lead", "step2_customer", "step3_opportunity", "step4_contract", "step5_delivery", "overview")
# The mandatory set of the Odoo Community Association for 19.0, as far as pylint and pylint-odoo know it (the checks of XML,
# CSV and PO files it once had are made by Odoo when it installs, and below); without consider-merging-classes-inherited:
# a core model has one class per step and rule here, so that each can be read alone.
PYLINT = """
    anomalous-backslash-in-string assignment-from-none attribute-deprecated attribute-string-redundant bad-builtin-groupby
    context-overridden dangerous-default-value deprecated-name-get deprecated-odoo-model-method development-status-allowed
    duplicate-key eval-used except-pass external-request-timeout inheritable-method-lambda inheritable-method-string
    invalid-commit license-allowed manifest-author-string manifest-behind-migrations manifest-data-duplicated
    manifest-deprecated-key manifest-external-assets manifest-maintainers-list manifest-required-key manifest-superfluous-key
    manifest-version-format method-compute method-inverse method-required-super method-search missing-readme missing-return
    no-raise-unlink no-wizard-in-models no-write-in-compute odoo-addons-relative-import odoo-exception-warning pointless-statement
    pointless-string-statement prefer-env-translation print-used prohibited-method-override redundant-keyword-arg reimported
    renamed-field-parameter resource-not-exist return-in-init sql-injection super-method-mismatch test-folder-imported
    too-few-format-args translation-contains-variable translation-field translation-format-interpolation
    translation-format-truncated translation-fstring-interpolation translation-injection translation-not-lazy
    translation-positional-used translation-required translation-too-few-args translation-too-many-args
    translation-unsupported-format unreachable use-vim-comment website-manifest-key-not-valid-uri
""".split()  # noqa: SIM905 the list is easier to compare this way


def lint():
    complaints = []
    for name, check in CHECKS.items():
        found = check()
        say("\n".join([f"  {name}: {f'{len(found)} complaints' if found else 'ok'}", *found]))
        complaints += found
    if complaints:
        raise Failure(f"lint: {len(complaints)} complaints")


def _complaints_of(*command):
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT)
    lines = [line for line in done.stdout.splitlines() if re.match(r"\S+:\d+:", line)]
    return lines or ([done.stdout + done.stderr] if done.returncode else [])


def ruff():
    folders = [folder for folder in ("dev", "tests", "benchmarks", ADDON) if (ROOT / folder).exists()]
    return _complaints_of("ruff", "check", "--quiet", "--output-format=concise", *folders)


def pylint():
    return _complaints_of(
        "pylint", "--load-plugins=pylint_odoo", "--valid-odoo-versions=19.0", "--disable=all", f"--enable={','.join(PYLINT)}",
        "--manifest-required-keys=license", "--score=n", "--reports=n", "--persistent=n", ADDON,
    )


def translations():
    """Every term of the template is translated into Chinese."""
    import polib
    folder = ROOT / ADDON / "i18n"
    if not folder.exists() or not any(folder.iterdir()):
        say("  note: no translations yet; `make pot` begins them")
        return []
    missing = [f"{ADDON}/i18n lacks {name}: run `make pot`" for name in (f"{ADDON}.pot", "zh_CN.po") if not (folder / name).exists()]
    if missing:
        return missing
    translated = {(term.msgctxt, term.msgid) for term in polib.pofile(str(folder / "zh_CN.po")) if term.translated()}
    return [
        f"{ADDON}/i18n/zh_CN.po does not translate {term.msgid!r}"
        for term in polib.pofile(str(folder / f"{ADDON}.pot"))
        if (term.msgctxt, term.msgid) not in translated
    ]


def tests_are_imported():
    """Odoo runs only the test files that tests/__init__.py imports."""
    folder = ROOT / ADDON / "tests"
    if not (folder / "__init__.py").exists():
        return [f"{ADDON}/tests has no __init__.py"]
    imported = {
        name.name
        for node in ast.walk(ast.parse((folder / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom) for name in node.names
    }
    return [f"{ADDON}/tests/__init__.py does not import {path.stem}" for path in sorted(folder.glob("test_*.py"))
            if path.stem not in imported]


def steps_point_one_way(addon=ROOT / ADDON):
    """No file of a step names a model that a later step defines."""
    sources = {path: step for path in sorted(addon.rglob("*")) if (step := _step(path.relative_to(addon))) is not None}
    defined = {name: step for path, step in sources.items() if path.suffix == ".py" for name in _defined_models(path)}
    return [
        f"{path.relative_to(addon.parent)}: {STEPS[step]} names {name} of {STEPS[defined[name]]}"
        for path, step in sources.items()
        for name in sorted(_named_models(path))
        if defined.get(name, step) > step
    ]


def _step(path):
    if path.suffix not in (".py", ".xml"):
        return None
    return next((STEPS.index(folder) for folder in path.parts[:-1] if folder in STEPS), None)


def _defined_models(path):
    """Each `_name = "sfc.x"` of the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "_name" for target in node.targets):
            yield ast.literal_eval(node.value)


def _named_models(path: pathlib.Path):
    """Each string (Python), attribute or text (XML) that is the name of one of our models."""
    text = path.read_text()
    if path.suffix == ".xml":
        return set(re.findall(r"""["'>](sfc\.[a-z0-9_.]+)["'<]""", text))
    strings = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {string for string in strings if re.fullmatch(r"sfc\.[a-z0-9_.]+", string)}


CHECKS = {
    "ruff": ruff,
    "pylint-odoo": pylint,
    "zh_CN complete": translations,
    "tests imported": tests_are_imported,
    "steps point one way": steps_point_one_way,
}
