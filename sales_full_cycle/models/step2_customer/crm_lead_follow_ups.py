from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.bulk_write import bulk_update


class CrmLead(models.Model):
    """The follow-up records of a deal: how many, where they are, a new one (T5)."""
    _inherit = "crm.lead"

    follow_up_ids = fields.One2many("sfc.follow.up", "lead_id", "Follow-ups")
    follow_up_count = fields.Integer("Follow-up records", compute="_compute_follow_up_count")

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "follow_up_ids": None}

    @api.depends("follow_up_ids")
    def _compute_follow_up_count(self):
        for lead in self:
            lead.follow_up_count = len(lead.follow_up_ids)

    def _merge_dependences(self, opportunities):
        """Records of deals that are merged into this one move along, if they are about the same customer."""
        records = opportunities.sudo().with_context(active_test=False).follow_up_ids  # sudo: whoever may merge the deals
        moved = records.filtered(lambda record: self.customer_profile_id in (record.profile_id, self.env["sfc.customer.profile"]))
        bulk_update(moved, dict.fromkeys(moved.ids, (self.id,)), ["lead_id"])  # no correction by a person: whose record it is stays
        return super()._merge_dependences(opportunities)

    def action_open_follow_ups(self):
        self.ensure_one()
        return self.env["sfc.follow.up"]._records_of([("lead_id", "=", self.id)], self.env._("Follow-up records of %(deal)s", deal=self.name))

    def action_new_follow_up(self):
        """Quick entry with customer, deal and person filled in.

        :raises UserError: nobody knows yet whose deal this is
        """
        self.ensure_one()
        if not self.customer_profile_id:
            raise UserError(self.env._("This deal has no customer yet, and a follow-up record belongs to one. Fill in the customer first."))
        people = self.customer_profile_id.sudo()._own_people(self.partner_id)  # sudo: the company of the person, nothing else
        return self.env["sfc.follow.up"]._quick_entry({"profile_id": self.customer_profile_id.id, "lead_id": self.id, "contact_ids": people.ids})
