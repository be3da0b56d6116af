from odoo import SUPERUSER_ID, api, fields, models


class SfcApproval(models.Model):
    """Approvals of kind floor: known to their reviewers, the sales managers and the owner of the deal (security/ir_rule_step4.xml), to nobody else.

    So they are their own desk: activity, questions and comments hang on them. On a quotation others read that it was approved or refused, not why it
    had to be.
    """
    _inherit = "sfc.approval"

    floor_distance = fields.Text("Against the floor", compute="_compute_floor_distance", help="How far the quotation is from the floor of the deal.")

    @api.depends_context("uid", "lang")
    @api.depends("sale_order_id")
    def _compute_floor_distance(self):
        for approval in self:
            approval.floor_distance = approval.sale_order_id._floor_distance_words() if approval.sale_order_id else False

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever submits a proposal neither follows nor has written an approval that he may not read."""
        approvals = super().create(vals_list)
        for approval in approvals:
            if approval._voice().env.uid != self.env.uid:
                approval.message_ids.unlink()
                approval.message_unsubscribe(self.env.user.partner_id.ids)
        return approvals

    def _is_secret(self):
        self.ensure_one()
        return self.kind == "floor"

    def _desk(self):
        return self if self._is_secret() else super()._desk()

    def _voice(self):
        """The system asks, where the user may not know of it."""
        hidden = self._is_secret() and not self._document()._approval_lead().with_user(self.env.user)._may_read_floor()
        return self.with_user(SUPERUSER_ID) if hidden else super()._voice()

    def _told_name(self):
        return self.env._("Approval") if self._is_secret() else super()._told_name()

    def _askers(self):
        """Whoever may read it, and the owner of the deal."""
        users = super()._askers()
        if not self._is_secret():
            return users
        deal = self._document()._approval_lead()
        return (users | deal.user_id).filtered(lambda user: deal.with_user(user)._may_read_floor())

    def _sla_party(self):
        """Without team: no leader is told that it is late."""
        party = super()._sla_party()
        return {**party, "team_id": False} if self._is_secret() else party

    def _tell_decision(self):
        result = super()._tell_decision()
        if self._is_secret() and self.sale_order_id:
            words = {
                "approved": self.env._("Approved"),
                "refused": self.env._("Refused (%(reason)s)", reason=self.reason_id.name),
            }[self.state]
            self._post_note(words, None, (self.submitted_by_id | self.user_id) - self._askers(), desk=self.sale_order_id)
        return result
