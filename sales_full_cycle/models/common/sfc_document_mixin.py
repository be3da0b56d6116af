from odoo import api, fields, models


class SfcDocumentMixin(models.AbstractModel):
    """A document of a deal with a number of its company (design.md section 5, D21): declare `_number_code` and a unique index over company and number."""
    _name = "sfc.document.mixin"
    _description = "Document of a deal"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _rec_name = "number"

    _number_code = None  # code of the number sequence

    number = fields.Char("No.", readonly=True, copy=False, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company)
    author_id = fields.Many2one("res.users", "Entered by", default=lambda self: self.env.user, copy=False, readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [{**vals, "company_id": self._document_company(vals)} for vals in vals_list]
        self._number_new(vals_list)
        return super().create(vals_list)

    @api.model
    def _document_company(self, vals):
        """The company of a new document: the one given, else that of the deal, else the current one."""
        lead_id = vals.get("lead_id") or self.env.context.get("default_lead_id")
        # sudo: the company of any deal; whether the user may write about it is asked elsewhere
        return vals.get("company_id") or self.env["crm.lead"].sudo().browse(lead_id or ()).company_id.id or self.env.company.id

    @api.model
    def _number_new(self, vals_list):
        self.env["ir.sequence"]._fill_company_numbers(self._number_code, "number", vals_list)
