import base64
import unicodedata
from datetime import date, datetime, time

import psycopg2
import pytz

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import LazyTranslate

from . import sheet

_lt = LazyTranslate(__name__)

ERROR_HEADING = _lt("Error")
# Loading history starts nothing and tells nobody (P11); it may be asked for all the same.
HISTORY_CONTEXT = {
    "sfc_import": True, "sfc_no_clocks": True, "sfc_no_scoring": True, "tracking_disable": True, "mail_create_nosubscribe": True,
    "mail_create_nolog": True, "mail_notrack": True, "mail_auto_subscribe_no_notify": True, "mail_activity_automation_skip": True,
}
TEXT_DATES = ("%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M")


class SheetRow:
    """One row of a file on its way in: what was read, what it becomes, what is wrong with it."""

    def __init__(self, number, cells):
        self.number, self.cells = number, cells
        self.vals, self.errors, self.warnings = {}, [], []
        self.record, self.is_new = None, False


class SfcSheetMixin(models.AbstractModel):
    """A form that goes out as XLSX and comes back (ahead 14). An adopter declares columns, values and how they are read."""
    _name = "sfc.sheet.mixin"
    _description = "Form with XLSX export and import"

    # === TO BE DECLARED === #

    @api.model
    def _sheet_title(self):
        return self._description

    @api.model
    def _sheet_columns(self):
        """The columns (sheet.Column) in the order of the form."""
        return []

    def _sheet_values(self):
        """Values of one record, by column key."""
        return {}

    @api.model
    def _sheet_lookups(self):
        """Whatever reading the rows needs to look up, fetched once a file."""
        return {}

    @api.model
    def _sheet_parse(self, row, lookups):
        """Turn row.cells (by column key) into row.vals; say in row.errors what cannot be read."""

    @api.model
    def _sheet_key_field(self):
        """Field that says which record a row is about; its column has the same key."""
        return None

    def _sheet_after_write(self, rows, live):
        """Hook: the records of the rows are written; do what is not a field."""

    # === HEADINGS === #

    @api.model
    def _sheet_headings(self):
        return [str(self.env._(column.heading)) for column in self._sheet_columns()]  # pylint: disable=translation-contains-variable

    @api.model
    def _sheet_keys_by_heading(self):
        """{comparable heading: column key} in every installed language and English."""
        languages = {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}
        return {
            comparable(column.heading._translate(language)): column.key for column in self._sheet_columns() for language in languages}

    # === EXPORT === #

    def _sheet_export(self, batch=1000):
        """Bytes of the workbook with the records of self, in the reader's language and time zone; read in batches."""
        columns = self._sheet_columns()

        def rows():
            for start in range(0, len(self), batch):
                records = self[start:start + batch].with_prefetch()
                for record in records:
                    values = record._sheet_values()
                    yield [values.get(column.key) for column in columns]
                records.invalidate_recordset(flush=False)

        return sheet.write(self._sheet_title(), self._sheet_headings(), rows(), [column.width for column in columns])

    def action_export_sheet(self):
        """Download the selected records as the handbook's form."""
        self.check_access("read")
        export = self.env["sfc.sheet.export"].create({"name": f"{self._sheet_title()}.xlsx", "content": base64.b64encode(self._sheet_export())})
        return {
            "type": "ir.actions.act_url", "target": "download",
            "url": f"/web/content/sfc.sheet.export/{export.id}/content/{export.name}?download=true",
        }

    # === IMPORT === #

    @api.model
    def _sheet_read(self, content):
        """(rows, unknown headings) of a file.

        :raises UserError: no workbook, or none of its headings is known
        """
        try:
            headings, lines = sheet.read(content)
        except sheet.NotAWorkbook as error:
            raise UserError(self.env._("This file is not an Excel workbook (.xlsx). Save it in that format and try again.")) from error
        keys = self._sheet_keys_by_heading()
        found = [keys.get(comparable(heading)) for heading in headings]
        if not any(found):
            raise UserError(self.env._(
                "None of the columns is known. The first row must hold headings such as: %(headings)s", headings=", ".join(self._sheet_headings())))
        rows = [
            SheetRow(number, {key: clean(cell) for key, cell in zip(found, line, strict=False) if key})
            for number, line in enumerate(lines, 2)
        ]
        errors = {comparable(ERROR_HEADING._translate(language)) for language in ("en_US", *dict(self.env["res.lang"].get_installed()))}
        unknown = [heading for heading, key in zip(headings, found, strict=True) if heading and not key and comparable(heading) not in errors]
        return rows, unknown

    @api.model
    def _sheet_import(self, rows, live=False, dry_run=False, batch=500):
        """Create and update records from rows; every row stands alone, a bad one never spoils the others.

        :param live: also start clocks, score and send mails, as if the rows were entered today
        :param dry_run: do everything, then take it back
        """
        self = self.with_context(**({"sfc_import": True} if live else HISTORY_CONTEXT))
        lookups = self._sheet_lookups()
        for row in rows:
            self._sheet_parse(row, lookups)
        self._sheet_find(rows)
        if dry_run:
            self._sheet_mask_numbers(rows)
        good = [row for row in rows if not row.errors]
        savepoint = self.env.cr.savepoint(flush=True)
        for start in range(0, len(good), batch):
            self._sheet_write_batch(good[start:start + batch], live)
        if dry_run:
            savepoint.rollback()
            self.env.invalidate_all(flush=False)
        savepoint.close(rollback=False)

    @api.model
    def _sheet_find(self, rows):
        """Which record each row is about; a number that belongs to somebody else's record is an error."""
        key = self._sheet_key_field()
        numbers = {row.vals[key] for row in rows if row.vals.get(key)}
        # sudo: a number exists once, also where the importer may not look
        known = {record[key]: record.sudo(False) for record in self.sudo().with_context(active_test=False).search([(key, "in", list(numbers))])}
        seen = set()
        for row in rows:
            number = row.vals.get(key)
            row.record, row.is_new = known.get(number), number not in known
            if number and number in seen:
                row.errors.append(self.env._("%(number)s stands twice in the file.", number=number))
            elif row.record and not row.record.has_access("write"):
                row.errors.append(self.env._("%(number)s belongs to somebody else; you may not change it.", number=number))
            seen.add(number)

    @api.model
    def _sheet_mask_numbers(self, rows):
        """A rehearsal draws no numbers from the sequence, since these cannot be given back."""
        for row in rows:
            if row.is_new:
                row.vals[self._sheet_key_field()] = f"~{row.number}"

    @api.model
    def _sheet_write_batch(self, rows, live):
        try:
            with self.env.cr.savepoint():
                self._sheet_write(rows, live)
        except (UserError, ValidationError, ValueError, psycopg2.Error) as error:
            if len(rows) == 1:
                rows[0].errors.append(str(error).strip())
                rows[0].record = None
                return
            for row in rows:
                self._sheet_write_batch([row], live)

    @api.model
    def _sheet_write(self, rows, live):
        new = [row for row in rows if row.is_new]
        for row, record in zip(new, self.create([dict(row.vals) for row in new]), strict=True):
            row.record = record
        for row in rows:
            if not row.is_new:
                row.record.with_env(self.env).write({name: value for name, value in row.vals.items() if name != self._sheet_key_field()})
        self.browse([row.record.id for row in rows])._sheet_after_write(rows, live)
        self.env.flush_all()

    # === READING CELLS === #

    @api.model
    def _sheet_datetime(self, cell):
        """Naive UTC of a cell that holds a date in the reader's time zone.

        :raises ValueError: the cell holds something else
        """
        if isinstance(cell, str):
            cell = _parse_text_date(cell)
        if isinstance(cell, date) and not isinstance(cell, datetime):
            cell = datetime.combine(cell, time.min)
        if not isinstance(cell, datetime):
            raise ValueError(cell)
        zone = pytz.timezone(self.env.user.tz or "UTC")
        return zone.localize(cell.replace(tzinfo=None, microsecond=0)).astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _sheet_local(self, moment):
        """The other way round, for export."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        return moment and pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None)


def _parse_text_date(text):
    for pattern in TEXT_DATES:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return datetime.fromisoformat(text)


def clean(cell):
    """Text without surrounding space; whole numbers that Excel made floats become text without .0."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return cell.strip() if isinstance(cell, str) else cell


def comparable(text):
    """Headings and labels are compared without case, width and spaces."""
    return "".join(unicodedata.normalize("NFKC", str(text or "")).casefold().split())
