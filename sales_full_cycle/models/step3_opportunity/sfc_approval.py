from odoo import api, fields, models


class SfcApproval(models.Model):
    _inherit = "sfc.approval"

    sale_order_id = fields.Many2one("sale.order", "Quotation", readonly=True, index="btree_not_null", ondelete="cascade")

    deal_strength = fields.Char("Strength of the deal", compute="_compute_deal_strength")

    # A later step that has documents of its own repeats this one with its foreign key added.
    _one_document = models.Constraint("CHECK (num_nonnulls(sale_order_id) = 1)", "An approval is about exactly one document.")
    _one_open_per_order = models.UniqueIndex(
        "(sale_order_id, rule_id) WHERE state IN ('waiting', 'pending')", "This quotation waits for this approval already.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "sale_order_id"]

    @api.depends_context("lang")
    @api.depends("lead_id")
    def _compute_deal_strength(self):
        """强 / 中 / 弱 as the deal is evaluated now (S3.5)."""
        field = self.env["crm.lead"]._fields.get("opportunity_strength")
        words = dict(field._description_selection(self.env)) if field else {}
        for approval in self:
            # sudo: a reviewer need not see the deal, but has to know what it is worth
            approval.deal_strength = words.get(approval.lead_id.sudo().opportunity_strength) if field else False
