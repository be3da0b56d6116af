from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, plaintext2html

from ..common.signature_files import MAX_COPY_BYTES, BadFile, check_file

TEXT_LIMIT = 5000


class SfcContract(models.Model):
    """What a customer does on the page of the contract: confirm, sign, decline, ask (S4.8, screens.md).

    Customers have no access rights to contracts: attachments of a record are readable with it, and so would be the drafts and notes of our own people.
    The page asks here who may see it, and shows it in sudo.
    """
    _inherit = "sfc.contract"

    declined_at = fields.Datetime("Declined on", readonly=True, copy=False, tracking=True)
    decline_reason = fields.Text("Why declined", readonly=True, copy=False)

    def _signature_fields(self):
        return super()._signature_fields() | {"declined_at", "decline_reason"}

    # === WHO MAY SEE IT === #

    def _is_customer(self, user):
        """The user is one of the people of the customer."""
        partner = user.sudo().partner_id.commercial_partner_id
        return bool(partner) and not user._is_public() and partner == self.sudo().partner_id.commercial_partner_id  # sudo: whose it is, nothing else

    @api.model
    def _portal_domain(self, partner):
        """The contracts that have reached the customer; one that is being revised is named in his list, and closed."""
        return [("partner_id", "child_of", partner.commercial_partner_id.id), "|", ("sent_at", "!=", False), ("signed_at", "!=", False)]

    def _check_portal_open(self):
        """:raises UserError: the page is closed: not sent, taken back, or changed after it was sent"""
        contract = self.sudo()  # sudo: the approval, for the customer
        if contract.signed_at:
            return
        if contract.state == "cancelled":
            raise UserError(self.env._("The contract %(number)s was cancelled. Please ask your contact person.", number=contract.number))
        if contract.state != "sent" or not contract._may_leave():
            raise UserError(self.env._(
                "The contract %(number)s is being prepared or revised and cannot be opened yet. You will receive it as soon as it is ready; "
                "please ask your contact person.", number=contract.number))

    @api.model
    def _get_thread_with_access(self, thread_id, **kwargs):
        """The conversation on the customer's page is closed with the page, also to those who have its key."""
        thread = super()._get_thread_with_access(thread_id, **kwargs)
        if not thread or not self.env.user.share:
            return thread
        try:
            thread._check_portal_open()
        except UserError:
            return self.browse()
        return thread if self.env.user._is_public() or thread._is_customer(self.env.user) else self.browse()

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """No button to a page that is closed."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        if self and not self._portal_is_open():
            for name, _matches, options in groups:
                if name in ("portal_customer", "portal", "follower", "customer"):
                    options["has_button_access"] = False
        return groups

    def _portal_is_open(self):
        try:
            self._check_portal_open()
        except UserError:
            return False
        return True

    def _portal_can_act(self):
        """It waits for the customer: to be confirmed, signed or declined."""
        self.ensure_one()
        return self.state == "sent" and not self.declined_at and not self._is_expired()

    def _is_expired(self):
        return bool(self.sign_until) and not self.signed_at and self._signature_date() > self.sign_until

    # === WHAT THE CUSTOMER DOES === #

    def _portal_confirm(self, visitor, name):
        """:param visitor: the user who is logged in, or none; :param name: who confirms"""
        self._portal_check_open_to_answer()
        if not (name or "").strip():
            raise UserError(self.env._("Please enter your name."))
        self._confirm("portal", name[:100], user=visitor)
        self._portal_post(visitor, self.env._("I have read the contract and confirm it. %(name)s", name=name.strip()[:100]))

    def _portal_check_open_to_answer(self):
        """:raises UserError: nobody waits for the customer's answer any more"""
        self._lock_to_sign()
        self._check_not_signed()
        self._check_portal_open()
        if self.declined_at:
            raise UserError(self.env._("You have declined this contract. Ask your contact person to send it again."))
        if self._is_expired():
            raise UserError(self.env._("The time to sign this contract is over. Ask your contact person for a new date."))

    def _portal_sign(self, visitor, name, ip, signature=None, files=None, **values):
        """Signed by the customer: drawn, or as an uploaded sealed copy (`files`)."""
        self._portal_check_open_to_answer()
        if gaps := self._portal_sign_gaps():
            raise UserError("\n".join(gaps))
        name = (name or "").strip()[:100]
        self.with_context(sfc_customer_signs=True)._sign(
            "portal" if files is None else "scan", name, signature=signature, files=files, ip=ip, user=visitor, values=values)
        self._portal_post(visitor, self.env._("Signed by %(name)s.", name=name), attachments=self.signed_attachment_id)

    def _portal_decline(self, visitor, reason):
        """The salesperson is told, and the contract waits for being sent again."""
        self._portal_check_open_to_answer()
        reason = (reason or "").strip()[:TEXT_LIMIT]
        if not reason:
            raise UserError(self.env._("Please tell us why you decline: it helps us to make a better offer."))
        self.write({"declined_at": fields.Datetime.now(), "decline_reason": reason})
        self._portal_post(visitor, self.env._("Declined: %(reason)s", reason=reason))
        self._tell_salesperson(self.env._("The customer declined the contract"), reason)

    def _portal_ask(self, visitor, question):
        """A question is an objection of the deal: its 24 hours run (S3.12)."""
        self._check_portal_open()
        question = (question or "").strip()[:TEXT_LIMIT]
        if not question:
            raise UserError(self.env._("Please write your question."))
        message = self._portal_post(visitor, question)
        if not self.lead_id:
            self._tell_salesperson(self.env._("The customer asks about the contract"), question)
        elif not self.env["sfc.objection"]._is_asked_already(self, question):
            self.env["sfc.objection"]._from_message(message)

    def _portal_post(self, visitor, text, attachments=None):
        """A message in the customer's name."""
        author = visitor.partner_id if visitor else self.partner_id
        return self.message_post(
            body=plaintext2html(text), author_id=author.id, message_type="comment", subtype_xmlid="mail.mt_comment",
            attachment_ids=attachments.ids if attachments else [])

    def _tell_salesperson(self, summary, text):
        self.activity_schedule(
            "mail.mail_activity_data_todo", summary=summary, note=plaintext2html(html2plaintext(text)), user_id=self.user_id.id)

    # === FILES === #

    @api.model
    def _copy_limit(self):
        return MAX_COPY_BYTES

    @api.model
    def _check_handed_in(self, files):
        """:raises UserError: all that is wrong with [(name, content)]"""
        wrong = []
        for name, content in files:
            try:
                check_file(name, content)
            except BadFile as bad:
                wrong.append(self._bad_file_text(bad))
        if wrong:
            raise UserError("\n".join(wrong))
