from odoo import fields, models


class SfcAssignmentLog(models.Model):
    """Who had a customer or a deal, since when, and how it changed hands; the engine is the only writer (ahead 15, P14)."""
    _name = "sfc.assignment.log"
    _description = "Assignment History"
    _order = "id desc"

    profile_id = fields.Many2one("sfc.customer.profile", "Customer", readonly=True, index="btree_not_null", ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", "Deal", readonly=True, index="btree_not_null", ondelete="cascade")
    kind = fields.Selection([
        ("assigned", "Assigned"), ("pool", "Returned to the pool"), ("claim", "Claimed"), ("handover", "Handed over"),
    ], "How", required=True, readonly=True)
    from_user_id = fields.Many2one("res.users", "From", readonly=True)
    to_user_id = fields.Many2one("res.users", "To", readonly=True)
    note = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, default=lambda self: self.env.user)
    at = fields.Datetime("When", readonly=True, default=fields.Datetime.now)
