from odoo import api, models

from .sfc_contract_approval import MILESTONE_FIELDS

CONTENT_FIELDS = {*MILESTONE_FIELDS, "contract_id", "sequence"}


class SfcPaymentMilestone(models.Model):
    """Instalments are content of the contract: what changes them before the signature makes its approval out of date (S4.7)."""
    _inherit = "sfc.payment.milestone"

    @api.model_create_multi
    def create(self, vals_list):
        milestones = super().create(vals_list)
        milestones.contract_id._approval_content_changed()
        return milestones

    def write(self, vals):
        contracts = self.contract_id
        result = super().write(vals)
        if not CONTENT_FIELDS.isdisjoint(vals):
            (contracts | self.contract_id)._approval_content_changed()
        return result

    def unlink(self):
        contracts = self.contract_id
        result = super().unlink()
        contracts.exists()._approval_content_changed()
        return result
