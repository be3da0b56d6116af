from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from . import instalments
from .sfc_contract import EDITABLE, IN_FORCE
from .sfc_payment_milestone import NOT_INVOICED, WHOLE_PLAN

FIGURES = {"amount_invoiced", "amount_paid", "amount_residual", "paid_percent"}


class SfcContract(models.Model):
    """回款计划: the instalments of a contract, which together are the contract, to the cent and with tax (S4.8, ahead 9, P15)."""
    _inherit = "sfc.contract"

    payment_template_id = fields.Many2one(
        "sfc.payment.template", "Payment template", default=lambda self: self.env["sfc.payment.template"]._default_of(self.env.company), copy=True,
        ondelete="set null", domain="[('company_id', 'in', [company_id, False])]", help="3/4/3 · 3/3/3/1 · 5/5 · 全款预付 · 月结30天")
    plan_rest = fields.Monetary("Not planned yet", compute="_compute_plan_rest", help="What is missing in the payment plan; negative: too much.")

    # with those of the amendments in force
    amount_invoiced = fields.Monetary("Invoiced", compute="_compute_figures", store=True, recursive=True, help="With tax, credit notes deducted.")
    amount_paid = fields.Monetary("Received", compute="_compute_figures", store=True, recursive=True)
    amount_residual = fields.Monetary("Open amount", compute="_compute_figures", store=True, recursive=True, help="Invoiced and not paid yet.")
    paid_percent = fields.Float(
        "Received (%)", compute="_compute_figures", store=True, recursive=True, digits=(5, 2), aggregator="avg",
        help="Of the contract with its amendments in force.")

    # === COMPUTE METHODS === #

    @api.depends("amount_total", "milestone_ids.amount")
    def _compute_plan_rest(self):
        for contract in self:
            contract.plan_rest = instalments.rest(contract.amount_total, contract.milestone_ids.mapped("amount"), contract._plan_step())

    @api.depends(
        "amount_total", "state", "milestone_ids.amount_invoiced", "milestone_ids.amount_paid", "milestone_ids.amount_residual",
        "amendment_ids.state", "amendment_ids.signed_on", "amendment_ids.amount_total", "amendment_ids.amount_invoiced", "amendment_ids.amount_paid",
        "amendment_ids.amount_residual")
    def _compute_figures(self):
        for contract in self:
            amendments = contract.amendment_ids.filtered(lambda amendment: amendment.state in IN_FORCE)
            for fname in ("amount_invoiced", "amount_paid", "amount_residual"):
                own = sum(contract.milestone_ids.mapped(fname))
                contract[fname] = own + sum(amendment._in_currency_of(contract, amendment[fname]) for amendment in amendments)
            whole = contract.amount_total + sum(amendment._in_currency_of(contract, amendment.amount_total) for amendment in amendments)
            contract.paid_percent = instalments.percent_of(contract.amount_paid, whole)

    def _in_currency_of(self, parent, amount):
        """An amount of an amendment as its contract counts it, at the rate of the day of signature."""
        if self.currency_id == parent.currency_id or not self.currency_id:
            return amount
        return self.currency_id._convert(amount, parent.currency_id, self.company_id, self.signed_on or fields.Date.context_today(self))

    # === ONCHANGE === #

    @api.onchange("payment_template_id")
    def _onchange_payment_template_id(self):
        if self.payment_template_id and self.state in EDITABLE:
            self.milestone_ids = self._template_commands()

    @api.onchange("milestone_ids")
    def _onchange_milestone_ids(self):
        """The rest is shown while one types."""
        taker, values = self._rest()
        if taker:
            taker.update(values)

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        """A contract without a plan gets the usual one."""
        self._refuse_written_figures(*vals_list)
        contracts = super(SfcContract, self.with_context(sfc_whole_plan=WHOLE_PLAN)).create(vals_list).with_env(self.env)
        contracts.filtered(lambda contract: not contract.milestone_ids)._apply_payment_template()
        contracts._balance_plan()
        return contracts

    def write(self, vals):
        self._refuse_written_figures(vals)
        givers = self.user_id if "user_id" in vals else self.env["res.users"]
        if "milestone_ids" in vals:
            result = super(SfcContract, self.with_context(sfc_whole_plan=WHOLE_PLAN)).write(vals)
            self._plan_changed()
        else:
            result = super().write(vals)
        if givers:
            self.milestone_ids._sla_hand_over(givers)
        return result

    def _refuse_written_figures(self, *vals_list):
        if not self.env.su and any(FIGURES & vals.keys() for vals in vals_list):
            raise UserError(self.env._("What is invoiced and paid follows from the invoices of the instalments and cannot be written."))

    def _move(self, state):
        """Nothing is signed with a plan that is not the contract; the signature reaches its instalments (S4.8)."""
        if state == "signed":
            self._check_payment_plan()
        result = super()._move(state)
        if state == "signed":
            self._reach_signature()
        return result

    def _follow_payments(self):
        """Invoices or payments have changed: a contract is in progress with its first invoice, and done when nothing is open any more. Idempotent."""
        contracts = self.sudo()  # sudo: whoever posts or pays, the state follows
        contracts.filtered(lambda contract: any(milestone.amount_invoiced for milestone in contract.milestone_ids))._start_progress()
        (contracts | contracts.parent_id)._check_done()

    # === TEMPLATE === #

    def action_submit_for_approval(self):
        """What has come to cost something since it was made, as an amendment with items, gets the usual plan; a person may have planned otherwise."""
        self.check_access("write")
        self.filtered(lambda contract: contract.state == "draft" and not contract.milestone_ids)._apply_payment_template()
        return super().action_submit_for_approval()

    def action_apply_payment_template(self):
        """Put the instalments of the template in the place of what is planned."""
        self.check_access("write")
        self._check_may_plan()
        if signed := self.filtered(lambda contract: contract.state in IN_FORCE):
            raise UserError(self.env._(
                "%(contracts)s: signed, so the plan is changed instalment by instalment.", contracts=", ".join(signed.mapped("display_name"))))
        if without := self.filtered(lambda contract: not contract.payment_template_id):
            raise UserError(self.env._("%(contracts)s: choose a payment template first.", contracts=", ".join(without.mapped("display_name"))))
        self._apply_payment_template()
        return True

    def _apply_payment_template(self):
        for contract in self:
            contract.write({"milestone_ids": contract._template_commands()})

    def _template_commands(self):
        """The instalments of the template. What is paid back at once needs none of it, and an amendment without an amount needs no plan."""
        self.ensure_one()
        old = [fields.Command.delete(milestone.id) for milestone in self.milestone_ids]
        total = self.amount_total
        if self.parent_id and not instalments.units(total, self._plan_step()):
            return old
        vals_list = self.payment_template_id._prepare_milestones(total, self._plan_step(), self.lang) if self.payment_template_id else []
        if total < 0 and vals_list:
            vals_list = [{**vals_list[0], "percent": 100, "amount": total, "takes_rest": True}]
        return old + [fields.Command.create(vals) for vals in vals_list]

    # === THE PLAN === #

    def _plan(self):
        """The instalments in their order, also those that are not saved yet."""
        return self.milestone_ids.sorted(lambda milestone: (milestone.sequence, not milestone.ids, milestone.ids))

    def _plan_step(self):
        """The smallest amount of the currency."""
        return (self.currency_id or self.company_id.currency_id or self.env.company.currency_id).rounding

    def _plan_shares(self):
        """{instalment: amount by its share}; when the shares are the whole, the last takes the rest."""
        plan = self._plan()
        percents, total, step = plan.mapped("percent"), self.amount_total, self._plan_step()
        if instalments.adds_up(percents):
            amounts = instalments.split(total, percents, step)
        else:
            amounts = [instalments.share(total, percent, step) for percent in percents]
        return dict(zip(plan, amounts, strict=True))

    def _rest(self):
        """The instalment that takes the rest, and its values; none when a person has typed them all and they are not the whole."""
        self.ensure_one()
        plan = self._plan()
        still_open = plan.filtered(lambda milestone: milestone.state in NOT_INVOICED or not milestone.state)
        taker = still_open.filtered("takes_rest")[-1:]
        if not taker and instalments.adds_up(plan.mapped("percent")):
            taker = still_open[-1:]
        others = plan - taker
        percent = instalments.percent_left(others.mapped("percent"))
        # shares typed as amounts are rounded: they may be a little more than the whole
        return taker, {
            "amount": instalments.rest(self.amount_total, others.mapped("amount"), self._plan_step()), "percent": min(max(percent, 0), 100)}

    def _balance_plan(self):
        """Give the rest to the instalment that takes it."""
        for contract in self:
            taker, values = contract._rest()
            if taker and any(taker[fname] != value for fname, value in values.items()):
                taker._put(values)

    def _plan_changed(self):
        """After every change of instalments: the rest, the whole, the approval, the log. A form that saves many lines calls it once, at its end."""
        if self.milestone_ids._whole_plan():
            return
        self._balance_plan()
        in_force = self.filtered(lambda contract: contract.state in IN_FORCE)
        in_force._check_whole()
        in_force._log_plan()
        self._plan_content_changed()

    def _plan_content_changed(self):
        """What was approved says also how it is paid: another plan needs another approval, until it is signed (R.2)."""
        self.filtered(lambda contract: contract.state in EDITABLE)._approval_content_changed()

    def _log_plan(self):
        """Both sides agreed upon the plan: what becomes of it after the signature stands in the log of the contract (P15)."""
        for contract in self:
            lines = [f"{milestone.name}: {format_amount(self.env, milestone.amount, contract.currency_id)}" for milestone in contract._plan()]
            contract.message_post(body=self.env._("Payment plan changed. Now: %(plan)s", plan="; ".join(lines)))

    # === WHAT IS WRONG WITH IT === #

    def _check_may_plan(self):
        """Until it is signed whoever may write the contract plans; then a sales manager or the leader of the team (P15).

        :raises UserError: cancelled, or in force and the user is neither
        """
        if self.env.su:
            return
        if cancelled := self.filtered(lambda contract: contract.state == "cancelled"):
            raise UserError(self.env._("%(contracts)s: cancelled, so nothing is planned any more.", contracts=", ".join(cancelled.mapped("display_name"))))
        user = self.env.user
        if user.has_group("sales_team.group_sale_manager"):
            return
        if held := self.filtered(lambda contract: contract.state in IN_FORCE and contract.team_id.sudo().user_id != user):
            raise UserError(self.env._(
                "%(contracts)s: signed. Ask a sales manager or the leader of the team to change the payment plan.",
                contracts=", ".join(held.mapped("display_name"))))

    def _check_payment_plan(self):
        """:raises ValidationError: all that is wrong with the plans, in one message"""
        gaps = [f"{contract.display_name}: {gap}" if len(self) > 1 else gap for contract in self for gap in contract._payment_plan_gaps()]
        if gaps:
            raise ValidationError("\n".join([self.env._("The payment plan is not complete:"), *(f"- {gap}" for gap in gaps)]))

    def _check_whole(self):
        if gaps := [gap for contract in self for gap in contract._whole_gaps()]:
            raise ValidationError("\n".join(gaps))

    def _payment_plan_gaps(self):
        """Sentences about what is missing before the contract may be reviewed or signed (P15)."""
        self.ensure_one()
        if not self.milestone_ids:
            if not instalments.units(self.amount_total, self._plan_step()):
                return []
            return [self.env._("There is no payment plan: choose a payment template, or add instalments.")]
        gaps = self._whole_gaps()
        if self.amount_total < 0 and len(self.milestone_ids) > 1:
            gaps.append(self.env._("What is paid back is one instalment: delete the others."))
        return gaps + [gap for milestone in self._plan() for gap in milestone._plan_gaps()]

    def _whole_gaps(self):
        """The instalments are the contract: tax-included totals, compared in whole units of the currency."""
        self.ensure_one()
        rest = instalments.rest(self.amount_total, self.milestone_ids.mapped("amount"), self._plan_step())
        if not rest:
            return []
        money = {name: format_amount(self.env, value, self.currency_id) for name, value in {
            "planned": sum(self.milestone_ids.mapped("amount")), "total": self.amount_total, "difference": abs(rest)}.items()}
        if rest > 0:
            return [self.env._(
                "The instalments add up to %(planned)s, the contract is %(total)s with tax: plan another %(difference)s.", **money)]
        return [self.env._(
            "The instalments add up to %(planned)s, the contract is %(total)s with tax: take away %(difference)s.", **money)]
