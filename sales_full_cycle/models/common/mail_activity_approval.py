from odoo import api, fields, models
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import UserError


class MailActivity(models.Model):
    """The activity of a reviewer shows that a decision is due; it is no decision: done never approves, and it cannot be put off or given away (P1)."""
    _inherit = "mail.activity"

    sfc_approval_id = fields.Many2one("sfc.approval", "Approval", readonly=True, ondelete="cascade", index="btree_not_null")

    _one_per_reviewer = models.UniqueIndex("(sfc_approval_id, user_id) WHERE sfc_approval_id IS NOT NULL AND active", "This reviewer has been asked already.")

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        if not self.env.su and activities.filtered(lambda activity: activity.sfc_approval_id or activity.activity_category == "sfc_approval"):
            raise UserError(self.env._("An approval is asked for with “Submit for approval” on the document, not with an activity."))
        return activities

    def write(self, vals):
        if vals.keys() & {"user_id", "date_deadline", "activity_type_id", "res_id", "res_model_id", "active", "sfc_approval_id"}:
            self._check_no_approval()
        if vals.get("sfc_approval_id") and not self.env.su:
            raise UserError(self.env._("An approval is asked for with “Submit for approval” on the document, not with an activity."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approval(self):
        self._check_no_approval()

    def _action_done(self, feedback=False, attachment_ids=None):
        self._check_no_approval()
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    def _check_no_approval(self):
        """The engine closes its activities in sudo.

        :raises UserError: an activity in self waits for a decision
        """
        if not self.env.su and (approvals := self.sudo().sfc_approval_id):
            raise UserError(self.env._(
                "%(approval)s waits for a decision: approve or refuse it. Its activity can be neither finished, moved nor deleted; "
                "who is away names a representative in “My Preferences”.", approval=", ".join(approvals.mapped("display_name"))))

    def _to_store_defaults(self, target):
        # sudo: only the number of the approval; the one who is asked may decide
        return [*super()._to_store_defaults(target), Store.Attr("sfc_approval_id", lambda activity: activity.sudo().sfc_approval_id.id)]
