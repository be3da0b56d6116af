from odoo import fields, models


class ResUsers(models.Model):
    """A reviewer who is away is represented, one who has left is replaced: no document waits for somebody who is not there (P2)."""
    _inherit = "res.users"

    approval_delegate_id = fields.Many2one(
        "res.users", "Represented in approvals by", domain="[('share', '=', False), ('id', '!=', id)]", ondelete="set null",
        help="Decides about approvals while you are absent, and when your user is archived.")
    approval_absent_until = fields.Date("Absent until", help="Until then (this day included) your representative decides about approvals.")
    approval_reminded_on = fields.Date(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["approval_delegate_id", "approval_absent_until"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["approval_delegate_id", "approval_absent_until"]

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"approval_delegate_id", "approval_absent_until"} or vals.get("active", True) is False:
            self._reroute_approvals()
        return result

    def _reroute_approvals(self):
        """What waits for these users is asked of whoever decides now."""
        # sudo: whoever changes a user need not see what waits for that user
        self.env["sfc.approval"].sudo().search([("state", "=", "pending"), ("reviewer_ids", "in", self.ids)])._route()

    def _approval_absent(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        return not self.active or bool(self.approval_absent_until and self.approval_absent_until >= today)

    def _approval_present(self):
        """The users in self who are there, and for the others who represents them (a representative who is away, too, has one as well)."""
        present, seen, asked = self.browse(), self.browse(), self
        while asked:
            absent = asked.filtered(lambda user: user._approval_absent())
            present |= asked - absent
            seen |= asked
            asked = absent.approval_delegate_id - seen
        return present

    def _approval_able(self, document):
        """Employees of the document's company in self who have the right to read such documents at all."""
        return self.filtered(
            lambda user: user.active and not user.share and document.company_id in user.company_ids and user.id != self.env.ref("base.user_root").id
            and document.browse().with_user(user).has_access("read"))
