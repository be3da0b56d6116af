from odoo import api, fields, models


class SfcCustomerProfile(models.Model):
    """The follow-up records of a customer: how many, where they are, a new one (T5)."""
    _inherit = "sfc.customer.profile"

    follow_up_count = fields.Integer("Follow-up records", compute="_compute_follow_up_count")

    @api.depends("follow_up_ids")
    def _compute_follow_up_count(self):
        counts = dict(self.env["sfc.follow.up"]._read_group([("profile_id", "in", self.ids)], ["profile_id"], ["__count"]))
        for profile in self:
            profile.follow_up_count = counts.get(profile._origin, 0)

    def _own_people(self, partners):
        """Those of the partners who are people of this customer, not the company itself."""
        return partners.filtered(lambda person: not person.is_company and person.commercial_partner_id == self.partner_id)

    def action_open_follow_ups(self):
        self.ensure_one()
        return self.env["sfc.follow.up"]._records_of([("profile_id", "=", self.id)], self.env._("Follow-up records of %(customer)s", customer=self.name))

    def action_new_follow_up(self):
        self.ensure_one()
        return self.env["sfc.follow.up"]._quick_entry({"profile_id": self.id})
