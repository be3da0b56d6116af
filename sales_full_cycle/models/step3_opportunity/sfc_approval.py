from odoo import api, fields, models


class SfcApproval(models.Model):
    _inherit = "sfc.approval"

    sale_order_id = fields.Many2one("sale.order", "Quotation", readonly=True, index="btree_not_null", ondelete="cascade")

    # sudo, as a related field reads: a reviewer need not see the deal, but has to know what it is worth (S3.5)
    deal_strength = fields.Selection(related="lead_id.opportunity_strength", string="Strength of the deal")
    delivery_lead_days = fields.Integer(related="sale_order_id.delivery_lead_days")

    # A later step that has documents of its own repeats this one with its foreign key added.
    _one_document = models.Constraint("CHECK (num_nonnulls(sale_order_id) = 1)", "An approval is about exactly one document.")
    _one_open_per_order = models.UniqueIndex(
        "(sale_order_id, rule_id) WHERE state IN ('waiting', 'pending')", "This quotation waits for this approval already.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "sale_order_id"]
