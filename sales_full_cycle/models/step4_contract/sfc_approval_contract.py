from odoo import api, fields, models


class SfcApproval(models.Model):
    """Approvals of this step's documents: contracts (legal review) and floors that are looser than the grade's (D10)."""
    _inherit = "sfc.approval"

    contract_id = fields.Many2one("sfc.contract", readonly=True, index="btree_not_null", ondelete="cascade")
    floor_id = fields.Many2one("sfc.negotiation.floor", "Floor of", readonly=True, index="btree_not_null", ondelete="cascade")

    _one_document = models.Constraint("CHECK (num_nonnulls(sale_order_id, contract_id, floor_id) = 1)", "An approval is about exactly one document.")
    _one_open_per_contract = models.UniqueIndex(
        "(contract_id, rule_id) WHERE state IN ('waiting', 'pending')", "This contract waits for this approval already.")
    _one_open_per_floor = models.UniqueIndex(
        "(floor_id, rule_id) WHERE state IN ('waiting', 'pending')", "This floor waits for this approval already.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "contract_id", "floor_id"]
