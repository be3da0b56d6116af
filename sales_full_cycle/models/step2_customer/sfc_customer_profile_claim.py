from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class SfcCustomerProfile(models.Model):
    """领取: a salesperson takes customers from the pool, within the quota (ahead 3, D22)."""
    _inherit = "sfc.customer.profile"

    def action_claim(self):
        """Take the customers, all or none, with the open deals and activities of whoever had them.

        :raises UserError: somebody was faster, or the quota is used up
        """
        user = self.env.user
        if not user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(self.env._("Only salespeople may claim customers."))
        # sudo: customers that somebody else has claimed meanwhile are out of sight; that shall be said in a sentence
        customers = self.sudo()._lock_for_claim(user)
        self.browse(customers.ids).check_access("read")
        for company, theirs in customers.grouped("company_id").items():
            theirs._check_quota(user, company)
        engine = self.env["sfc.handover.engine"].sudo()  # sudo: the deals are still those of the owner before
        engine._hand_over(user, engine._work_with(customers), self.env._("claimed from the pool"), kind="claim")

    def _lock_for_claim(self, user):
        """One claim at a time for a person and for a customer.

        The row of the user is really written: whoever waited for it starts anew with the state that the other claim left behind
        (a mere lock would let it go on with what it had read before, and count too few claims).
        """
        self.env.cr.execute(SQL("UPDATE res_users SET write_date = write_date WHERE id = %s", user.id))
        customers = self.with_context(active_test=False).exists()
        free = customers.try_lock_for_update(allow_referencing=True).filtered("in_pool")
        if free != customers or not customers:
            raise UserError(self.env._(
                "Somebody was faster; no longer in the pool: %(customers)s. Select the others once more.",
                customers=", ".join((customers - free).mapped("name")) or self.env._("the customer")))
        return customers

    def _check_quota(self, user, company):
        wanted = len(self)
        Log, Profile = self.env["sfc.assignment.log"], self.env["sfc.customer.profile"]
        if quota := company.pool_claim_quota:
            claimed = Log.search_count([
                ("kind", "=", "claim"), ("lead_id", "=", False), ("to_user_id", "=", user.id), ("profile_id.company_id", "=", company.id),
                ("at", ">", fields.Datetime.now() - timedelta(days=7))])
            if claimed + wanted > quota:
                raise UserError(self.env._(
                    "You may claim %(quota)s customers in 7 days: %(claimed)s claimed, %(wanted)s wanted.",
                    quota=quota, claimed=claimed, wanted=wanted))
        if limit := company.pool_hold_limit:
            held = Profile.search_count([("user_id", "=", user.id), ("company_id", "=", company.id)])
            if held + wanted > limit:
                raise UserError(self.env._(
                    "You may hold %(limit)s customers: you hold %(held)s, and want %(wanted)s. Hand some over first.",
                    limit=limit, held=held, wanted=wanted))

    def _owners_or_former(self):
        """Who has the customers, or had them before they came into the pool."""
        pooled = self.filtered("in_pool")
        return (self - pooled).user_id | pooled.pooled_from_id
