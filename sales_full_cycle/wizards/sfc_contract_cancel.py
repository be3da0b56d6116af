from odoo import fields, models

from ..models.step4_contract.sfc_contract import IN_FORCE


class SfcContractCancel(models.TransientModel):
    """Why a contract is given up. The contract checks who may."""
    _name = "sfc.contract.cancel"
    _description = "Cancel a Contract"

    contract_id = fields.Many2one("sfc.contract", required=True, readonly=True)
    in_force = fields.Boolean(compute="_compute_in_force")
    reason_id = fields.Many2one("sfc.reason", domain=[("kind", "=", "contract_cancel")])
    note = fields.Text("Remark")

    def _compute_in_force(self):
        for wizard in self:
            wizard.in_force = wizard.contract_id.state in IN_FORCE

    def action_apply(self):
        self.ensure_one()
        self.contract_id.action_cancel(self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
