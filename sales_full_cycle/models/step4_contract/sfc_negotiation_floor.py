from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .floor_limits import Limits, looser, tighter

ASKED = ("asked_discount", "asked_lead_days", "asked_amount")
APPROVED = ("approved_discount", "approved_lead_days", "approved_amount")
# Written by the system and by the approval; a person cannot claim these.
SYSTEM_FIELDS = {"company_id", "asked_by_id", "revision", "approved_at", *APPROVED}


class SfcNegotiationFloor(models.Model):
    """谈判底线: how far we go in a deal (S4.2, ahead 5). A secret of the deal's owner and the sales managers: no mail.thread, no tracking, in no print.

    Three sets of figures: what is *asked* for by a person, what the grade of the customer allows (default), what a manager has *approved*.
    In force is what was asked, as far as the grade or the manager allows it: so a tighter floor is in force at once, a looser one waits (D15), and a
    floor of a customer who gets another grade follows.
    """
    _name = "sfc.negotiation.floor"
    _description = "Negotiation floor"
    _order = "id desc"
    _rec_name = "lead_id"

    # whose
    lead_id = fields.Many2one("crm.lead", "Deal", required=True, index=True, ondelete="cascade", domain=[("type", "=", "opportunity")])
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="lead_id.partner_id", string="Customer")
    user_id = fields.Many2one(related="lead_id.user_id", string="Owner of the deal")

    # asked for
    asked_discount = fields.Float("Maximum discount (%)", digits=(5, 2), help="最低折扣: 20 % is 8折.")
    asked_lead_days = fields.Integer("Longest lead time (days)", help="最长交付周期. 0: does not matter.")
    asked_amount = fields.Monetary("Minimum amount", help="最低金额. With tax, in the currency of the company. 0: does not matter.")
    asked_by_id = fields.Many2one("res.users", "Entered by", readonly=True, copy=False, help="Empty: nobody has changed what the grade says.")
    revision = fields.Integer(readonly=True, copy=False, help="Counts the changes; all that an approval says about the figures.")
    reason = fields.Text(help="What the sales manager should know.")

    # approved
    approved_discount = fields.Float("Approved discount (%)", digits=(5, 2), readonly=True, copy=False)
    approved_lead_days = fields.Integer("Approved lead time (days)", readonly=True, copy=False)
    approved_amount = fields.Monetary("Approved minimum amount", readonly=True, copy=False)
    approved_at = fields.Datetime("Approved on", readonly=True, copy=False)

    # in force, and by grade
    max_discount = fields.Float("Maximum discount in force (%)", digits=(5, 2), compute="_compute_in_force", compute_sudo=True)
    max_lead_days = fields.Integer("Longest lead time in force (days)", compute="_compute_in_force", compute_sudo=True)
    min_amount = fields.Monetary("Minimum amount in force", compute="_compute_in_force", compute_sudo=True)
    default_discount = fields.Float("Discount of the grade (%)", digits=(5, 2), compute="_compute_default", compute_sudo=True)
    default_lead_days = fields.Integer("Lead time of the grade (days)", compute="_compute_default", compute_sudo=True)
    grade_id = fields.Many2one(related="lead_id.customer_grade_id", string="Customer grade")
    asked_ratio = fields.Char("Price ratio", compute="_compute_ratios", help="折: 8折 is 20 % off.")
    max_ratio = fields.Char("Price ratio in force", compute="_compute_ratios")
    default_ratio = fields.Char("Price ratio of the grade", compute="_compute_ratios")
    status = fields.Selection([
        ("in_force", "In force"), ("to_submit", "To be approved"), ("pending", "Waiting for approval"), ("refused", "Refused"),
    ], compute="_compute_status", compute_sudo=True)

    _one_per_deal = models.UniqueIndex("(lead_id)", "This deal has a floor already. Open it on the deal.")

    # === COMPUTE METHODS === #

    @api.depends("lead_id")
    def _compute_display_name(self):
        """Never a figure: the name of a record gets around."""
        for floor in self:
            floor.display_name = floor.lead_id.display_name

    @api.depends(*ASKED, *APPROVED, "asked_by_id", "approved_at", "lead_id.customer_grade_id")
    def _compute_in_force(self):
        for floor in self:
            floor.max_discount, floor.max_lead_days, floor.min_amount = floor._limits()

    @api.depends("lead_id.customer_grade_id")
    def _compute_default(self):
        for floor in self:
            default = floor.lead_id._floor_default()
            floor.default_discount, floor.default_lead_days = default.discount, default.lead_days

    @api.depends_context("lang")
    @api.depends("asked_discount", "max_discount", "default_discount")
    def _compute_ratios(self):
        ratio = self.env["sfc.approval"]._price_ratio
        for floor in self:
            floor.asked_ratio, floor.max_ratio = ratio(floor.asked_discount), ratio(floor.max_discount)
            floor.default_ratio = ratio(floor.default_discount)

    @api.depends(*ASKED, *APPROVED, "asked_by_id", "approved_at", "approval_state", "lead_id.customer_grade_id")
    def _compute_status(self):
        for floor in self:
            if floor.approval_state == "pending":
                floor.status = "pending"
            elif not floor._asks_for_more():
                floor.status = "in_force"
            else:
                floor.status = "refused" if floor.approval_state == "refused" else "to_submit"

    # === CONSTRAINTS, CREATE AND WRITE === #

    @api.constrains(*ASKED)
    def _check_figures(self):
        """The text names no figure: it may reach anybody."""
        for floor in self:
            if not 0 <= floor.asked_discount <= 100 or floor.asked_lead_days < 0 or floor.asked_amount < 0:
                raise ValidationError(self.env._("The maximum discount lies between 0 and 100 %; lead time and minimum amount are not negative."))

    @api.constrains("lead_id")
    def _check_deal(self):
        for floor in self:
            if floor.lead_id.type != "opportunity":
                raise ValidationError(self.env._("A floor belongs to an opportunity: convert the lead first."))

    @api.model_create_multi
    def create(self, vals_list):
        self._check_no_system_fields({fname for vals in vals_list for fname in vals})
        floors = super().create([self._with_defaults(vals) for vals in vals_list])
        floors._guard_changed()
        return floors

    def write(self, vals):
        self._check_no_system_fields(vals, {"lead_id"})
        changed = self._changed_by(vals)
        result = super().write(vals)
        for floor in changed.sudo():  # sudo: the system counts, and notes who it was
            floor.write({"revision": floor.revision + 1, "asked_by_id": vals.get("asked_by_id", self.env.uid)})
        changed._guard_changed()
        return result

    @api.model
    def _check_no_system_fields(self, names, others=frozenset()):
        if not self.env.su and (SYSTEM_FIELDS | others).intersection(names):
            raise UserError(self.env._("Deal, company and approved figures of a floor are set by the system: enter what you ask for, and submit it."))

    @api.model
    def _with_defaults(self, vals):
        """Figures of the grade where none are given, the company of the deal; what the system sets is not taken from the context either."""
        # sudo: of any deal; whether the user may make a floor for it say the record rules
        lead = self.env["crm.lead"].sudo().browse(vals.get("lead_id") or self.default_get(["lead_id"]).get("lead_id"))
        given = {fname for fname in ASKED if fname in vals}
        return {
            **dict(zip(ASKED, lead._floor_default() if lead else Limits(), strict=True)), **vals,
            "company_id": (lead.company_id or self.env.company).id, "asked_by_id": self.env.uid if given else False, "revision": 0,
            "approved_at": False, **dict.fromkeys(APPROVED, 0),
        }

    def _changed_by(self, vals):
        """The floors of which these values change a figure."""
        asked = {fname: self._fields[fname] for fname in ASKED if fname in vals}
        return self.filtered(lambda floor: any(
            field.convert_to_cache(vals[fname], floor) != floor[fname] for fname, field in asked.items())) if asked else self.browse()

    def _guard_changed(self):
        """Other limits, other proposals that need an approval."""
        # sudo: also the quotations that the user does not see
        orders = self.sudo().lead_id.order_ids.filtered(lambda order: order.state in ("draft", "sent"))
        for fname in ("proposal_required", "proposal_released"):
            self.env.add_to_compute(orders._fields[fname], orders)

    # === LIMITS === #

    def _asked(self):
        """What a person entered, or is typing; until somebody has, the grade's figures as they are today."""
        if self.asked_by_id or not self.id:
            return Limits(self.asked_discount, self.asked_lead_days, self.asked_amount)
        return self.lead_id._floor_default()

    def _ceiling(self):
        """What needs no (further) approval: the grade's figures, and what a manager has approved for this deal."""
        default = self.lead_id._floor_default()
        if not self.approved_at:
            return default
        return looser(default, Limits(self.approved_discount, self.approved_lead_days, self.approved_amount))

    def _limits(self):
        """In force now."""
        self.ensure_one()
        return tighter(self._asked(), self._ceiling())

    def _asks_for_more(self):
        """A manager has to approve what is asked."""
        self.ensure_one()
        return self._asked().is_looser(self._ceiling())

    def _follow_grade(self):
        """Floors that nobody has changed show what the grade says today."""
        for floor in self.sudo().filtered(lambda floor: not floor.asked_by_id):  # sudo: the system's figures
            floor.write({**dict(zip(ASKED, floor.lead_id._floor_default(), strict=True)), "asked_by_id": False})

    def action_take_grade(self):
        """Back to what the grade says."""
        self.check_access("write")
        for floor in self:
            floor.write(dict(zip(ASKED, floor.lead_id._floor_default(), strict=True)))
        return True

    def _move_to(self, deal):
        """The deals were merged; called in sudo."""
        self.lead_id = deal
        self.approval_ids.write({"lead_id": deal.id})
