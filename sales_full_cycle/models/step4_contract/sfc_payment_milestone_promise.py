from odoo import fields, models

PROMISE = "payment"
OWED = ("invoiced", "partial")


class SfcPaymentMilestone(models.Model):
    """回款: what is invoiced is paid on the day the contract says; salesperson and finance are reminded, then those above them (D9, ahead 9)."""
    _name = "sfc.payment.milestone"
    _inherit = ["sfc.payment.milestone", "sfc.sla.mixin"]
    _sla_fk = "milestone_id"

    sla_clock_ids = fields.One2many("sfc.sla.clock", "milestone_id", "Promises", readonly=True)

    def _promise_later(self):
        """The figures have changed: look at the promises and the contracts before the transaction ends, once for all changes."""
        ids = [id_ for id_ in self._ids if isinstance(id_, int)]
        if not ids:
            return
        precommit = self.env.cr.precommit
        waiting = precommit.data.setdefault("sfc.payment.milestone.promises", set())
        if not waiting:
            # sudo: the system keeps the clocks, whoever pays or posts
            milestones = self.env(su=True)[self._name]

            @precommit.add
            def sync():
                changed = precommit.data.pop("sfc.payment.milestone.promises", set())
                known = milestones.browse(sorted(changed)).exists()
                known._sync_promise()
                known.contract_id._follow_payments()

        waiting.update(ids)

    def _sync_promise(self):
        """Start, stop or cancel the promise as the instalments now stand. Idempotent; imported history owes nothing."""
        if self.env["crm.lead"]._is_import():
            return
        owed = self.filtered(lambda milestone: milestone.state in OWED and milestone.due_date and milestone.amount_residual > 0)
        paid = (self - owed).filtered(lambda milestone: milestone.state == "paid")
        in_time = paid.filtered(lambda milestone: milestone.sla_deadline and milestone._paid_on() <= milestone.due_date)
        for milestone in in_time:
            milestone._sla_stop(PROMISE, at=min(fields.Datetime.now(), milestone.sla_deadline))
        (paid - in_time)._sla_stop(PROMISE)
        (self - owed - paid)._sla_cancel(PROMISE)
        owed._sla_start(PROMISE, deadline={milestone: milestone.due_date for milestone in owed})

    def _paid_on(self):
        """Day of the last payment: who paid in time kept the promise, also when it is booked later."""
        self.ensure_one()
        receivable = self.invoice_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        days = [partial.max_date for partial in receivable.matched_credit_ids] + [
            payment.date for payment in self.invoice_id.matched_payment_ids if payment.state in ("in_process", "paid")]
        return max(filter(None, days), default=fields.Date.context_today(self))

    def _sla_users(self, clock):
        """The salesperson, who invoiced it, and finance people of the deal (D9)."""
        finance = self.invoice_id.create_uid | self.lead_id.collaborator_ids.filtered(lambda row: row.role == "finance").user_id
        return super()._sla_users(clock) | finance.filtered(lambda user: user.active and not user.share and user.has_group("account.group_account_invoice"))
