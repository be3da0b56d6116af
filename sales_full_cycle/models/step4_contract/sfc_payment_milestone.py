from odoo import fields, models

from .sfc_payment_template import TRIGGERS


class SfcPaymentMilestone(models.Model):
    """回款节点: one instalment of a contract; exactly one invoice that counts (S4.8, R.1, ahead 9)."""
    _name = "sfc.payment.milestone"
    _description = "Instalment"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "contract_id desc, sequence, id"

    contract_id = fields.Many2one("sfc.contract", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer("No.", default=10)
    name = fields.Char("Instalment", required=True)
    trigger = fields.Selection(TRIGGERS, "Due after", required=True, default="signature")
    percent = fields.Float("Share (%)", digits=(5, 2))
    amount = fields.Monetary(help="With tax, in the currency of the contract.")
    due_days = fields.Integer("Days after", default=7, help="Payment is due so many days after the event.")
    reached_on = fields.Date("Reached on", readonly=True, copy=False, index=True, help="When what it waits for happened: from then on it is to be invoiced.")
    due_date = fields.Date("Due on", copy=False, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id", store=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    user_id = fields.Many2one(related="contract_id.user_id", store=True, index=True)
    team_id = fields.Many2one(related="contract_id.team_id", store=True, index="btree_not_null")
