from datetime import datetime

import pytz

from odoo import api, models
from odoo.fields import Domain

from . import sheet, sheet_cells
from .sheet_cells import comparable

HANDBOOK_LANGUAGES = {"en_US", "zh_CN"}


class SfcSheetMixin(models.AbstractModel):
    """A form that goes out as XLSX and comes back (ahead 14). An adopter declares columns, values and how they are read.

    This file: the declaration and the way out. sfc_sheet_mixin_import.py: the way back.
    """
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

    @api.model
    def _sheet_fields(self):
        """Stored fields that _sheet_values reads, so that an export fetches nothing else."""
        return []

    def _sheet_values(self):
        """Values of one record, by column key."""
        return {}

    @api.model
    def _sheet_domain(self):
        """What is exported when nothing is selected."""
        return Domain.TRUE

    # === HEADINGS === #

    @api.model
    def _sheet_headings(self):
        return [sheet.heading(self.env._(column.heading)) for column in self._sheet_columns()]  # pylint: disable=translation-contains-variable

    @api.model
    def _sheet_headings_by_key(self):
        return dict(zip((column.key for column in self._sheet_columns()), self._sheet_headings(), strict=True))

    @api.model
    def _sheet_spellings(self, term):
        """Comparable spellings of a lazily translated term: those of the handbook and of every installed language."""
        languages = HANDBOOK_LANGUAGES | dict(self.env["res.lang"].get_installed()).keys()
        return {comparable(sheet.heading(term._translate(language))) for language in languages}

    @api.model
    def _sheet_keys_by_heading(self):
        """{comparable heading: column key}, whatever the reader's language."""
        return {spelling: column.key for column in self._sheet_columns() for spelling in self._sheet_spellings(column.heading)}

    # === EXPORT === #

    def _sheet_export(self, batch=1000):
        """Bytes of the workbook with the records of self, in the reader's language and time zone; read in batches."""
        columns = self._sheet_columns()
        return sheet.write(
            self._sheet_title(), self._sheet_headings(), self._sheet_lines(columns, batch), [column.width for column in columns])

    def _sheet_lines(self, columns, batch):
        for start in range(0, len(self), batch):
            records = self[start:start + batch].with_prefetch()
            records.fetch(self._sheet_fields())
            for record in records:
                values = record._sheet_values()
                yield [values.get(column.key) for column in columns]
            records.invalidate_recordset()

    def action_export_sheet(self):
        """Download the selected records as the handbook's form; without a selection, those that the list shows."""
        self.check_access("read")
        records = self or self.search(self.env.context.get("active_domain") or self._sheet_domain())
        selection = self.env["sfc.sheet.export"].create({"res_model": self._name, "record_ids": records.ids})
        return {"type": "ir.actions.act_url", "target": "download", "url": f"/sfc/sheet/{self._name}/export?selection={selection.id}"}

    @api.model
    def _sheet_template(self):
        """The empty form, as an entry of Odoo's own import dialog."""
        return {"label": self._sheet_title(), "template": f"/sfc/sheet/{self._name}/template"}

    @api.model
    def get_import_templates(self):
        return [self._sheet_template(), *super().get_import_templates()]

    # === PAPER === #

    def _sheet_printed(self):
        """Values of one record as text for paper, by column key."""
        language = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        return {key: self._sheet_print(value, language) for key, value in self._sheet_values().items()}

    @api.model
    def _sheet_print(self, value, language):
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return language.format("%d" if value == int(value) else "%.2f", value, grouping=True)
        return sheet_cells.text(value)

    @api.model
    def _sheet_local(self, moment):
        """A stored moment as the reader's clock shows it."""
        return moment and pytz.utc.localize(moment).astimezone(self.env.tz).replace(tzinfo=None)
