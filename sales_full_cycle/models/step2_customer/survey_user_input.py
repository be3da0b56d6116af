from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang


class SurveyUserInput(models.Model):
    """Answers to the needs questionnaire belong to a customer and a deal; a person confirms what is taken over (S2.7, D8)."""
    _inherit = "survey.user_input"

    sfc_profile_id = fields.Many2one("sfc.customer.profile", "Customer", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    sfc_lead_id = fields.Many2one("crm.lead", "Deal", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    sfc_confirmed_at = fields.Datetime("Answers confirmed", readonly=True, copy=False)
    sfc_confirmed_by_id = fields.Many2one("res.users", "Answers confirmed by", readonly=True, copy=False)

    def _save_lines(self, question, answer, comment=None, overwrite_existing=True):
        """A page that was sent back for a gap can be sent again: core saves what was right, then refuses to save it twice."""
        return super()._save_lines(question, answer, comment, overwrite_existing or bool(self.sfc_profile_id))

    def _mark_done(self):
        result = super()._mark_done()
        self._ask_to_confirm()
        return result

    def _still_open_for(self, profile, lead):
        """Those about this customer and deal that can still be answered."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda answer: answer.sfc_profile_id == profile and answer.sfc_lead_id == lead and answer.state != "done"
            and (not answer.deadline or answer.deadline > now))

    # === CONFIRMING === #

    def _ask_to_confirm(self):
        """One activity an answered questionnaire, for whoever has the deal or the customer."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        vals_list = []
        for answer in self.sudo().filtered(lambda a: (a.sfc_lead_id or a.sfc_profile_id) and not a.test_entry):
            document = answer.sfc_lead_id or answer.sfc_profile_id
            if user := answer._confirming_user():
                vals_list.append({
                    "res_model_id": self.env["ir.model"]._get_id(document._name), "res_id": document.id, "user_id": user.id, "automated": True,
                    "activity_type_id": todo.id, "date_deadline": fields.Date.context_today(document), "sfc_answer_id": answer.id,
                    "summary": answer.with_context(lang=user.lang).env._("Confirm the answers"),
                })
        # sudo, here and above: whoever answers is no user
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(vals_list)

    def _confirming_user(self):
        """Owner of the deal, else of the customer, else the leader of the team."""
        lead, profile = self.sfc_lead_id, self.sfc_profile_id
        users = (lead.user_id, profile.user_id, lead.team_id.user_id, profile.team_id.user_id)
        return next((user for user in users if user.active), None)

    def _check_confirmable(self):
        """The answer in sudo, for whoever may change the deal that it is about (the customer where there is none).

        Salespeople have no right on surveys, so this is the one way for them to answers: those of their own customers.

        :raises AccessError: not one's deal or customer
        :raises UserError: it was confirmed before
        """
        self.ensure_one()
        answer_sudo = self.sudo()
        document = (answer_sudo.sfc_lead_id or answer_sudo.sfc_profile_id).sudo(False)
        if not document:
            raise AccessError(self.env._("These answers belong to no customer."))
        document.check_access("write")
        if answer_sudo.sfc_confirmed_at:
            raise UserError(self.env._(
                "%(user)s confirmed these answers on %(date)s already. Change the needs on the deal itself.",
                user=answer_sudo.sfc_confirmed_by_id.name, date=format_date(self.env, answer_sudo.sfc_confirmed_at)))
        return answer_sudo

    def _lines_by_question(self):
        """{question: its answered lines}, in the order of the questionnaire."""
        return self.user_input_line_ids.filtered(lambda line: not line.skipped).sorted("question_sequence").grouped("question_id")

    def _need_vals(self, questions):
        """Needs from the answers to these questions; several answers to one text stand under each other."""
        values = {}
        for question, lines in self._lines_by_question().items():
            if question in questions and question.sfc_need_field:
                values.setdefault(question.sfc_need_field, []).append(question._need_value(lines))
        return {fname: self._joined(fname, found) for fname, found in values.items()}

    def _joined(self, fname, found):
        separators = {"text": "\n", "char": "; "}
        separator = separators.get(self.env["crm.lead"]._fields[fname].type)
        return separator.join(found) if separator else found[0]

    def _as_content(self):
        """Questions and answers as the text of a follow-up record."""
        return "\n".join(f"{question.title}\n{lines._as_text()}" for question, lines in self._lines_by_question().items())


class SurveyUserInputLine(models.Model):
    _inherit = "survey.user_input.line"

    def _as_text(self):
        """The whole answer to one question; its display name is shortened."""
        return "; ".join(text for line in self if (text := line._line_text()))

    def _line_text(self):
        match self.answer_type:
            case "suggestion":
                return ": ".join(filter(None, (self.matrix_row_id.value, self.suggested_answer_id.value)))
            case "numerical_box":
                return formatLang(self.env, self.value_numerical_box, digits=0 if self.value_numerical_box.is_integer() else 2)
            case "scale":
                return str(self.value_scale)
            case "date":
                return format_date(self.env, self.value_date)
            case "datetime":
                return format_date(self.env, self.value_datetime)
            case "char_box":
                return self.value_char_box
            case "text_box":
                return self.value_text_box
        return ""
