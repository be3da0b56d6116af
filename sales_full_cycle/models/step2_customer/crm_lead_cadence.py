from odoo import api, models

# Whether a deal is open, whose it is and how urgent.
DEAL_FACTS = {"need_priority", "stage_id", "probability", "active", "won_status", "type", "partner_id", "company_id", "customer_profile_id"}


class CrmLead(models.Model):
    """The highest need priority of the open deals sets the rhythm of the customer (S2.11)."""
    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads.filtered(lambda lead: lead.type == "opportunity").customer_profile_id._deals_changed()
        return leads

    def write(self, vals):
        if DEAL_FACTS.isdisjoint(vals) or self._is_written_one_by_one():
            return super().write(vals)
        before = self.customer_profile_id
        result = super().write(vals)
        (before | self.customer_profile_id)._deals_changed()
        return result

    def _written_together(self):
        result = super()._written_together()
        self.customer_profile_id._deals_changed()
        return result

    def unlink(self):
        profiles = self.customer_profile_id
        result = super().unlink()
        profiles.exists()._deals_changed()
        return result
