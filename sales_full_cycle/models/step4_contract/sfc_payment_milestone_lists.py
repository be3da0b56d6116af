from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

AGES = (0, 30, 60, 90)


class SfcPaymentMilestone(models.Model):
    """What the lists of finance show besides: 待开票 and 应收回款 (screens.md)."""
    _inherit = "sfc.payment.milestone"

    tax_rates = fields.Char("Tax", compute="_compute_invoice_data")
    invoice_data_missing = fields.Char(
        "Missing for the invoice", compute="_compute_invoice_data", help="开票资料: what the customer's record lacks for an invoice.")
    days_overdue = fields.Integer("Days overdue", compute="_compute_days_overdue")
    age_band = fields.Char("Age", compute="_compute_days_overdue", help="账龄")

    @api.depends("contract_id")
    def _compute_invoice_data(self):
        for milestone in self:
            order = milestone.sudo().contract_id.sale_order_id  # sudo: finance need not see orders; what an invoice takes from them it will see
            milestone.tax_rates = ", ".join(dict.fromkeys(order.order_line.tax_ids.mapped("name")))
            milestone.invoice_data_missing = ", ".join(milestone._missing_invoice_data(order.partner_invoice_id))

    @api.model
    def _missing_invoice_data(self, partner):
        needed = {"vat": self.env._("tax number"), "street": self.env._("address")}
        return [label for fname, label in needed.items() if not partner[fname] and not partner.commercial_partner_id[fname]]

    @api.depends("due_date", "amount_residual")
    def _compute_days_overdue(self):
        today = fields.Date.context_today(self)
        for milestone in self:
            owed = milestone.due_date and milestone.amount_residual > 0
            milestone.days_overdue = max((today - milestone.due_date).days, 0) if owed else 0
            milestone.age_band = milestone._age_band()

    def _age_band(self):
        if not self.days_overdue:
            return False
        start = max(age for age in AGES if age < self.days_overdue)
        return f"{start + 1}-{start + 30}" if start < AGES[-1] else f"> {start}"

    def action_remind(self):
        """Ask each salesperson to remind the customer of what is open."""
        self._check_role()
        self.check_access("read")
        if settled := self.filtered(lambda milestone: milestone.amount_residual <= 0):
            raise UserError(self.env._(
                "%(instalments)s: nothing is open. Select instalments that are invoiced and not paid.",
                instalments=", ".join(settled.mapped("display_name"))))
        for milestone in self:
            user = milestone.user_id
            texts = milestone.with_context(lang=user.lang).env
            milestone.message_notify(
                partner_ids=user.partner_id.ids, subject=texts._("Please remind the customer: %(instalment)s", instalment=milestone.display_name),
                body=texts._(
                    "%(customer)s: %(amount)s open, due on %(date)s.", customer=milestone.partner_id.display_name,
                    amount=format_amount(texts, milestone.amount_residual, milestone.currency_id), date=milestone.due_date),
                email_layout_xmlid="mail.mail_notification_light")
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("%(count)s reminded", count=len(self.user_id))},
        }

    def action_open_contract(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "sfc.contract", "res_id": self.contract_id.id, "views": [(False, "form")]}

    def action_open_invoice(self):
        """The invoice and its credit notes."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        if len(self.invoice_ids) == 1:
            return {**action, "views": [(False, "form")], "res_id": self.invoice_ids.id}
        return {**action, "domain": [("id", "in", self.invoice_ids.ids)]}

    @api.model
    def _action_of(self, domain, name):
        """The instalments of a deal or customer, with their sums."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_payment_milestone_action")
        return {**action, "name": name, "domain": domain, "context": {}}
