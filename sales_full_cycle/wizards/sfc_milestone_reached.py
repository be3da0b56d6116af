from odoo import fields, models


class SfcMilestoneReached(models.TransientModel):
    """Since when an instalment is to be invoiced, and how we know (ahead 9)."""
    _name = "sfc.milestone.reached"
    _description = "What an instalment waits for has happened"

    milestone_ids = fields.Many2many("sfc.payment.milestone", string="Instalments", required=True, readonly=True)
    reached_on = fields.Date("Happened on", required=True, default=fields.Date.context_today)
    note = fields.Text("Evidence", required=True)

    def action_apply(self):
        """The instalments check who says so."""
        self.ensure_one()
        self.milestone_ids._mark_reached(self.reached_on, self.note)
        return {"type": "ir.actions.act_window_close"}
