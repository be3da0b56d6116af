import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

# Where a contract may be signed from.
SIGNABLE = ("approved", "sent")
SEALS = [("official", "Official seal"), ("contract", "Contract seal"), ("electronic", "Electronic seal"), ("signature", "Signature")]
# Recorded with the signed copy. How many originals there are and where they lie may be completed later.
COPY_FIELDS = {"seal_kind", "proxy_letter_id", "company_signed_on"}


class SfcContract(models.Model):
    """签订: the customer signs on the portal, or the sealed copy is registered, of equal rank (S4.8, D16)."""
    _name = "sfc.contract"
    _inherit = ["sfc.contract", "sfc.signature.mixin"]

    seal_kind = fields.Selection(SEALS, "Seal", readonly=True, copy=False, tracking=True, help="公章 · 合同专用章 · 电子章 · 签字")
    proxy_letter_id = fields.Many2one(
        "ir.attachment", "Proxy letter", readonly=True, copy=False, index="btree_not_null", ondelete="restrict", help="授权委托书")
    originals = fields.Integer(copy=False, tracking=True, help="How many sealed originals we hold.")
    archive_place = fields.Char("Archived at", copy=False, tracking=True, help="归档位置 of the sealed originals.")
    company_signatory = fields.Char("Signs for us", copy=False, tracking=True, help="Our signatory, as the contract prints it.")
    company_signed_on = fields.Date("Signed by us on", readonly=True, copy=False)

    # === HOOKS OF THE ENGINE === #

    def _signature_fields(self):
        return super()._signature_fields() | COPY_FIELDS

    def _signature_report(self):
        return "sales_full_cycle.report_contract_action"

    def _signature_tz(self):
        return self.user_id.tz or super()._signature_tz()

    def _mark_signed(self):
        self._move("signed")
        return super()._mark_signed()

    def _sign_gaps(self, way, signed_on):
        """S4.8: only what legal approved as it is now, in time, and with the customer's confirmation."""
        gaps = super()._sign_gaps(way, signed_on)
        if self.state == "cancelled":
            return [*gaps, self.env._("%(contract)s was cancelled and cannot be signed.", contract=self.display_name)]
        if self.state not in SIGNABLE or (way == "portal" and self.state != "sent"):
            return [*gaps, self.env._("%(contract)s is not ready to be signed.", contract=self.display_name)]
        if not self._may_leave():
            return [*gaps, self.env._("%(contract)s was changed and has to be reviewed again before it can be signed.", contract=self.display_name)]
        if self.sign_until and signed_on > self.sign_until:
            gaps.append(self.env._(
                "%(contract)s could be signed until %(date)s. Ask for a new date.", contract=self.display_name, date=format_date(self.env, self.sign_until)))
        if way == "portal":
            gaps += self._portal_sign_gaps()
        return gaps

    def _portal_sign_gaps(self):
        if self.declined_at:
            return [self.env._("%(contract)s was declined. Ask your contact person to send it again.", contract=self.display_name)]
        if not self._is_confirmed():
            return [self.env._("Read the contract and confirm it first; then you can sign.")]
        return []

    def _may_leave(self):
        """Legal approval stands for what the contract says now, and the proposal behind it is released: signing confirms its order."""
        self.ensure_one()
        contract = self.sudo()  # sudo: the customer's page asks, too
        return contract._approval_is_current() and not contract.sale_order_id._unreleased_proposals()

    def _signature_effects(self):
        """What cannot take effect undoes the signature; a customer is not told about our inside matters."""
        try:
            return super()._signature_effects()
        except UserError as error:
            if not self.env.context.get("sfc_customer_signs"):
                raise
            _logger.warning("Signature of contract %s by the customer undone: %s", self.number, error)
            raise UserError(self.env._(
                "%(contract)s could not be signed just now. Please tell your contact person; nothing of what you entered counts yet.",
                contract=self.display_name)) from error

    def _freeze_signed(self, copy, files):
        """Our signatory stands on the same paper."""
        self.write({
            "company_signatory": self.company_signatory or self._default_company_signatory(),
            "company_signed_on": self.company_signed_on or self.sent_at and fields.Date.context_today(self, self.sent_at) or self.signed_on,
        })
        return super()._freeze_signed(copy, files)

    def _default_company_signatory(self):
        return self.company_id.contract_signatory or self.user_id.name
