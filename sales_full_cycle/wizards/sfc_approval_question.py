from odoo import fields, models
from odoo.exceptions import UserError


class SfcApprovalQuestion(models.TransientModel):
    """A reviewer asks the author before deciding; the approval goes on waiting."""
    _name = "sfc.approval.question"
    _description = "Ask the Author"

    approval_ids = fields.Many2many("sfc.approval", string="Approvals", required=True)
    question = fields.Text(required=True)

    def action_apply(self):
        self.ensure_one()
        question = (self.question or "").strip()
        if not question:
            raise UserError(self.env._("Write your question."))
        self.approval_ids._ask_author(question)
        return {"type": "ir.actions.act_window_close"}
