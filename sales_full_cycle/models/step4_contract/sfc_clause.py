from odoo import fields, models

CLAUSE_KINDS = [
    ("ours", "Our obligation"), ("theirs", "Customer's obligation"), ("breach", "Breach liability"), ("delivery", "Delivery"), ("payment", "Payment"),
    ("other", "Other"),
]


class SfcClause(models.Model):
    """条款库: a clause that new contracts of some types get (S4.11, D16). A version in use is not rewritten, a new one takes its place."""
    _name = "sfc.clause"
    _description = "Clause template"
    _inherit = ["sfc.standard.mixin"]
    _order = "sequence, id"

    name = fields.Char("Title", required=True, translate=True)
    sequence = fields.Integer("No.", default=10)
    kind = fields.Selection(CLAUSE_KINDS, required=True, default="other", help="我方责任 · 客户责任 · 违约 · 交付 · 付款 · 其他")
    body = fields.Text("Text", required=True, translate=True)
    type_ids = fields.Many2many("sfc.contract.type", string="Contract types", help="Empty: contracts of every type.")
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    version = fields.Integer(default=1, readonly=True, copy=False)
    active = fields.Boolean("In use", default=True)
