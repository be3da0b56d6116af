from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..models.step2_customer.survey_question import NEEDS


class SfcNeedConfirm(models.TransientModel):
    """Answers beside what is known; the chosen ones go into the needs of the deal, once (S2.7, S2.9, D8)."""
    _name = "sfc.need.confirm"
    _description = "Confirm Answers"

    answer_id = fields.Many2one("survey.user_input", required=True, readonly=True, ondelete="cascade")
    profile_id = fields.Many2one("sfc.customer.profile", "Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", "Deal", readonly=True)
    answered_by = fields.Char(readonly=True)
    answered_at = fields.Datetime(readonly=True)
    line_ids = fields.One2many("sfc.need.confirm.line", "wizard_id", "Answers")

    @api.model
    def _open(self, answer):
        """Dialog for these answers.

        :raises AccessError, UserError: not one's customer, or confirmed before
        """
        answer_sudo = answer._check_confirmable()
        deal = self._deal_of(answer_sudo)
        # sudo: the lines quote a survey that the user may not read himself; his right on the deal was checked
        wizard = self.sudo().create({
            "answer_id": answer_sudo.id, "profile_id": answer_sudo.sfc_profile_id.id, "lead_id": deal.id,
            "answered_by": answer_sudo.partner_id.name or answer_sudo.email, "answered_at": answer_sudo.end_datetime,
            "line_ids": [(0, 0, vals) for vals in self._prepare_lines(answer_sudo, deal)],
        })
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "res_id": wizard.id, "view_mode": "form", "target": "new",
            "name": self.env._("Confirm the answers"),
        }

    @api.model
    def _deal_of(self, answer_sudo):
        """The deal that the answers go to: the one they are about while it is open, else the latest open one; none makes a new one."""
        lead = answer_sudo.sfc_lead_id.sudo(False)
        if lead and lead.active and lead.won_status == "pending":
            return lead
        profile = answer_sudo.sfc_profile_id.sudo(False)
        return profile._latest_deals(open_only=True).get(profile.id, self.env["crm.lead"])

    @api.model
    def _prepare_lines(self, answer_sudo, deal):
        """An answer is proposed where nothing is known yet."""
        vals_list = []
        for question, lines in answer_sudo._lines_by_question().items():
            fname = question.sfc_need_field
            present = self._shown(deal, fname) if fname else ""
            vals_list.append({
                "question_id": question.id, "question": question.title, "need_field": fname, "present": present, "answer": lines._as_text(),
                "take": bool(fname) and not present,
            })
        return vals_list

    @api.model
    def _shown(self, deal, fname):
        value = deal[fname]
        if not value:
            return ""
        if deal._fields[fname].type == "monetary":
            return formatLang(self.env, value, currency_obj=deal.company_currency)
        return format_date(self.env, value) if deal._fields[fname].type == "date" else value

    def action_confirm(self):
        """Write what was chosen, and the follow-up record.

        :raises AccessError, UserError: not one's customer, or confirmed before
        """
        self.ensure_one()
        answer_sudo = self.answer_id._check_confirmable()
        vals = answer_sudo._need_vals(self.line_ids.filtered("take").question_id)
        deal = self._take_over(answer_sudo, vals) if vals else self._deal_of(answer_sudo)
        self._write_follow_up(answer_sudo, deal)
        answer_sudo.write({"sfc_confirmed_at": fields.Datetime.now(), "sfc_confirmed_by_id": self.env.uid})
        # sudo: the activity may be a colleague's who shares the customer
        self.env["mail.activity"].sudo().search([("sfc_answer_id", "=", answer_sudo.id)]).action_feedback(
            feedback=self.env._("Confirmed: %(needs)s", needs=self._taken_labels(vals)))
        return {"type": "ir.actions.act_window_close"}

    def _take_over(self, answer_sudo, vals):
        deal = self._deal_of(answer_sudo)
        if deal:
            deal.write(vals)
            return deal
        profile = answer_sudo.sfc_profile_id.sudo(False)
        if not profile:
            raise UserError(self.env._("The deal is closed and its customer has no customer sheet. Choose the customer of the deal first."))
        return profile._write_needs({profile: vals})[profile]

    def _write_follow_up(self, answer_sudo, deal):
        """The questionnaire is a contact with the customer (T5)."""
        profile = answer_sudo.sfc_profile_id or deal.sudo().customer_profile_id
        if not profile:
            return
        contact = answer_sudo.partner_id
        self.env["sfc.follow.up"].create({
            "profile_id": profile.id, "lead_id": deal.id, "kind": "need", "method": "survey", "done_at": answer_sudo.end_datetime,
            "content": answer_sudo._as_content(),
            "contact_ids": [(6, 0, contact.ids if contact.commercial_partner_id == profile.partner_id else [])],
        })

    def _taken_labels(self, vals):
        labels = self.line_ids._fields["need_field"]._description_selection(self.env)
        return ", ".join(label for fname, label in labels if fname in vals) or "–"


class SfcNeedConfirmLine(models.TransientModel):
    _name = "sfc.need.confirm.line"
    _description = "Answer to confirm"

    wizard_id = fields.Many2one("sfc.need.confirm", required=True, readonly=True, ondelete="cascade")
    question_id = fields.Many2one("survey.question", required=True, readonly=True, ondelete="cascade")
    question = fields.Char("Asked", readonly=True)
    need_field = fields.Selection(NEEDS, "Need", readonly=True)
    present = fields.Text("Known so far", readonly=True)
    answer = fields.Text(readonly=True)
    take = fields.Boolean("Take over")
