from odoo import models
from odoo.exceptions import UserError


class SfcNegotiation(models.Model):
    """Confirmed minutes go to the customer: by e-mail with link and PDF, or through WeChat (S4.6, T3)."""
    _inherit = "sfc.negotiation"

    def action_send_minutes(self):
        """The dialog of the mail; what is written there goes out with the PDF and the link."""
        self.ensure_one()
        self._check_sendable()
        template = self.env.ref("sales_full_cycle.mail_template_minutes", raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window", "name": self.env._("Send minutes"), "res_model": "mail.compose.message", "view_mode": "form",
            "views": [(False, "form")], "target": "new", "context": {
                "default_model": self._name, "default_res_ids": self.ids, "default_composition_mode": "comment",
                "default_template_id": template.id if template else False, "force_email": True,
                "default_email_layout_xmlid": "mail.mail_notification_layout_with_responsible_signature",
            },
        }

    def action_minutes_for_chat(self):
        """The document to download, the link and the words to copy, for a chat."""
        self.ensure_one()
        self._check_sendable()
        share = self.env["sfc.minutes.share"].create({"negotiation_id": self.id})
        return {"type": "ir.actions.act_window", "name": self.env._("Minutes for WeChat"), "res_model": share._name, "res_id": share.id,
                "view_mode": "form", "target": "new"}

    def _check_sendable(self):
        self.check_access("write")
        drafts = self.filtered(lambda minutes: minutes.state != "confirmed")
        if drafts:
            raise UserError(self.env._(
                "%(numbers)s: only confirmed minutes go to the customer. Confirm them first.", numbers=", ".join(drafts.mapped("number"))))

    def _customer_link(self):
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url()

    def _minutes_receivers(self):
        """Who of the customer was there, else the customer of the deal."""
        return self.customer_attendee_ids or self._deal_contact() or self.partner_id

    def _deal_contact(self):
        return self.sudo().lead_id.partner_id.sudo(self.env.su)  # sudo: the contact of the deal, nothing else of it

    def _minutes_lang(self):
        """The customer's language: of the contact of the deal."""
        self.ensure_one()
        return self._deal_contact().lang or self.partner_id.lang or self.env.lang

    def _minutes_words(self):
        """A few words to go with link and document, in the customer's language."""
        self.ensure_one()
        minutes = self.with_context(lang=self._minutes_lang())
        names = ", ".join(minutes._minutes_receivers().mapped("name"))
        return minutes.env._(
            "Dear %(customer)s, please find the minutes %(number)s of our negotiation (round %(round)s): %(link)s Please read them there and confirm, "
            "or tell us what is to be corrected. %(salesperson)s",
            customer=names, number=minutes.number, round=minutes.round, link=minutes._customer_link(),
            salesperson=minutes.user_id.name)
