from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import urls


class SfcNeedInvite(models.TransientModel):
    """Send the needs questionnaire to contacts of a customer, by e-mail or as a link for WeChat (S2.7).

    Odoo's own invitation asks for rights on surveys and lets one write the mail's template; salespeople have neither.
    This one sends the questionnaire with its shipped text, for customers that one may change.
    """
    _name = "sfc.need.invite"
    _description = "Send Questionnaire"

    profile_id = fields.Many2one("sfc.customer.profile", "Customer", required=True)
    lead_id = fields.Many2one("crm.lead", "Deal")
    company_partner_id = fields.Many2one(related="profile_id.partner_id", string="Company")
    partner_ids = fields.Many2many("res.partner", string="Contacts", compute="_compute_partner_ids", store=True, readonly=False)
    deadline = fields.Datetime("Answer until", default=lambda self: fields.Datetime.now() + timedelta(days=14))
    link = fields.Char(readonly=True)

    @api.depends("profile_id", "lead_id")
    def _compute_partner_ids(self):
        """People of the decision chain and of the deal who have an e-mail address; else whoever of the company has one."""
        for wizard in self:
            company = wizard.profile_id.partner_id
            chain = wizard.profile_id.role_ids.contact_id | (wizard.lead_id.partner_id - company)
            wizard.partner_ids = chain.filtered("email") or (company.child_ids | company).filtered("email")

    def action_send(self):
        """Mail an invitation to each contact.

        :raises UserError: no contact, or one without e-mail address
        """
        self.ensure_one()
        invite_sudo = self._prepare_invite()
        contacts = self.partner_ids
        if without := contacts.filtered(lambda contact: not contact.email):
            raise UserError(self.env._(
                "No e-mail address is known of %(contacts)s. Enter it on the contact, or make a link and send it yourself.",
                contacts=", ".join(without.mapped("name"))))
        invite_sudo.with_context(default_email_layout_xmlid="mail.mail_notification_light").action_invite()
        self._document()._message_log(body=self.env._("Questionnaire sent to %(contacts)s", contacts=", ".join(contacts.mapped("name"))))
        return {"type": "ir.actions.act_window_close"}

    def action_make_link(self):
        """A link for the first contact, to be sent by WeChat; a link that was not answered yet stays the same."""
        self.ensure_one()
        answer_sudo = self._prepare_invite()._prepare_answers(self.partner_ids[:1], [])[:1]
        if not answer_sudo:
            raise UserError(self.env._("Choose the contact that the link is for."))
        self.link = urls.urljoin(answer_sudo.get_base_url(), answer_sudo.get_start_url())
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form", "target": "new",
            "name": self.env._("Send questionnaire"),
        }

    def _document(self):
        return self.lead_id or self.profile_id

    def _prepare_invite(self):
        """Odoo's invitation with nothing in it that the user wrote, in sudo; the right on the customer's document is checked here."""
        profile, lead, survey_sudo = self._document()._check_questionnaire()
        template = self.env.ref("sales_full_cycle.mail_template_need_questionnaire")
        # sudo: see the class; text and questionnaire are the company's, the sender is the user
        return self.env["survey.invite"].sudo().create({
            "survey_id": survey_sudo.id, "template_id": template.id, "partner_ids": [(6, 0, self.partner_ids.ids)], "deadline": self.deadline,
            "existing_mode": "resend", "sfc_profile_id": profile.id, "sfc_lead_id": lead.id,
        })
