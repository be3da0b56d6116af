import contextlib
import re
from dataclasses import dataclass

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from . import sheet, sheet_cells

_lt = LazyTranslate(__name__)

ERROR_HEADING = _lt("Error")
MAX_ROWS = 20_000  # what one request can do
# A longer number would push the sequence to where it cannot go on.
NUMBER_DIGITS = 15
# A batch that fails is tried again in smaller ones, down to the row that is to blame.
BATCHES = (500, 25, 1)
# Loading history starts nothing and tells nobody (P11); it may be asked for all the same.
HISTORY_CONTEXT = {
    "sfc_import": True, "sfc_no_clocks": True, "sfc_no_scoring": True, "tracking_disable": True, "mail_create_nosubscribe": True,
    "mail_create_nolog": True, "mail_notrack": True, "mail_auto_subscribe_no_notify": True, "mail_activity_automation_skip": True,
}
# Mails wait for the mail queue: a batch that is taken back takes them back too. The form scores in its own time.
LIVE_CONTEXT = {"sfc_import": True, "sfc_no_scoring": True, "mail_notify_force_send": False}


class SheetRow:
    """One row of a file on its way in: what was read, what it becomes, what is wrong with it."""

    def __init__(self, number, raw, cells):
        self.number, self.raw, self.cells = number, raw, cells
        self.vals, self.more = {}, {}  # fields of the record; what else the form wants to remember
        self.errors, self.warnings = [], []
        self.record, self.is_new = None, True

    @property
    def outcome(self):
        if self.errors:
            return "failed"
        return "new" if self.is_new else "updated" if self.vals or self.more else "unchanged"


def holds(record, fname, value):
    """Whether the field of the record holds this value (of a write) already."""
    return (record._fields[fname].convert_to_write(record[fname], record) or False) == (value or False)


@dataclass
class SheetContent:
    """A file that was read: its rows, and what is to be said about its columns."""
    headings: list
    rows: list
    unknown: list
    missing: list


