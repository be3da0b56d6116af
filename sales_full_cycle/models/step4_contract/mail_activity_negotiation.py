from odoo import fields, models


class MailActivity(models.Model):
    """What a negotiation left open (S4.6)."""
    _inherit = "mail.activity"

    sfc_negotiation_line_id = fields.Many2one(
        "sfc.negotiation.line", "Open topic", readonly=True, ondelete="cascade", index="btree_not_null", groups=fields.NO_ACCESS,
        help="Set when minutes are confirmed.")

    # ever: also when it is done
    _one_per_open_topic = models.UniqueIndex(
        "(sfc_negotiation_line_id) WHERE sfc_negotiation_line_id IS NOT NULL", "There is already an activity for this topic of the negotiation.")
