from markupsafe import Markup

from odoo import models
from odoo.tools import format_date, format_datetime, html2plaintext
from odoo.tools.misc import formatLang

from .approval_content import ROW_ID, differences


class SfcApprovalMixin(models.AbstractModel):
    """What has changed since the reviewers saw the document last: field, old, new per line, removed lines included (S3.11)."""
    _inherit = "sfc.approval.mixin"

    def _approval_baseline(self, approvals):
        """Newest submission among the approvals that was approved by all, else the newest; one approval of it, with its content."""
        submissions = sorted(approvals.grouped("submission").items(), reverse=True)
        whole = [rows for _number, rows in submissions if all(approval.state == "approved" for approval in rows)]
        return next(iter(whole or [rows for _number, rows in submissions]), approvals.browse())[:1]

    def _approval_last_known(self):
        """What the present content is compared with: the last approved one, else the last that was submitted with another content."""
        self.ensure_one()
        approvals = self.sudo()._approval_rows()  # sudo: who may read the document may read what it was
        if approvals and not self.approval_content_hash:
            now = self._approval_hash()
            approvals = approvals.filtered(lambda approval: approval.content_hash != now)
        return self._approval_baseline(approvals)

    def _approval_difference(self):
        """[{"line", "field", "old", "new", "change": changed / added / removed}] against the last approved (else submitted) content, in words."""
        self.ensure_one()
        baseline = self._approval_last_known()
        return self._approval_changes(baseline.content, self._approval_canonical()) if baseline else []

    def _approval_difference_html(self, old, new):
        changes = self._approval_changes(old, new)
        return self.env["ir.qweb"]._render("sales_full_cycle.approval_difference", {"changes": changes}) or Markup("")

    def _approval_changes(self, old, new):
        return [self._approval_change(*change) for change in differences(old, new)]

    def _approval_change(self, key, before, after, name, old, new):
        """One change in the reader's words."""
        if before is None and after is None and name != ROW_ID:
            return {"line": "", "field": self._approval_label(self, key), "change": "changed", **self._approval_old_new(self, key, old, new)}
        rows = self.env[self._fields[key].comodel_name] if key in self._fields else self
        line = self._approval_row_name(rows, after or before) if before or after else ""
        if name == ROW_ID:
            return {"line": line, "field": self.env._("Order of the lines"), "old": "", "new": "", "change": "changed"}
        if name is None:
            words = self._approval_row_words(rows, after or before)
            return {"line": line, "field": self._approval_label(self, key), "change": "added" if before is None else "removed",
                    "old": words if after is None else "", "new": words if before is None else ""}
        return {"line": line, "field": self._approval_label(rows, name), "change": "changed", **self._approval_old_new(rows, name, old, new)}

    def _approval_old_new(self, model, key, old, new):
        return {"old": self._approval_words(model, key, old), "new": self._approval_words(model, key, new)}

    def _approval_label(self, model, key):
        field = model._fields.get(key)
        return field.get_description(self.env, ["string"])["string"] if field else key

    def _approval_row_name(self, rows, row):
        """How the reader recognizes a line: by its text."""
        name = next((row[key] for key in ("name", "display_name", "description") if row.get(key)), "")
        return name.splitlines()[0] if name else self.env._("Line")

    def _approval_row_words(self, rows, row):
        """Values of an added or removed line."""
        return ", ".join(
            f"{self._approval_label(rows, key)}: {self._approval_words(rows, key, value)}"
            for key, value in row.items() if key not in (ROW_ID, "name") and value not in (None, False, [], 0))

    def _approval_words(self, model, key, value):
        """A canonical value as the reader writes it."""
        field = model._fields.get(key)
        if value is None or value == [] or field is None:
            return "" if value is None or value == [] else str(value)
        if field.relational:
            ids = value if isinstance(value, list) else [value]
            # sudo: the name of what the document refers to; who may read the document may know it
            return ", ".join(self.env[field.comodel_name].sudo().browse(ids).exists().mapped("display_name"))
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        formats = {
            "boolean": lambda: self.env._("Yes") if value else self.env._("No"),
            "float": lambda: formatLang(self.env, value, digits=(field.get_digits(self.env) or (16, 2))[1]),
            "monetary": lambda: formatLang(self.env, value, digits=2),
            "date": lambda: format_date(self.env, value),
            "datetime": lambda: format_datetime(self.env, value),
            "html": lambda: html2plaintext(value),
        }
        return formats.get(field.type, lambda: str(value))()
