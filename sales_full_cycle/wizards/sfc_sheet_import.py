import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.common import sheet
from ..models.common.sfc_sheet_mixin import ERROR_HEADING

SHOWN_ROWS = 200


class SfcSheetImport(models.TransientModel):
    """Check a form that comes back as XLSX, then import it; failed rows return as the same file with an error column (P11)."""
    _name = "sfc.sheet.import"
    _description = "Import Form"

    res_model = fields.Char("Form", required=True, default="crm.lead")
    file = fields.Binary("Excel file", attachment=False)
    filename = fields.Char()
    live = fields.Boolean(
        "Start clocks and send mails", help="For leads of today. Leave it off for history: then nothing is promised, scored or sent for these rows.")
    state = fields.Selection([("draft", "Choose"), ("checked", "Checked"), ("done", "Imported")], default="draft", readonly=True)
    created_count = fields.Integer("New", readonly=True)
    updated_count = fields.Integer("Updated", readonly=True)
    failed_count = fields.Integer("Failed", readonly=True)
    unknown_headings = fields.Char("Columns not imported", readonly=True)
    line_ids = fields.One2many("sfc.sheet.import.line", "wizard_id", readonly=True)
    error_file = fields.Binary("Rows to correct", attachment=False, readonly=True)
    error_filename = fields.Char(readonly=True)
    record_ids = fields.Json(readonly=True)

    @api.onchange("file", "live")
    def _onchange_file(self):
        self.state = "draft"

    def _form(self):
        """The model of the form.

        :raises AccessError: the user may not create such records
        """
        model = self.env.get(self.res_model)
        if model is None or not hasattr(model, "_sheet_import"):
            raise UserError(self.env._("There is no such form."))
        if not model.has_access("create"):
            raise AccessError(self.env._("You may not import this form. A sales role is needed."))
        return model

    def action_check(self):
        """Rehearse the import; nothing is kept."""
        return self._run(dry_run=True)

    def action_import(self):
        return self._run(dry_run=False)

    def _run(self, dry_run):
        self.ensure_one()
        form = self._form()
        if not self.file:
            raise UserError(self.env._("Choose an Excel file first."))
        content = base64.b64decode(self.file)
        rows, unknown = form._sheet_read(content)
        form._sheet_import(rows, live=self.live, dry_run=dry_run)
        failed = [row for row in rows if row.errors]
        self.write({
            "state": "checked" if dry_run else "done",
            "created_count": sum(row.is_new and not row.errors for row in rows),
            "updated_count": sum(not row.is_new and not row.errors for row in rows),
            "failed_count": len(failed),
            "unknown_headings": ", ".join(unknown),
            "line_ids": [(5,)] + [(0, 0, vals) for vals in self._line_vals(rows)],
            "error_file": base64.b64encode(self._error_file(content, failed)) if failed else False,
            "error_filename": self.env._("Rows to correct - %(name)s", name=self.filename or "sheet.xlsx"),
            "record_ids": [] if dry_run else [row.record.id for row in rows if row.record and not row.errors],
        })
        return self._reopen()

    def _line_vals(self, rows):
        """What is worth reading first: errors, then warnings, then the rest; a list that a person can take in."""
        def rank(row):
            return 0 if row.errors else 1 if row.warnings else 2
        for row in sorted(rows, key=lambda row: (rank(row), row.number))[:SHOWN_ROWS]:
            yield {
                "row_number": row.number,
                "status": "failed" if row.errors else "new" if row.is_new else "updated",
                "name": row.vals.get("partner_name") or row.vals.get("name"),
                "message": "\n".join([*row.errors, *row.warnings]),
            }

    def _error_file(self, content, failed):
        """The failed rows as they came, with what is wrong in one more column."""
        headings, lines = sheet.read(content)
        rows = [[*lines[row.number - 2][:len(headings)], "; ".join(row.errors)] for row in failed]
        heading = str(self.env._(ERROR_HEADING))  # pylint: disable=translation-contains-variable
        if headings and headings[-1] == heading:
            headings, rows = headings[:-1], [[*row[:-2], row[-1]] for row in rows]
        return sheet.write(self._form()._sheet_title(), [*headings, heading], rows)

    def action_template(self):
        """Download the form without rows."""
        self._form()
        return {"type": "ir.actions.act_url", "target": "download", "url": f"/sfc/sheet/{self.res_model}/template"}

    def action_open_records(self):
        """The records that were created or updated."""
        return {
            "type": "ir.actions.act_window", "res_model": self.res_model, "view_mode": "list,form", "name": self.env._("Imported"),
            "domain": [("id", "in", self.record_ids or [])],
        }

    def _reopen(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form", "target": "new",
                "name": self.env._("Import %(form)s", form=self._form()._sheet_title())}


class SfcSheetImportLine(models.TransientModel):
    _name = "sfc.sheet.import.line"
    _description = "Imported Row"

    wizard_id = fields.Many2one("sfc.sheet.import", required=True, ondelete="cascade")
    row_number = fields.Integer("Row")
    status = fields.Selection([("new", "New"), ("updated", "Updated"), ("failed", "Failed")])
    name = fields.Char("Customer")
    message = fields.Text()
