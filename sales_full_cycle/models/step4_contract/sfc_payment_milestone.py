from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..common.system_fields import without_defaults
from . import instalments
from .sfc_contract import EDITABLE
from .sfc_payment_template import TRIGGERS

STATES = [
    ("planned", "Planned"), ("to_invoice", "To invoice"), ("draft_invoice", "Draft invoice"), ("invoiced", "Invoiced"), ("partial", "Partly paid"),
    ("paid", "Paid"), ("cancelled", "Cancelled"),
]
# No invoice that counts: may still be changed (P15).
NOT_INVOICED = ("planned", "to_invoice")
# Follow from invoices and events; a person cannot claim them.
SYSTEM_FIELDS = {
    "reached_on", "reached_by_id", "reached_note", "due_date", "state", "invoice_ids", "invoice_id", "amount_invoiced", "amount_paid", "amount_residual"}
# In the context: the whole plan is being written, the rest and the sum are looked at when that is done. An object, so that no client can say it.
WHOLE_PLAN = object()
# What both sides agreed upon.
PLAN_FIELDS = {"contract_id", "sequence", "name", "trigger", "planned_on", "percent", "amount", "due_days", "takes_rest"}


class SfcPaymentMilestone(models.Model):
    """回款节点: one instalment of a contract; exactly one invoice that counts (S4.8, R.1, ahead 9).

    This file: the plan and who may change it. sfc_payment_milestone_reach.py: when an instalment is to be invoiced; _invoice.py: its invoice;
    _figures.py: what comes back from the invoices; _promise.py: the promise to pay.
    """
    _name = "sfc.payment.milestone"
    _description = "Instalment"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "contract_id desc, sequence, id"
    _rec_names_search = ["name", "contract_id.number"]
    _mail_post_access = "read"

    contract_id = fields.Many2one("sfc.contract", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer("No.", default=10)
    name = fields.Char("Instalment", required=True, tracking=True)
    trigger = fields.Selection(
        TRIGGERS, "Due after", required=True, default="signature", tracking=True, help="签订 · 日期 · 发货/交付 · 交付节点 · 验收 · 质保期满")
    planned_on = fields.Date("Expected on", tracking=True, help="When it is expected to happen; an instalment of a date is due from this day on.")
    percent = fields.Float("Share (%)", digits=(5, 2), tracking=True)
    amount = fields.Monetary(
        compute="_compute_amount", store=True, readonly=False, tracking=True, help="With tax, in the currency of the contract.")
    takes_rest = fields.Boolean("Takes the rest", help="What the other instalments leave of the contract.")
    due_days = fields.Integer("Days after", default=7, tracking=True, help="Payment is due so many days after the event.")
    position = fields.Char("Instalment of", compute="_compute_position", help="Such as 2/3.")

    currency_id = fields.Many2one(related="contract_id.currency_id", store=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    user_id = fields.Many2one(related="contract_id.user_id", store=True, index=True)
    team_id = fields.Many2one(related="contract_id.team_id", store=True, index="btree_not_null")
    lead_id = fields.Many2one(related="contract_id.lead_id", store=True, index="btree_not_null")

    _percent_range = models.Constraint("CHECK (percent >= 0 AND percent <= 100)", "The share of an instalment lies between 0 and 100 %.")
    _due_days_positive = models.Constraint("CHECK (due_days >= 0)", "The days until payment cannot be negative.")

    # === COMPUTE METHODS === #

    @api.depends("contract_id.amount_total")
    def _compute_amount(self):
        """While the contract is being prepared the amounts follow the shares when its total changes; what is signed stays."""
        for contract, milestones in self.grouped("contract_id").items():
            kept = contract.state not in EDITABLE or not contract.plan_rest
            shares = contract._plan_shares()
            for milestone in milestones:
                milestone.amount = (kept and milestone.amount) or shares.get(milestone, 0.0)

    @api.depends("contract_id.milestone_ids.sequence")
    def _compute_position(self):
        for contract, milestones in self.grouped("contract_id").items():
            plan = list(contract._plan())
            for milestone in milestones:
                milestone.position = f"{plan.index(milestone) + 1}/{len(plan)}" if milestone in plan else False

    @api.depends("name", "contract_id.number")
    def _compute_display_name(self):
        for milestone in self:
            milestone.display_name = " ".join(filter(None, (milestone.contract_id.number, milestone.name)))

    # === ONCHANGE: the pair of share and amount === #

    @api.onchange("percent")
    def _onchange_percent(self):
        contract = self.contract_id
        if self.percent != instalments.percent_of(self.amount, contract.amount_total):
            self.amount = instalments.share(contract.amount_total, self.percent, contract._plan_step())
            self.takes_rest = False

    @api.onchange("amount")
    def _onchange_amount(self):
        total = self.contract_id.amount_total
        if self.amount != instalments.share(total, self.percent, self.contract_id._plan_step()):
            self.percent = instalments.percent_of(self.amount, total)
            self.takes_rest = False

    # === CREATE, WRITE, DELETE === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(SYSTEM_FIELDS & vals.keys() for vals in vals_list):
            self._refuse_system_fields()
        rest = [{"takes_rest": "percent" not in vals and "amount" not in vals, **vals} for vals in vals_list]
        milestones = super(SfcPaymentMilestone, without_defaults(self, SYSTEM_FIELDS)).create(rest).with_env(self.env)
        milestones.contract_id._check_may_plan()
        for milestone, vals in zip(milestones, vals_list, strict=True):
            if "amount" in vals and "percent" not in vals:
                milestone._put(milestone._prepare_other_half(vals))
        milestones._plan_changed()
        return milestones

    def write(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            self._refuse_system_fields()
        if not PLAN_FIELDS & vals.keys():
            return super().write(vals)
        if not self.env.su:
            self._check_may_change(vals)
        result = super().write(self._paired(vals))
        for milestone in self if len({"percent", "amount"} & vals.keys()) == 1 else ():
            milestone._put(milestone._prepare_other_half(vals))
        self._plan_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invoiced(self):
        # sudo: any invoice, also a cancelled one, keeps its instalment
        if invoiced := self.sudo().filtered("invoice_ids"):
            raise UserError(self.env._(
                "%(instalments)s: there are invoices, so the instalment stays. Change it instead; what is not invoiced may be changed.",
                instalments=", ".join(invoiced.mapped("display_name"))))
        self.contract_id._check_may_plan()

    def unlink(self):
        contracts = self.contract_id
        result = super().unlink()
        contracts.exists()._plan_changed()
        return result

    def _refuse_system_fields(self):
        raise UserError(self.env._(
            "When an instalment is reached, due, invoiced and paid follows from events and invoices and cannot be written. Change the plan instead."))

    def _check_may_change(self, vals):
        """P15: after the signature only what is not invoiced yet.

        :raises UserError: invoiced already, moved to another contract, or the contract cannot be planned any more
        """
        if "contract_id" in vals and self.contract_id.ids != [vals["contract_id"]]:
            raise UserError(self.env._("An instalment stays with its contract. Delete it here and add one there."))
        self.contract_id._check_may_plan()
        if invoiced := self.filtered(lambda milestone: milestone.state not in NOT_INVOICED):
            raise UserError(self.env._(
                "%(instalments)s: invoiced already, so it stays as it is. Cancel or credit the invoice first, or change the instalments that are open.",
                instalments=", ".join(invoiced.mapped("display_name"))))
        if "trigger" in vals and (reached := self.filtered(lambda milestone: milestone.reached_on and milestone.trigger != vals["trigger"])):
            raise UserError(self.env._(
                "%(instalments)s: what it waits for has happened. Take that back first, then choose another event.",
                instalments=", ".join(reached.mapped("display_name"))))

    def _paired(self, vals):
        """Who types a share or an amount does not leave the rest to this instalment any more; the form says so itself."""
        typed = {"percent", "amount"} & vals.keys() and "takes_rest" not in vals and not self._whole_plan()
        return {**vals, "takes_rest": False} if typed else vals

    def _prepare_other_half(self, vals):
        """The amount of a share, or the share of an amount."""
        contract = self.contract_id
        if "percent" in vals:
            return {"amount": instalments.share(contract.amount_total, vals["percent"], contract._plan_step())}
        return {"percent": instalments.percent_of(vals["amount"], contract.amount_total)}

    def _put(self, vals):
        """Write the other half of a pair, or the rest. sudo: that the user may change the plan was checked."""
        self.sudo().with_context(sfc_whole_plan=WHOLE_PLAN).write({"percent": self.percent, "amount": self.amount, **vals})

    @api.model
    def _whole_plan(self):
        return self.env.context.get("sfc_whole_plan") is WHOLE_PLAN

    def _plan_changed(self):
        self.contract_id._plan_changed()

    # === WHAT IS WRONG WITH IT === #

    def _plan_gaps(self):
        """Sentences about one instalment."""
        self.ensure_one()
        if not instalments.units(self.amount, self.contract_id._plan_step()):
            return [self.env._("The instalment “%(name)s” has no amount.", name=self.name)]
        gaps = []
        if self.amount * self.contract_id.amount_total < 0:
            gaps.append(self.env._("The instalment “%(name)s” has the wrong sign.", name=self.name))
        if self.trigger == "date" and not self.planned_on:
            gaps.append(self.env._("The instalment “%(name)s” is due on a date: fill in which.", name=self.name))
        return gaps

    # === WHO === #

    @api.model
    def _check_finance(self):
        """:raises AccessError: not finance; hiding the button is no right"""
        if not self.env.su and not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only finance can invoice instalments."))
