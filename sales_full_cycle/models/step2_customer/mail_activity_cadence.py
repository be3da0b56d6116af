from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    sfc_cadence_profile_id = fields.Many2one(
        "sfc.customer.profile", "Follow-up due for", readonly=True, ondelete="cascade", index="btree_not_null", groups=fields.NO_ACCESS,
        help="Set by the cadence alone.")

    _one_per_due_customer = models.UniqueIndex(
        "(sfc_cadence_profile_id) WHERE sfc_cadence_profile_id IS NOT NULL AND active", "There is already an activity for the due follow-up of this customer.")
