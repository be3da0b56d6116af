from odoo import api, models

from .sfc_stage_gate import HandbookGate


class SfcStageGate(models.Model):
    _inherit = "sfc.stage.gate"

    @api.model
    def _handbook_gates(self):
        """A deal is won with a proposal that was approved and given to the customer (S3.11, S3.15)."""
        return {
            **super()._handbook_gates(),
            "won_approved": HandbookGate("crm.stage_lead4", "proposal_approved"),
            "won_sent": HandbookGate("crm.stage_lead4", "proposal_sent"),
        }
