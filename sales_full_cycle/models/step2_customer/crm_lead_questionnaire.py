from odoo import api, fields, models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "sfc.questionnaire.mixin"]

    questionnaire_ids = fields.One2many("survey.user_input", "sfc_lead_id", "Questionnaires", readonly=True, groups="survey.group_survey_user")

    def _questionnaire_links(self):
        return self.customer_profile_id, self

    @api.model
    def _questionnaire_key(self):
        return "sfc_lead_id", []
