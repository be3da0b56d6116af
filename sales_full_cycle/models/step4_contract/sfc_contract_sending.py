import uuid
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

CHANNELS = [("mail", "E-mail"), ("portal", "Customer portal"), ("wechat", "WeChat"), ("paper", "On paper")]
# How long a customer may sign after the contract was sent.
SIGN_DAYS = 30
SENDING_FIELDS = {"sent_at", "sent_by_id", "sent_channel", "access_token"}


class SfcContract(models.Model):
    """The approved contract goes to the customer: by mail, as a link, in a chat or on paper (S4.8)."""
    _name = "sfc.contract"
    _inherit = ["sfc.contract", "portal.mixin"]

    access_token = fields.Char(default=lambda self: str(uuid.uuid4()), groups="base.group_user")
    sent_at = fields.Datetime("Sent on", readonly=True, copy=False, tracking=True)
    sent_by_id = fields.Many2one("res.users", "Sent by", readonly=True, copy=False, index="btree_not_null")
    sent_channel = fields.Selection(CHANNELS, "Sent by way of", readonly=True, copy=False)
    sign_until = fields.Date("To be signed until", copy=False, tracking=True, help="签订截止日期. 30 days after sending, unless it says otherwise.")

    # === COMPUTE METHODS === #

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for contract in self:
            contract.access_url = f"/my/contracts/{contract.id}"
        return result

    def _signature_fields(self):
        return super()._signature_fields() | SENDING_FIELDS

    # === SEND === #

    def action_send(self):
        """The dialog: how the contract goes to the customer.

        :raises UserError: not approved as it is now, or past that
        """
        self.ensure_one()
        self._check_sendable()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Send to the customer"), "res_model": "sfc.contract.send", "view_mode": "form",
            "target": "new", "context": {"default_contract_id": self.id},
        }

    def _check_sendable(self):
        """:raises UserError: not approved, changed since, or past sending"""
        self.check_access("write")
        for contract in self:
            if contract.state not in ("approved", "sent"):
                raise UserError(self.env._(
                    "%(contract)s cannot be sent: only approved contracts go to the customer. Submit it for legal review first.",
                    contract=contract.display_name))
            contract.sudo().sale_order_id._check_proposal_released()  # sudo: says which proposal, nothing of it
            if not contract._may_leave():
                raise UserError(self.env._(
                    "%(contract)s was changed after its legal approval and cannot be sent. Submit it for legal review again.",
                    contract=contract.display_name))

    def _send(self, channel, receivers, *, sent_at=None, sign_until=None, note=None, attach=True):
        """Record that the contract was given to the customer, with the paper as it was; the one way to do so.

        A mail carries its own documents: `attach=False`.
        """
        self.ensure_one()
        self._check_sendable()
        now = fields.Datetime.now()
        sent_at = sent_at or now
        if sent_at > now:
            raise UserError(self.env._("Sending is recorded when it has happened: enter a time that is not in the future."))
        today = fields.Date.context_today(self)
        sign_until = sign_until or today + timedelta(SIGN_DAYS)
        if sign_until < today:
            raise UserError(self.env._("The customer needs time to sign: “To be signed until” cannot lie in the past."))
        contract = self.sudo()  # sudo: sending writes what nobody else may write; that this user may send was checked
        contract.write({
            "sent_at": sent_at, "sent_by_id": self.env.uid, "sent_channel": channel, "sign_until": sign_until,
            "declined_at": False, "decline_reason": False,
            "company_signatory": contract.company_signatory or contract._default_company_signatory(),
        })
        if contract.state == "approved":
            contract._move("sent")
        return contract._log_sending(channel, receivers, note) if attach else contract.env["ir.attachment"]

    def _log_sending(self, channel, receivers, note):
        """A note with the paper that the customer was given; the paper."""
        label = dict(self._fields["sent_channel"]._description_selection(self.env))[channel]
        lines = [self.env._("Given to the customer (%(channel)s): %(names)s", channel=label, names=", ".join(receivers.mapped("name")) or "–"), note]
        # sudo: the report reads prices, taxes and the company's layout
        report = self.env["ir.actions.report"].sudo().with_company(self.company_id)
        content = report._render_qweb_pdf(self._signature_report(), self.ids)[0]
        paper = self._keep_file(self._contract_file_name(), content)
        self.message_post(body="\n".join(filter(None, lines)), attachment_ids=paper.ids, subtype_xmlid="mail.mt_note")
        return paper

    def _contract_file_name(self):
        return self.env._("Contract %(number)s.pdf", number=self.number or self.name)

    def _get_report_base_filename(self):
        return self.env._("Contract %(number)s", number=self.number or self.name)

    # === BY MAIL === #

    def _open_composer(self, sign_until=None):
        """Odoo's composer with template and paper; the contract counts as sent with the message that goes out."""
        self.ensure_one()
        self._check_sendable()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Send by e-mail"), "res_model": "mail.compose.message", "view_mode": "form",
            "views": [(False, "form")], "target": "new", "context": {
                "default_model": self._name, "default_res_ids": self.ids, "default_composition_mode": "comment",
                "default_template_id": self.env.ref("sales_full_cycle.mail_template_contract").id,
                "default_email_layout_xmlid": "mail.mail_notification_layout_with_responsible_signature", "force_email": True,
                "sfc_send_contract": True, "sfc_sign_until": fields.Date.to_string(sign_until) if sign_until else False,
            }}

    def message_post(self, **kwargs):
        """The composer of `_open_composer` sends the contract."""
        sending = bool(self.env.context.get("sfc_send_contract")) and kwargs.get("message_type", "notification") != "notification"
        if sending:
            self._check_sendable()
        message = super().message_post(**kwargs)
        if sending:
            until = fields.Date.to_date(self.env.context.get("sfc_sign_until") or None)
            self.with_context(sfc_send_contract=False)._send("mail", message.sudo().partner_ids, sign_until=until, attach=False)
        return message

    # === IN WORDS === #

    def _contract_link(self):
        """The customer's page, with the key to it."""
        self.ensure_one()
        return self.get_base_url() + self.sudo().get_portal_url()  # sudo: the key of a contract that this user may send

    def _text_for_chat(self, receiver):
        """A few words for WeChat, in the customer's language."""
        self.ensure_one()
        contract = self.with_context(lang=receiver.lang or self.lang)
        env = contract.env
        words = [env._(
            "Dear %(customer)s, here is our contract %(number)s “%(title)s”: %(amount)s tax included.", customer=receiver.name,
            number=contract.number, title=contract.name, amount=format_amount(env, contract.amount_total, contract.currency_id))]
        if contract.sign_until:
            words.append(env._("Please read, confirm and sign it until %(date)s:", date=format_date(env, contract.sign_until)))
        words += [contract._contract_link(), env._("You may also send us the sealed copy.")]
        return " ".join(words)
