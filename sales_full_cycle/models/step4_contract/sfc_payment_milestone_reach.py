from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import retrying

from .sfc_contract import IN_FORCE

# Events of the contract itself; nobody says by hand that they happened.
BY_ITSELF = ("signature", "date")


class SfcPaymentMilestone(models.Model):
    """When an instalment is to be invoiced: once what it waits for has happened (ahead 9)."""
    _inherit = "sfc.payment.milestone"

    reached_on = fields.Date(
        "Reached on", readonly=True, copy=False, index=True, tracking=True, help="When what it waits for happened: from then on it is to be invoiced.")
    reached_by_id = fields.Many2one("res.users", "Noted by", readonly=True, copy=False, index="btree_not_null")
    reached_note = fields.Text("Evidence", readonly=True, copy=False, tracking=True, help="How we know: number of the receipt, report of acceptance.")
    due_date = fields.Date("Due on", compute="_compute_due_date", store=True, index=True, tracking=True)

    _dates_to_come = models.Index("(planned_on) WHERE trigger = 'date' AND reached_on IS NULL")

    @api.depends("reached_on", "due_days")
    def _compute_due_date(self):
        for milestone in self:
            milestone.due_date = milestone.reached_on and fields.Date.add(milestone.reached_on, days=milestone.due_days)

    # === BY HAND === #

    def action_mark_reached(self):
        """Open the dialog in which finance or a sales manager says since when, and how they know."""
        self._check_may_mark()
        return {
            "type": "ir.actions.act_window", "name": self.env._("It has happened"), "res_model": "sfc.milestone.reached", "views": [(False, "form")],
            "target": "new", "context": {"default_milestone_ids": self.ids},
        }

    def _mark_reached(self, on_date, note):
        """:raises UserError: without evidence, in the future, or where the step itself says so"""
        self._check_may_mark()
        if not (note or "").strip():
            raise UserError(self.env._("Say how you know: the number of the delivery receipt, of the report, or who told you."))
        if on_date > fields.Date.context_today(self):
            raise UserError(self.env._("It cannot have happened in the future. Correct the date."))
        # sudo: finance does not write plans; that this person may say so was checked
        self.sudo().write({"reached_on": on_date, "reached_by_id": self.env.uid, "reached_note": note.strip()})

    def action_take_back(self):
        """It has not happened after all."""
        self._check_role()
        self.check_access("read")
        if stuck := self.filtered(lambda milestone: milestone.state != "to_invoice" or milestone.trigger in BY_ITSELF):
            raise UserError(self.env._(
                "%(instalments)s: only what somebody noted, and what is not invoiced yet, can be taken back.",
                instalments=", ".join(stuck.mapped("display_name"))))
        # sudo: as for noting it
        self.sudo().write({"reached_on": False, "reached_by_id": False, "reached_note": False})
        return True

    def _check_may_mark(self):
        """:raises AccessError: neither finance nor sales manager
        :raises UserError: not in force, reached already, or known by itself
        """
        self._check_role()
        self.check_access("read")
        complaints = []
        for milestone in self:
            name = milestone.display_name
            if milestone.contract_id.sudo().state not in IN_FORCE:  # sudo: only whether it is in force
                complaints.append(self.env._("%(instalment)s: the contract is not in force.", instalment=name))
            elif milestone.reached_on:
                complaints.append(self.env._("%(instalment)s: reached already on %(date)s.", instalment=name, date=milestone.reached_on))
            elif milestone.trigger in milestone._triggers_by_themselves():
                complaints.append(self.env._("%(instalment)s: this event is noted by itself when it happens.", instalment=name))
        if complaints:
            raise UserError("\n".join(complaints))

    @api.model
    def _triggers_by_themselves(self):
        """Hook: events that a step of the cycle reports; until it does, people say when they happened."""
        return BY_ITSELF

    @api.model
    def _check_role(self):
        groups = ("account.group_account_invoice", "sales_team.group_sale_manager")
        if not self.env.su and not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("Only finance or a sales manager can say that what an instalment waits for has happened."))

    # === BY ITSELF === #

    def _reach(self, on_date=None, note=None):
        """What the instalments wait for has happened. Idempotent: the first date stays."""
        waiting = self.sudo().filtered(lambda milestone: not milestone.reached_on)  # sudo: the system says so, whoever made it happen
        if waiting:
            waiting.write({"reached_on": on_date or fields.Date.context_today(self), **({"reached_note": note} if note else {})})

    @api.model
    def _cron_reach_dates(self, batch=200):
        """Instalments of a date, when it has come where the company works."""
        done = batch
        while done == batch:
            done = retrying(partial(self._reach_next_dates, batch), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch)):
                return

    @api.model
    def _reach_next_dates(self, batch):
        """Reach the next so many that no other worker holds; how many there were."""
        found = 0
        for company in self.env["res.company"].sudo().search([]):
            due = self.sudo().search([
                ("trigger", "=", "date"), ("reached_on", "=", False), ("planned_on", "<=", company._local_date()), ("company_id", "=", company.id),
                ("contract_id.state", "in", IN_FORCE)], limit=batch - found)
            found += len(due)
            for day, milestones in due.try_lock_for_update(allow_referencing=True).grouped("planned_on").items():
                milestones._reach(day)
            if found == batch:
                break
        return found


class SfcContract(models.Model):
    _inherit = "sfc.contract"

    def _reach_milestones(self, trigger, on_date=None, milestones=None, note=None):
        """An event of these contracts: their instalments that wait for it are to be invoiced from now on (ahead 9).

        For later steps. Idempotent; contracts that are not in force have no such events.

        :param milestones: only these, where one event concerns some of them (a link of the delivery plan)
        :param note: evidence, such as the number of the acceptance report
        """
        waiting = self.sudo().filtered(lambda contract: contract.state in IN_FORCE).milestone_ids  # sudo: the system says so
        waiting = waiting.filtered(lambda milestone: milestone.trigger == trigger and (milestones is None or milestone in milestones))
        waiting._reach(on_date, note)

    def _reach_signature(self):
        """The signature itself, and dates that lie behind it already."""
        for contract in self:
            contract._reach_milestones("signature", contract.signed_on)
            today = contract.company_id._local_date()
            past = contract.sudo().milestone_ids.filtered(lambda milestone: milestone.trigger == "date" and milestone.planned_on <= today)
            contract._reach_milestones("date", today, past)
