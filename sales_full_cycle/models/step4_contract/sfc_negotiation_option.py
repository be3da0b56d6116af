from odoo import fields, models

OPTION_KINDS = [("instalments", "Instalments"), ("bundle", "Other bundle"), ("service", "Service swap"), ("delivery", "Partial deliveries"), ("other", "Other")]


class SfcNegotiationOption(models.Model):
    """备选方案: what we may offer instead (S4.3, D15). Internal: never on the minutes that the customer gets."""
    _name = "sfc.negotiation.option"
    _description = "Fallback option"
    _order = "negotiation_id, sequence, id"

    negotiation_id = fields.Many2one("sfc.negotiation", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char("Option", required=True)
    kind = fields.Selection(OPTION_KINDS, required=True, default="instalments")
    description = fields.Text()
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True)
