from odoo import api, models

from ..step3_opportunity.sfc_stage_gate import HandbookGate


class SfcStageGate(models.Model):
    _inherit = "sfc.stage.gate"

    @api.model
    def _handbook_gates(self):
        """Odoo's stages go from the proposal to the contract, so what stands before the contract stands there (D11)."""
        return {
            **super()._handbook_gates(),
            "won_prepared": HandbookGate("crm.stage_lead4", "negotiation_prepared"),
            "won_minutes": HandbookGate("crm.stage_lead4", "minutes_confirmed"),
        }