class SfcSheetMixin(models.AbstractModel):
    _inherit = "sfc.sheet.mixin"

    # === TO BE DECLARED === #

    _sheet_key = None  # field that says which record a row is about; its column has the same key
    _sheet_sequence = None  # code of the sequence that numbers new records

    @api.model
    def _sheet_number_domain(self):
        """Where a number means one record; the whole table by default."""
        return Domain.TRUE

    @api.model
    def _sheet_lookups(self):
        """Whatever reading the rows needs to look up, fetched once a file."""
        return {}

    @api.model
    def _sheet_parse(self, row, lookups):
        """Turn row.cells (by column key) into row.vals and row.more; say in row.errors what cannot be read.

        A column that the file does not have is not in row.cells, nor is a cell that says what the record says already.
        """

    def _sheet_after_write(self, rows, live):
        """Hook: the records of the rows are written; do what is not a field."""

    def _sheet_warn(self, rows):
        """Hook: the records of the rows are saved; add to row.warnings what the importer should know."""

    # === READING THE FILE === #

    @api.model
    def _sheet_read(self, content):
        """The SheetContent of a file.

        :raises UserError: no workbook, none of its headings is known, or too many rows
        """
        try:
            headings, lines = sheet.read(content, limit=MAX_ROWS)
        except sheet.NotAWorkbook as error:
            raise UserError(self.env._("This file is not an Excel workbook (.xlsx). Save it in that format and try again.")) from error
        except sheet.TooLong as error:
            raise UserError(self.env._("The file has more than %(limit)s rows. Please split it.", limit=MAX_ROWS)) from error
        keys, found = self._sheet_keys_by_heading(), []
        for heading in headings:
            key = keys.get(sheet_cells.comparable(heading))
            found.append(key if key not in found else None)  # of two columns with one heading the first counts
        if not any(found):
            raise UserError(self.env._(
                "None of the columns is known. The first row must hold headings such as: %(headings)s", headings=", ".join(self._sheet_headings())))
        return SheetContent(
            headings, [SheetRow(number, line, {key: cell for key, cell in zip(found, line, strict=False) if key}) for number, line in lines],
            unknown=[heading for heading, key in zip(headings, found, strict=True) if heading and not key and not self._sheet_is_error(heading)],
            missing=[name for name, column in zip(self._sheet_headings(), self._sheet_columns(), strict=True) if column.key not in found])

    @api.model
    def _sheet_is_error(self, heading):
        """Whether this is the column that we added ourselves."""
        return sheet_cells.comparable(heading) in self._sheet_spellings(ERROR_HEADING)

    @api.model
    def _sheet_error_file(self, content):
        """The failed rows of a file as they came, with what is wrong in one more column."""
        keep = [number for number, heading in enumerate(content.headings) if not self._sheet_is_error(heading)]
        rows = ([*(row.raw[number] for number in keep), "; ".join(row.errors)] for row in content.rows if row.errors)
        error = str(self.env._(ERROR_HEADING))  # pylint: disable=translation-contains-variable
        return sheet.write(self._sheet_title(), [*(content.headings[number] for number in keep), error], rows, [18] * len(keep) + [60])

    # === FROM ROWS TO RECORDS === #

    @api.model
    def _sheet_import(self, rows, live=False, dry_run=False):
        """Create and update records from rows; every row stands alone, a bad one never spoils the others.

        :param live: also start clocks, score and send mails, as if the rows were entered today
        :param dry_run: do everything (silently), then take it back
        """
        live = live and not dry_run
        form = self.with_context(**(LIVE_CONTEXT if live else HISTORY_CONTEXT), sfc_rehearsal=dry_run)
        form._sheet_find(rows)
        form._sheet_parse_rows(rows)
        form._sheet_number(rows, dry_run)
        wanted = [row for row in rows if row.outcome in ("new", "updated")]
        if not dry_run:
            form._sheet_write_rows(wanted, live)
            return
        with contextlib.closing(self.env.cr.savepoint()):  # closing takes everything back
            form._sheet_write_rows(wanted, live)

    @api.model
    def _sheet_find(self, rows):
        """Which record each row is about; a number that belongs to somebody else's record is an error."""
        key = self._sheet_key
        numbers = {number for row in rows if (number := sheet_cells.text(row.cells.get(key)))}
        # sudo: a number exists once, also where the importer may not look
        found = self.sudo().with_context(active_test=False).search(Domain(key, "in", list(numbers)) & self._sheet_number_domain())
        ids_by_number = {record[key]: record.id for record in found}
        records = self.browse(found.ids)
        allowed = set(records._filtered_access("write")._ids)
        seen = set()
        for row in rows:
            number = sheet_cells.text(row.cells.get(key))
            row.is_new = number not in ids_by_number
            if number and number in seen:
                row.errors.append(self.env._("%(number)s stands twice in the file.", number=number))
            elif not row.is_new and ids_by_number[number] not in allowed:
                row.errors.append(self.env._("%(number)s belongs to somebody else; you may not change it.", number=number))
            elif not row.is_new:
                row.record = self.browse(ids_by_number[number]).with_prefetch(records._prefetch_ids)
            seen.add(number)

    @api.model
    def _sheet_parse_rows(self, rows):
        """Read the cells; of a row about a known record only what differs from what its export shows."""
        lookups, key = self._sheet_lookups(), self._sheet_key
        for row in rows:
            if row.errors:
                continue
            if row.record:
                shown = row.record._sheet_values()
                row.cells = {name: cell for name, cell in row.cells.items() if name != key and not sheet.same(cell, shown[name])}
            elif number := sheet_cells.text(row.cells.get(key)):
                row.vals[key] = number
                if len(re.sub(r"\D", "", number)) > NUMBER_DIGITS:
                    row.errors.append(self.env._("The number %(number)s is too long.", number=number))
            self._sheet_parse(row, lookups)
            if row.record:
                row.vals = {name: value for name, value in row.vals.items() if not holds(row.record, name, value)}

    @api.model
    def _sheet_number(self, rows, dry_run):
        """Numbers are drawn once a file, for rows that can be read; a rehearsal draws none, since they cannot be given back."""
        key = self._sheet_key
        new = [row for row in rows if row.is_new and not row.errors]
        if dry_run:
            numbers = [f"~{row.number}" for row in new]
        else:
            given = [row.vals[key] for row in new if key in row.vals]
            new = [row for row in new if key not in row.vals]
            numbers = self._sheet_draw_numbers(given, len(new))
        for row, number in zip(new, numbers, strict=False):
            row.vals[key] = number

    @api.model
    def _sheet_draw_numbers(self, given, count):
        """`count` new numbers of the form's sequence, which goes on behind those `given` in the file."""
        sequences = self.env["ir.sequence"]
        sequences._skip_used_numbers(self._sheet_sequence, given)
        return sequences._next_numbers(self._sheet_sequence, count) if count else []

    @api.model
    def _sheet_write_rows(self, rows, live, sizes=BATCHES):
        size, *smaller = sizes
        for start in range(0, len(rows), size):
            part = rows[start:start + size]
            try:
                with self.env.cr.savepoint():
                    self._sheet_write(part, live)
            except (UserError, ValueError, psycopg2.IntegrityError, psycopg2.DataError) as error:
                if smaller and len(part) > 1:
                    self._sheet_write_rows(part, live, smaller)
                else:
                    part[0].errors.append(self._sheet_reason(error))
            else:
                self.browse([row.record.id for row in part])._sheet_warn(part)

    @api.model
    def _sheet_reason(self, error):
        if isinstance(error, psycopg2.Error):
            return self._sql_error_to_message(error)
        return str(error).strip()

    @api.model
    def _sheet_write(self, rows, live):
        new = [row for row in rows if row.is_new]
        for row, record in zip(new, self.create([dict(row.vals) for row in new]), strict=True):
            row.record = record
        for row in rows:
            if not row.is_new and row.vals:
                row.record.write(dict(row.vals))
        self.browse([row.record.id for row in rows])._sheet_after_write(rows, live)
