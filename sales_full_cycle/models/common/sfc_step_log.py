from odoo import fields, models

# The spine of a deal, in order (design.md section 4).
CYCLE_STEPS = [
    ("captured", "Captured"), ("screened", "Screened"), ("qualified", "Needs clear"), ("evaluated", "Evaluated"),
    ("proposed", "Proposal submitted"), ("negotiating", "Negotiating"), ("signed", "Contract signed"),
    ("delivering", "Delivering"), ("accepted", "Accepted"), ("serviced", "After-sales"),
]


class SfcStepLog(models.Model):
    """When a deal entered and left each step; written by crm.lead._sync_cycle_step() alone."""
    _name = "sfc.step.log"
    _description = "Cycle Step Log"
    _order = "entered_at, id"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, index=True, ondelete="cascade")
    step = fields.Selection(CYCLE_STEPS, required=True, readonly=True)
    entered_at = fields.Datetime("Entered", required=True, readonly=True)
    left_at = fields.Datetime("Left", readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    origin = fields.Selection([("fact", "Recorded in the system"), ("import", "Imported")], default="fact", required=True, readonly=True)

    _one_open = models.UniqueIndex("(lead_id) WHERE left_at IS NULL", "A deal is in one step at a time.")
