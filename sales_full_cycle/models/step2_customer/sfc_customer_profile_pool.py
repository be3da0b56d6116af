from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.bulk_write import bulk_update

ENGINE_FIELDS = {"pool_due_on", "pool_warned_on", "pool_kept_on", "in_pool", "pooled_at", "pooled_from_id"}
PROTECTION = {"pool_protected", "pool_protect_reason"}


class SfcCustomerProfile(models.Model):
    """公海: when a customer that nobody meets returns to the pool, and what keeps it from there (ahead 3, P14, D7).

    This file: the dates, protection, and who decides. What the cron does with them stands in _pool_cron, claiming in _claim.
    """
    _inherit = "sfc.customer.profile"

    # written by the engine alone
    pool_due_on = fields.Date("Idle until", readonly=True, copy=False, help="The idle time of the grade ends. Empty: no owner, no grade, or protected.")
    pool_warned_on = fields.Date("Pool warning on", readonly=True, copy=False)
    pool_kept_on = fields.Date("Kept on", readonly=True, copy=False, help="A leader decided that day that the customer stays with its owner.")
    in_pool = fields.Boolean("In the pool", readonly=True, copy=False)
    pooled_at = fields.Datetime("In the pool since", readonly=True, copy=False, help="Of the last return to the pool.")
    pooled_from_id = fields.Many2one("res.users", "Owner before", readonly=True, copy=False, help="原跟进人: who had it before the last return to the pool.")

    # a leader's decision
    pool_protected = fields.Boolean("Never to the pool", tracking=True, copy=False)
    pool_protect_reason = fields.Char("Why never to the pool", tracking=True, copy=False)

    # shown
    is_pool_protected = fields.Boolean("Protected now", compute="_compute_is_pool_protected", search="_search_is_pool_protected")
    pool_return_on = fields.Date("Returns to the pool on", compute="_compute_pool_return_on")
    pool_days_left = fields.Integer("Days left", compute="_compute_pool_return_on")
    may_decide_pool = fields.Boolean(compute="_compute_may_decide_pool")
    first_user_id = fields.Many2one("res.users", "First owner", compute="_compute_first_assignment")
    first_assigned_at = fields.Datetime("First assigned", compute="_compute_first_assignment")
    region_id = fields.Many2one(related="partner_id.state_id", string="Region")

    _to_warn = models.Index("(pool_due_on, id) WHERE pool_due_on IS NOT NULL AND pool_warned_on IS NULL AND active")
    _to_return = models.Index("(pool_due_on, id) WHERE pool_due_on IS NOT NULL AND pool_warned_on IS NOT NULL AND active")
    _pool = models.Index("(company_id, pooled_at) WHERE in_pool")

    # === COMPUTE METHODS === #

    def _compute_is_pool_protected(self):
        # sudo: a deal that the reader may not see protects the customer as well
        protected = self.sudo().with_context(active_test=False).search([("id", "in", self.ids), ("is_pool_protected", "=", True)])
        for profile in self:
            profile.is_pool_protected = profile._origin.id in protected._ids

    @api.model
    def _search_is_pool_protected(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env.flush_all()  # the conditions read tables that this model does not know of
        return Domain.custom(
            to_sql=lambda model, alias, query: model._is_protected_sql(SQL.identifier(alias)), predicate=lambda profile: profile.is_pool_protected)

    @api.depends("pool_due_on", "pool_warned_on")
    def _compute_pool_return_on(self):
        """Never before the warning has stood for its days."""
        for profile in self:
            company = profile.company_id.sudo()
            warned_until = profile.pool_warned_on and profile.pool_warned_on + timedelta(days=company.pool_warning_days)
            profile.pool_return_on = profile.pool_due_on and max(profile.pool_due_on, warned_until or profile.pool_due_on)
            profile.pool_days_left = (profile.pool_return_on - company._local_date()).days if profile.pool_return_on else 0

    @api.depends("team_id.user_id")
    @api.depends_context("uid")
    def _compute_may_decide_pool(self):
        decides = self._decided_by(self.env.user)
        for profile in self:
            profile.may_decide_pool = profile in decides

    def _compute_first_assignment(self):
        self.env["sfc.assignment.log"].flush_model()
        first = {profile_id: (user_id, at) for profile_id, user_id, at in self.env.execute_query(SQL(
            """SELECT DISTINCT ON (profile_id) profile_id, to_user_id, at FROM sfc_assignment_log
                WHERE profile_id = ANY(%s) AND lead_id IS NULL AND to_user_id IS NOT NULL ORDER BY profile_id, at, id""", self.ids))}
        for profile in self:
            profile.first_user_id, profile.first_assigned_at = first.get(profile._origin.id, (False, False))

    @api.constrains("pool_protected", "pool_protect_reason")
    def _check_pool_protect_reason(self):
        for profile in self:
            if profile.pool_protected and not (profile.pool_protect_reason or "").strip():
                raise ValidationError(self.env._("Say why %(customer)s shall never return to the pool.", customer=profile.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get(fname) for vals in vals_list for fname in ENGINE_FIELDS):
            self._refuse_engine_fields()
        profiles = super().create(vals_list)
        profiles.filtered("pool_protected")._check_decides()
        return profiles

    def _complete_new(self):
        result = super()._complete_new()
        self._refresh_pool()
        return result

    def write(self, vals):
        if not ENGINE_FIELDS.isdisjoint(vals):
            self._refuse_engine_fields()
        if not PROTECTION.isdisjoint(vals):
            self._check_decides()
        if vals.get("user_id"):
            self.filtered("in_pool")._check_taken_by_claim()
        result = super().write(vals)
        if vals.get("user_id"):
            taken = self.filtered("in_pool")
            bulk_update(taken, dict.fromkeys(taken.ids, (False,)), ["in_pool"])
        if "user_id" in vals or "pool_protected" in vals:
            self._refresh_pool()
        return result

    def _refuse_engine_fields(self):
        raise UserError(self.env._("The dates of the pool follow contacts, owner and grade. Use Claim, Keep or Protect."))

    def _check_taken_by_claim(self):
        """The quota cannot be walked around by writing the owner; whoever decides for the customer assigns it."""
        if self and not self.env.su and self._decided_by(self.env.user) != self:
            raise UserError(self.env._("This customer is in the pool. Take it with the button 'Claim'."))

    # === WHO DECIDES === #

    def _decided_by(self, user):
        """Customers of self for which the user may veto, protect and assign: sales managers all, leaders those of their teams."""
        if self.env.su or user._has_group("sales_team.group_sale_manager"):
            return self
        return self.filtered(lambda profile: profile.team_id.user_id == user)

    def _check_decides(self):
        if self._decided_by(self.env.user) != self:
            raise AccessError(self.env._("Only the leader of the customer's team or a sales manager decides whether it may return to the pool."))

    def _pool_keep(self, reason):
        """Veto: it stays with its owner for another idle period, counted from today.

        :raises AccessError: neither the team's leader nor a sales manager asks
        :raises UserError: nobody was warned, so there is nothing to veto
        """
        self._check_decides()
        unwarned = self.filtered(lambda profile: not profile.pool_warned_on)
        if unwarned:
            raise UserError(self.env._(
                "No return to the pool has been announced for: %(customers)s.", customers=", ".join(unwarned.mapped("name"))))
        bulk_update(self, {profile.id: (profile.company_id._local_date(),) for profile in self}, ["pool_kept_on"])
        self._refresh_pool()
        self._message_log_batch({profile.id: self.env._(
            "Not to the pool: stays with %(owner)s, for another idle period until %(date)s. %(reason)s",
            owner=profile.user_id.name, date=profile.pool_due_on, reason=reason) for profile in self})

    def _pool_protect(self, reason):
        """Keep it from the pool until somebody lifts the protection; without a reason it is lifted. write() checks the rights."""
        self.write({"pool_protected": bool(reason), "pool_protect_reason": reason})

    # === DATES === #

    @api.model
    def _pool_protection(self, customer):
        """SQL conditions over the row `customer` of this table, each of which keeps a customer from the pool; later steps add theirs."""
        return [
            SQL("%s.pool_protected IS TRUE", customer),
            # a signed contract that is running, or an open tender
            SQL("""EXISTS (SELECT FROM crm_lead deal WHERE deal.customer_profile_id = %s.id AND deal.active AND (
                deal.cycle_step IN ('signed', 'delivering') AND deal.won_status != 'lost' OR deal.origin_type = 'tender' AND deal.won_status = 'pending'))""",
                customer),
        ]

    @api.model
    def _is_protected_sql(self, customer):
        return SQL("(%s)", SQL(" OR ").join(SQL("(%s)", condition) for condition in self._pool_protection(customer)))

    def _refresh_cadence(self):
        """A contact starts the idle time anew."""
        result = super()._refresh_cadence()
        self._refresh_pool()
        return result

    def _grade_changed(self, before):
        result = super()._grade_changed(before)
        self._refresh_pool()
        return result

    def _refresh_pool(self):
        """The one writer of pool_due_on. A warning belongs to the date that it announced, and falls with it."""
        profiles = self.sudo()  # sudo: the dates are the system's
        due = {profile.id: profile._pool_due() for profile in profiles}
        changed = {profile.id: (due[profile.id], False) for profile in profiles if due[profile.id] != profile.pool_due_on}
        bulk_update(profiles, changed, ["pool_due_on", "pool_warned_on"])

    def _pool_due(self):
        """Last day of the idle time: that of the grade, from the last contact, the day the owner got it, or a veto."""
        if not self.user_id or not self.grade_id or self.pool_protected:
            return False
        assigned_on = self.company_id._local_date(self.assigned_at) if self.assigned_at else date.min
        idle_since = max(self.last_follow_up_date or date.min, self.pool_kept_on or date.min, assigned_on)
        return idle_since + timedelta(days=self.grade_id.pool_idle_days)
