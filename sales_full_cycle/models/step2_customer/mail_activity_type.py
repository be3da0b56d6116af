from odoo import api, fields, models

from .sfc_follow_up import METHODS

METHOD_BY_CATEGORY = {"phonecall": "call", "meeting": "visit"}


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    follow_up_method = fields.Selection(
        METHODS, "Writes a follow-up record", compute="_compute_follow_up_method", store=True, readonly=False,
        help="Marking such an activity of a customer or deal as done writes a follow-up record with this method. Empty: none.")

    @api.depends("category")
    def _compute_follow_up_method(self):
        """Calls and meetings are contacts with the customer; of the other types somebody decides."""
        for activity_type in self:
            activity_type.follow_up_method = METHOD_BY_CATEGORY.get(activity_type.category, activity_type.follow_up_method)
