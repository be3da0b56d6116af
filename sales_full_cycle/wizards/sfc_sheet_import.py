import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

SHOWN_ROWS = 1000
OUTCOMES = [("new", "New"), ("updated", "Updated"), ("unchanged", "Unchanged"), ("failed", "Failed")]


class SfcSheetImport(models.TransientModel):
    """Check a form that comes back as XLSX, then import it; failed rows return as the same file with an error column (P11)."""
    _name = "sfc.sheet.import"
    _description = "Import Form"

    res_model = fields.Char("Form", required=True, default="crm.lead")
    file = fields.Binary("Excel file", attachment=False)
    filename = fields.Char()
    live = fields.Boolean(
        "Start clocks and send mails", help="For what happens today. Leave it off for history: then nothing is promised, scored or sent for these rows.")
    state = fields.Selection([("draft", "Choose"), ("checked", "Checked"), ("done", "Imported")], default="draft", readonly=True)
    created_count = fields.Integer("New", readonly=True)
    updated_count = fields.Integer("Updated", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    failed_count = fields.Integer("Failed", readonly=True)
    warning_count = fields.Integer("With a warning", readonly=True)
    unknown_headings = fields.Char("Columns not imported", readonly=True)
    missing_headings = fields.Char("Columns not in the file", readonly=True)
    line_ids = fields.One2many("sfc.sheet.import.line", "wizard_id", readonly=True)
    hidden_count = fields.Integer("Rows not listed", readonly=True)
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
        content = form._sheet_read(base64.b64decode(self.file))
        form._sheet_import(content.rows, live=self.live, dry_run=dry_run)
        self.line_ids.unlink()
        self.write({
            "state": "checked" if dry_run else "done",
            "unknown_headings": ", ".join(content.unknown), "missing_headings": ", ".join(content.missing),
            **self._result_vals(content.rows, dry_run), **self._error_file_vals(form, content),
        })
        return self._reopen()

    def _result_vals(self, rows, dry_run):
        outcomes = [row.outcome for row in rows]
        return {
            "created_count": outcomes.count("new"), "updated_count": outcomes.count("updated"),
            "unchanged_count": outcomes.count("unchanged"), "failed_count": outcomes.count("failed"),
            "warning_count": sum(bool(row.warnings) and not row.errors for row in rows),
            "line_ids": [(0, 0, vals) for vals in self._line_vals(rows, dry_run)], "hidden_count": max(len(rows) - SHOWN_ROWS, 0),
            "record_ids": [] if dry_run else [row.record.id for row in rows if row.outcome in ("new", "updated")],
        }

    def _line_vals(self, rows, dry_run):
        """What is worth reading first: errors, then warnings, then the rest; a list that a person can take in."""
        def rank(row):
            return 0 if row.errors else 1 if row.warnings else 2
        for row in sorted(rows, key=lambda row: (rank(row), row.number))[:SHOWN_ROWS]:
            yield {
                "row_number": row.number, "status": row.outcome, "message": "\n".join([*row.errors, *row.warnings]),
                "name": row.vals.get("name") or " · ".join(str(cell) for cell in row.raw[:2] if cell),
                "record_id": row.record.id if row.record and not row.errors and not (dry_run and row.is_new) else False,
            }

    def _error_file_vals(self, form, content):
        failed = any(row.errors for row in content.rows)
        return {
            "error_file": base64.b64encode(form._sheet_error_file(content)) if failed else False,
            "error_filename": self.env._("Rows to correct - %(name)s", name=self.filename or "sheet.xlsx"),
        }

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

    wizard_id = fields.Many2one("sfc.sheet.import", required=True, index=True, ondelete="cascade")
    row_number = fields.Integer("Row")
    status = fields.Selection(OUTCOMES)
    name = fields.Char("What")
    message = fields.Text()
    record_id = fields.Integer(readonly=True)

    def action_open(self):
        """The record that the row made or changed."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": self.wizard_id.res_model, "res_id": self.record_id, "view_mode": "form"}
