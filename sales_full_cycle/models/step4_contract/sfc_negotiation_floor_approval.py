from math import inf

from odoo import fields, models

from .sfc_negotiation_floor import APPROVED, ASKED


class SfcNegotiationFloor(models.Model):
    """A floor that is looser than the grade's is in force when a sales manager has approved it (D10, D15).

    The approval knows the number of the revision and not one figure: snapshots, differences and messages are read by more people than a floor is.
    """
    _name = "sfc.negotiation.floor"
    _inherit = ["sfc.negotiation.floor", "sfc.approval.mixin"]
    _approval_fk = "floor_id"

    approval_ids = fields.One2many("sfc.approval", "floor_id", "Approvals")

    def _approval_kinds(self):
        return [*super()._approval_kinds(), *(["floor"] if self._asks_for_more() else [])]

    def _approval_content(self):
        return {**super()._approval_content(), "revision": self.revision}

    def _approval_matching(self, rules):
        """Thresholds of amount, discount and term are about quotations: a floor is looser or it is not."""
        anything = {"amount": inf, "discount": inf, "payment_days": inf}
        return rules.filtered(lambda rule: rule._matches(self.company_id, self._approval_team(), anything))

    def _approval_difference_html(self, old, new):
        """A manager sees the figures on the floor itself."""
        return False

    def _approval_team(self):
        return self.lead_id.team_id

    def _approval_lead(self):
        return self.lead_id

    def _approval_authors(self):
        """Whose floor it is and who entered it; not who opened it first."""
        return self.user_id | self.asked_by_id

    def _approval_tell_outdated(self):
        """No record to note it on but the approvals: the floor shows it."""

    def action_submit_for_approval(self):
        """Where no rule asks for an approval, what was asked is in force now."""
        self.check_access("write")
        free = self.filtered(lambda floor: floor._asks_for_more() and not floor._approval_rules())
        free._approval_approved()
        rest = self - free
        return super(SfcNegotiationFloor, rest).action_submit_for_approval() if rest else True

    def _approval_approved(self):
        result = super()._approval_approved()
        for floor in self.sudo():  # sudo: approved figures are the approval's alone
            floor.write({
                **{approved: floor[asked] for approved, asked in zip(APPROVED, ASKED, strict=True)}, "approved_at": fields.Datetime.now()})
        self._guard_changed()
        return result
