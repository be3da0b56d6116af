from odoo import api, fields, models


class SfcCustomerProfile(models.Model):
    _name = "sfc.customer.profile"
    _inherit = ["sfc.customer.profile", "sfc.questionnaire.mixin"]

    questionnaire_ids = fields.One2many("survey.user_input", "sfc_profile_id", "Questionnaires", readonly=True, groups="survey.group_survey_user")

    def _questionnaire_links(self):
        return self, self.env["crm.lead"]

    @api.model
    def _questionnaire_key(self):
        """Those about a deal are confirmed on the deal."""
        return "sfc_profile_id", [("sfc_lead_id", "=", False)]

    @api.model
    def _absorbed_fields(self):
        return [*super()._absorbed_fields(), "questionnaire_ids"]
