from odoo import models


class CrmLead2opportunityPartnerMass(models.TransientModel):
    _inherit = "crm.lead2opportunity.partner.mass"

    def action_mass_convert(self):
        """Odoo converts lead by lead; customers and steps follow together."""
        result = super(CrmLead2opportunityPartnerMass, self.with_context(sfc_no_step_sync=True)).action_mass_convert()
        self.env["crm.lead"].browse(self.env.context.get("active_ids", [])).exists()._written_together()
        return result
