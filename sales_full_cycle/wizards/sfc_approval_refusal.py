from odoo import fields, models


class SfcApprovalRefusal(models.TransientModel):
    """Asks a reviewer why; the model of the approvals checks who may refuse."""
    _name = "sfc.approval.refusal"
    _description = "Refuse"

    approval_ids = fields.Many2many("sfc.approval", string="Approvals", required=True)
    reason_id = fields.Many2one("sfc.reason", "Reason", required=True, domain=[("kind", "=", "approval_refusal")])
    note = fields.Text("Comment", help="What has to change; the author reads it.")

    def action_apply(self):
        self.ensure_one()
        self.approval_ids.action_refuse(self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
