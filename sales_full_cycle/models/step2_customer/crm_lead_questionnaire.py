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

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "questionnaire_ids": None}

    def _waiting_answers(self):
        asked = self.filtered(lambda lead: lead.sudo().questionnaire_ids)  # sudo: as the answers; most deals have none
        return super(CrmLead, asked)._waiting_answers() if asked else self.env["survey.user_input"].sudo()
