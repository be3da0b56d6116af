from odoo import api, fields, models
from odoo.exceptions import UserError


class SfcQuestionnaireMixin(models.AbstractModel):
    """需求调研问卷 from a deal or a customer: send it, fill it in together, confirm the answers (S2.7, D8)."""
    _name = "sfc.questionnaire.mixin"
    _description = "Document with a needs questionnaire"

    waiting_answer_count = fields.Integer("Answers to confirm", compute="_compute_waiting_answer_count", compute_sudo=True)

    def _questionnaire_links(self):
        """To be declared: (customer sheet, deal) that answers belong to."""
        return self.env["sfc.customer.profile"], self.env["crm.lead"]

    @api.model
    def _questionnaire_key(self):
        """To be declared: field of survey.user_input that holds this document, and the rest of the domain."""
        return "sfc_lead_id", []

    def _waiting_answers(self):
        """Answered, and nobody confirmed it; the oldest first. In sudo: they are read through the confirmation only."""
        fname, more = self._questionnaire_key()
        return self.env["survey.user_input"].sudo().search(
            [(fname, "in", self.ids), ("state", "=", "done"), ("test_entry", "=", False), ("sfc_confirmed_at", "=", False), *more],
            order="end_datetime, id")

    @api.depends_context("uid")
    def _compute_waiting_answer_count(self):
        fname, _more = self._questionnaire_key()
        waiting = self._waiting_answers().grouped(fname)
        for document in self:
            document.waiting_answer_count = len(waiting.get(document._origin, ()))

    def _check_questionnaire(self):
        """(customer, deal, questionnaire in sudo) for whoever may change the document.

        :raises UserError: no customer, or no questionnaire
        """
        self.ensure_one()
        self.check_access("write")
        profile, lead = self._questionnaire_links()
        if not profile:
            raise UserError(self.env._("Choose the customer of the deal first: the answers belong to a customer."))
        survey_sudo = self.env["survey.survey"]._need_questionnaire()
        if not survey_sudo:
            raise UserError(self.env._(
                "There is no needs questionnaire. A survey administrator unarchives it, or says of the questions of another survey "
                "which need they are about."))
        return profile, lead, survey_sudo

    # === ACTIONS === #

    def action_send_questionnaire(self):
        """Invite contacts of the customer by e-mail or by a link."""
        profile, lead, _survey_sudo = self._check_questionnaire()
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.need.invite", "view_mode": "form", "target": "new",
            "name": self.env._("Send questionnaire"), "context": {"default_profile_id": profile.id, "default_lead_id": lead.id},
        }

    def action_fill_in_questionnaire(self):
        """Fill it in oneself while talking with the customer; what was begun before goes on."""
        profile, lead, survey_sudo = self._check_questionnaire()
        mine = survey_sudo.env["survey.user_input"].search(
            [("survey_id", "=", survey_sudo.id), ("partner_id", "=", self.env.user.partner_id.id), ("sfc_profile_id", "=", profile.id)])
        answer_sudo = mine._still_open_for(profile, lead)[:1] or survey_sudo._create_answer(
            user=self.env.user, check_attempts=False, sfc_profile_id=profile.id, sfc_lead_id=lead.id)
        return {"type": "ir.actions.act_url", "target": "new", "url": answer_sudo.get_start_url()}

    def action_confirm_answers(self):
        """Open the oldest answers that wait for somebody to confirm them."""
        self.ensure_one()
        self.check_access("write")
        answer = self._waiting_answers()[:1].sudo(False)
        if not answer:
            raise UserError(self.env._("There are no answers to confirm."))
        return self.env["sfc.need.confirm"]._open(answer)
