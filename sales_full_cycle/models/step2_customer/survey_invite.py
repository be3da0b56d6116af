from odoo import fields, models


class SurveyInvite(models.TransientModel):
    """An invitation about a customer makes answers that belong to it; who was invited and has not answered gets the same link again."""
    _inherit = "survey.invite"

    sfc_profile_id = fields.Many2one("sfc.customer.profile", "Customer")
    sfc_lead_id = fields.Many2one("crm.lead", "Deal")

    def _get_answers_values(self):
        links = {"sfc_profile_id": self.sfc_profile_id.id, "sfc_lead_id": self.sfc_lead_id.id} if self.sfc_profile_id else {}
        return {**super()._get_answers_values(), **links}

    def _get_done_partners_emails(self, existing_answers):
        if self.sfc_profile_id:
            existing_answers = existing_answers._still_open_for(self.sfc_profile_id, self.sfc_lead_id)
        return super()._get_done_partners_emails(existing_answers)
