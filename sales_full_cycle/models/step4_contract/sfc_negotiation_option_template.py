from odoo import api, fields, models

from .sfc_negotiation_option import OPTION_KINDS


class SfcNegotiationOptionTemplate(models.Model):
    """备选方案库: a fallback option that the first round of each deal is prepared with (S4.3, D15)."""
    _name = "sfc.negotiation.option.template"
    _description = "Fallback option of the library"
    _order = "sequence, id"

    name = fields.Char("Option", required=True, translate=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(OPTION_KINDS, required=True, default="instalments")
    description = fields.Text(translate=True)
    payment_term_id = fields.Many2one("account.payment.term", "Payment term", help="What a quotation made from the option gets.")
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    active = fields.Boolean("In use", default=True)

    @api.model
    def _prepare_options(self, company):
        """Values of the options of a first round about a deal of the company, in the reader's language."""
        return [
            {"sequence": option.sequence, "name": option.name, "kind": option.kind, "description": option.description,
             "payment_term_id": option.payment_term_id.id}
            for option in self.search([("company_id", "in", [False, company.id])])]
