from odoo import api, fields, models


class SfcDocumentRow(models.AbstractModel):
    """A row of an engine that belongs to exactly one document, through a foreign key that each adopting step adds (design.md section 5)."""
    _name = "sfc.document.row"
    _description = "Row about a document"

    document_name = fields.Char("Document", compute="_compute_document_name")

    def _compute_document_name(self):
        for row in self:
            row.document_name = row._document().sudo().display_name  # sudo: who may read the row may know what it is about

    @api.model
    def _document_fields(self):
        """Hook: the foreign keys; each adopting step adds its own."""
        return []

    def _document(self):
        self.ensure_one()
        return next((self[fname] for fname in self._document_fields() if self[fname]), self.browse())

    def _documents(self):
        """The documents of the rows in self, one recordset a model."""
        for fname in self._document_fields():
            if documents := self[fname]:
                yield documents

    def action_open_document(self):
        self.ensure_one()
        document = self._document()
        return {"type": "ir.actions.act_window", "res_model": document._name, "res_id": document.id, "view_mode": "form"}
