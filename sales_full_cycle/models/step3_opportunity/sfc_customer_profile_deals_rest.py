from odoo import fields, models

from ..common.bulk_write import bulk_update


class SfcCustomerProfile(models.Model):
    """The cadence is the customer's: it rests only while every open deal is paused (S3.6)."""
    _inherit = "sfc.customer.profile"

    deals_rest_until = fields.Date("All deals paused until", readonly=True, copy=False, help="The first day on which one of them goes on.")
    has_paused_deals = fields.Boolean(readonly=True, copy=False)

    def _follow_up_rests_until(self):
        return max(filter(None, (super()._follow_up_rests_until(), self.deals_rest_until)), default=False)

    def _refresh_deals_rest(self):
        """Derive the rest from the open deals; the one writer of it. A fixed number of queries."""
        profiles = self.sudo()  # sudo: also deals of colleagues keep a customer awake
        if not profiles:
            return
        rows = profiles.env["crm.lead"]._read_group(
            [("customer_profile_id", "in", profiles.ids), ("type", "=", "opportunity"), ("won_status", "=", "pending"), ("active", "=", True)],
            ["customer_profile_id"], ["deal_paused_until:min", "deal_paused_until:count", "__count"])
        found = {profile.id: (until if paused == deals else False, bool(paused)) for profile, until, paused, deals in rows}
        before = {profile: profile.deals_rest_until for profile in profiles}
        bulk_update(profiles, {profile.id: found.get(profile.id, (False, False)) for profile in profiles}, ["deals_rest_until", "has_paused_deals"])
        profiles.filtered(lambda profile: profile.deals_rest_until != before[profile])._refresh_cadence()

    def _deals_changed(self):
        """A deal that opens ends the rest, the last active one that closes begins it; customers without paused deals pay nothing for it."""
        self.sudo().filtered("has_paused_deals")._refresh_deals_rest()
        return super()._deals_changed()

    def _absorb(self, other):
        result = super()._absorb(other)
        self._refresh_deals_rest()
        return result
