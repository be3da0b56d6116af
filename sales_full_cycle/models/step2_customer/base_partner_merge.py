from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts keeps the history of all of them: Odoo deletes rows that would violate a unique index, and a customer sheet is one."""
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: whoever may merge contacts merges their sheets in every company
        profiles = self.env["sfc.customer.profile"].sudo().with_context(active_test=False)
        kept = {profile.company_id: profile for profile in profiles.search([("partner_id", "=", dst_partner.id)])}
        for profile in profiles.search([("partner_id", "in", src_partners.ids)], order="id"):
            if profile.company_id in kept:
                kept[profile.company_id]._absorb(profile)
            else:
                kept[profile.company_id] = profile  # moves along with the other foreign keys
        self.env.flush_all()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        # rows were moved by SQL: what is known of the people is known of the one who stays
        self.env.invalidate_all()
        self.env["sfc.decision.role"].sudo().search([("contact_id", "=", dst_partner.id)])._refresh_last_contacted()
        profiles.union(*kept.values())._refresh_cadence()
        return result
