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
        return super()._update_foreign_keys(src_partners, dst_partner)
