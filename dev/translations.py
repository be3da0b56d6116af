"""The translation files: exported by Odoo, merged here."""
import polib

from . import instance
from .common import ADDON, ROOT, say, step

FOLDER = ROOT / ADDON / "i18n"
TEMPLATE = FOLDER / f"{ADDON}.pot"
CHINESE = FOLDER / "zh_CN.po"


def refresh():
    """Write the template from the test database; the Chinese file keeps its translations and loses obsolete terms."""
    with step("terms of the add-on"):
        export(TEMPLATE)
    template = _without_dates(polib.pofile(str(TEMPLATE)))
    template.save()
    chinese = polib.pofile(str(CHINESE)) if CHINESE.exists() else _empty(template)
    chinese.merge(template)
    for term in chinese.obsolete_entries():
        chinese.remove(term)
    _without_dates(chinese).save(str(CHINESE))
    open_terms = [*chinese.untranslated_entries(), *chinese.fuzzy_entries()]
    say(f"{CHINESE.relative_to(ROOT)}: {len(chinese)} terms, {len(open_terms)} to translate")


def export(target):
    target.parent.mkdir(exist_ok=True)
    instance.run_odoo("i18n", "export", "-c", instance.config_file(), "-d", "sfc_test", "-o", target, ADDON,
                      log=instance.LOGS / "i18n.log")


def outdated():
    """Terms of the add-on as it is in the test database that the committed template lacks."""
    fresh = instance.LOGS / "fresh.pot"
    export(fresh)
    known = {(term.msgctxt, term.msgid) for term in polib.pofile(str(TEMPLATE))} if TEMPLATE.exists() else set()
    return [f"{TEMPLATE.name} lacks {term.msgid!r}: run `make pot`" for term in polib.pofile(str(fresh))
            if (term.msgctxt, term.msgid) not in known]


def _empty(template):
    chinese = polib.POFile()
    chinese.metadata = {**template.metadata, "Language": "zh_CN", "Plural-Forms": "nplurals=1; plural=0;"}
    return chinese


def _without_dates(file):
    """So that the files change only when a term does."""
    for key in ("POT-Creation-Date", "PO-Revision-Date"):
        file.metadata.pop(key, None)
    return file
