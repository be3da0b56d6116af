from odoo import api, models

from ..common.bulk_write import bulk_update


class SfcDecisionRole(models.Model):
    """When each person of the decision chain was last talked to: from the follow-up records, never typed (S2.8)."""
    _inherit = "sfc.decision.role"

    @api.model_create_multi
    def create(self, vals_list):
        roles = super().create(vals_list)
        roles._look_back()
        return roles

    def write(self, vals):
        result = super().write(vals)
        if not {"contact_id", "profile_id"}.isdisjoint(vals):
            self._look_back()
        return result

    def _look_back(self):
        """Somebody turns out to have a role: talks with that person count as deep from now on (D7)."""
        roles = self.sudo()  # sudo: also the records of colleagues count
        records = self.env["sfc.follow.up"].sudo().with_context(active_test=False).search([
            ("profile_id", "in", roles.profile_id.ids), ("contact_ids", "in", roles.contact_id.ids)])
        if records:
            roles._refresh_last_contacted()
            self.env.add_to_compute(records._fields["is_deep"], records.filtered(lambda record: not record.is_deep))
            records.profile_id._refresh_cadence()

    def _refresh_last_contacted(self):
        """Local date of the last record with each person; in two queries for all roles."""
        if not self:
            return
        latest = {(profile, person): done_at for profile, person, done_at in self.env["sfc.follow.up"].with_context(active_test=False)._read_group(
            [("profile_id", "in", self.profile_id.ids), ("contact_ids", "in", self.contact_id.ids), ("active", "=", True)],
            ["profile_id", "contact_ids"], ["done_at:max"])}
        dates = {}
        for role in self:
            done_at = latest.get((role.profile_id, role.contact_id))
            dates[role.id] = (done_at and role.profile_id._local_date(done_at),)
        bulk_update(self, dates, ["last_contacted_on"])
