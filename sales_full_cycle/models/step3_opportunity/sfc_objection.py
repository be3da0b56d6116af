from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..common.system_fields import without_defaults

KINDS = [
    ("price", "Price"), ("function", "Function"), ("delivery", "Delivery capability"), ("service", "Service"), ("qualification", "Qualification"),
    ("payment", "Payment"), ("other", "Other"),
]
CHANNELS = [("phone", "Phone"), ("visit", "Visit"), ("meeting", "Meeting"), ("wechat", "WeChat"), ("email", "E-mail"), ("portal", "Customer portal")]
PROMISE = "objection"
# A clock on a phone may be a little fast.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Written by the buttons and the system; a person cannot claim these.
SYSTEM_FIELDS = {"number", "company_id", "state", "answered_by_id", "reopened_at", "reaction", "message_id"}
# What stands once it is answered.
SETTLED_FIELDS = {"raised_at", "answer_mode", "answer", "answered_at"}


class SfcObjection(models.Model):
    """异议: what the customer doubts about our proposal, answered within 24 hours of being raised (S3.12, S3.13, D9).

    This file: the record, its promise and who may write it. sfc_objection_answer.py: answering, reopening and the technical session.
    """
    _name = "sfc.objection"
    _description = "Objection"
    _inherit = ["mail.thread", "mail.activity.mixin", "sfc.sla.mixin"]
    _order = "sla_deadline, raised_at desc, id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "text"]
    _mail_post_access = "read"
    _sla_fk = "objection_id"

    number = fields.Char("No.", readonly=True, copy=False, index=True)
    active = fields.Boolean(default=True, tracking=True)
    state = fields.Selection(
        [("open", "To answer"), ("answered", "Answered"), ("closed", "Closed")], "Status", required=True, readonly=True, default="open", copy=False,
        index=True, tracking=True, group_expand=True)

    # whose and about what
    lead_id = fields.Many2one(
        "crm.lead", "Deal", compute="_compute_lead_id", store=True, readonly=False, required=True, precompute=True, index=True, ondelete="cascade",
        tracking=True, domain=[("type", "=", "opportunity")])
    sale_order_id = fields.Many2one(
        "sale.order", "Proposal", index="btree_not_null", ondelete="set null", tracking=True, domain="[('opportunity_id', '=', lead_id)]")
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id", store=True, index="btree_not_null")
    contact_id = fields.Many2one("res.partner", "Raised by", index="btree_not_null", tracking=True, domain="[('commercial_partner_id', '=?', partner_id)]")
    team_id = fields.Many2one(related="lead_id.team_id", store=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Owner", compute="_compute_user_id", store=True, readonly=False, precompute=True, index="btree_not_null", tracking=True,
        domain=[("share", "=", False)], help="Who answers for it: the owner of the deal unless somebody else is chosen.")

    # what was said. The type may be missing until somebody has read a comment of the portal.
    kind = fields.Selection(KINDS, "Type", index=True, tracking=True, help="价格 · 功能 · 交付能力 · 服务 · 资质 · 付款 · 其他")
    text = fields.Text("Objection", required=True, tracking=True)
    channel = fields.Selection(CHANNELS, required=True, default="phone", tracking=True)
    raised_at = fields.Datetime(
        "Raised on", required=True, default=fields.Datetime.now, copy=False, index=True, tracking=True,
        help="When the customer said it: the time to answer counts from here.")
    message_id = fields.Many2one("mail.message", "Comment of the customer", readonly=True, copy=False, index="btree_not_null", ondelete="set null")

    # our answer
    answer_mode = fields.Selection([("written", "Written"), ("oral", "Oral")], "Answered", copy=False, tracking=True)
    answer = fields.Text(copy=False, tracking=True)
    answered_at = fields.Datetime("Answered on", copy=False, tracking=True)
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True, copy=False, index="btree_not_null")
    reaction = fields.Selection([("resolved", "Resolved"), ("still_open", "Still open")], "Customer says", readonly=True, copy=False, tracking=True)
    reopened_at = fields.Datetime("Reopened on", readonly=True, copy=False)

    sla_clock_ids = fields.One2many("sfc.sla.clock", "objection_id", "Promises", readonly=True)

    _number_unique = models.UniqueIndex("(company_id, number)", "This objection number is already taken.")
    _once_per_message = models.UniqueIndex("(message_id) WHERE message_id IS NOT NULL", "This comment has become an objection already.")
    _by_time_left = models.Index("(sla_deadline, raised_at DESC, id DESC)")

    # === COMPUTE METHODS === #

    @api.depends("sale_order_id")
    def _compute_lead_id(self):
        for objection in self:
            objection.lead_id = objection.sale_order_id.opportunity_id or objection.lead_id

    @api.depends("lead_id.partner_id", "sale_order_id.partner_id")
    def _compute_partner_id(self):
        for objection in self:
            objection.partner_id = (objection.lead_id.partner_id or objection.sale_order_id.partner_id).commercial_partner_id

    @api.depends("lead_id")
    def _compute_user_id(self):
        for objection in self:
            objection.user_id = objection.user_id or objection.lead_id.user_id or self.env.user

    @api.depends("number", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for objection in self:
            objection.display_name = " ".join(filter(None, (objection.number, kinds.get(objection.kind))))

    # === CONSTRAINTS === #

    @api.constrains("raised_at", "answered_at")
    def _check_moments(self):
        latest = fields.Datetime.now() + CLOCK_TOLERANCE
        for objection in self:
            if objection.raised_at > latest:
                raise ValidationError(self.env._("The customer cannot have raised this in the future. Correct the date on which it was raised."))
            if objection.answered_at and objection.answered_at > latest:
                raise ValidationError(self.env._("An answer cannot lie in the future. Plan it as an activity, and note it when it has been given."))
            if objection.answered_at and objection.answered_at < objection._owed_since():
                raise ValidationError(self.env._("The answer cannot be older than the objection. Correct one of the two dates."))

    @api.constrains("lead_id", "sale_order_id")
    def _check_proposal(self):
        for objection in self.sudo():  # sudo: an objection may name a proposal that its author does not see any more
            order = objection.sale_order_id
            if order and order.opportunity_id != objection.lead_id:
                raise ValidationError(self.env._(
                    "The proposal %(proposal)s does not belong to %(deal)s. Choose a proposal of this deal.", proposal=order.name, deal=objection.lead_id.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._own_vals(vals) for vals in vals_list]
        self._give_companies(vals_list)
        self.env["ir.sequence"]._fill_company_numbers("sfc.objection", "number", vals_list)
        objections = super(SfcObjection, without_defaults(self, SYSTEM_FIELDS)).create(vals_list).with_env(self.env)
        objections._check_documents(objections._fields)
        objections._sync_promise()
        objections.filtered("answered_at")._register_answer()
        return objections

    def write(self, vals):
        self._check_may_change(vals)
        givers = self.user_id if not {"user_id", "lead_id"}.isdisjoint(vals) else self.env["res.users"]
        result = super().write(vals)
        self._check_documents(vals)
        if "raised_at" in vals:
            self._sla_cancel(PROMISE)
        if not {"raised_at", "active"}.isdisjoint(vals):
            self._sync_promise()
        if givers:
            self._sla_hand_over(givers)
        return result

    @api.model
    def _own_vals(self, vals):
        """The values that a person may give for a new objection; an import also gives the number."""
        if self.env.su:
            return dict(vals)
        kept = {"number"} if self.env["crm.lead"]._is_import() else set()
        return {fname: value for fname, value in vals.items() if fname in kept or fname not in SYSTEM_FIELDS}

    @api.model
    def _give_companies(self, vals_list):
        """Company of the proposal, of the deal, or the current one."""
        defaults = self.default_get(["lead_id", "sale_order_id"])
        pairs = [(vals.get("sale_order_id") or defaults.get("sale_order_id"), vals.get("lead_id") or defaults.get("lead_id")) for vals in vals_list]
        # sudo: the company of any document; whether the user may write about this one is asked afterwards
        orders = self.env["sale.order"].sudo().browse({order_id for order_id, _lead_id in pairs if order_id})
        leads = self.env["crm.lead"].sudo().browse({lead_id for _order_id, lead_id in pairs if lead_id})
        companies = {document: document.company_id.id for document in [*orders, *leads]}
        for vals, (order_id, lead_id) in zip(vals_list, pairs, strict=True):
            found = companies.get(orders.browse(order_id)) or companies.get(leads.browse(lead_id))
            vals["company_id"] = vals.get("company_id") or found or self.env.company.id

    def _check_may_change(self, vals):
        """:raises UserError: a field that the buttons write, or the answer of an objection that has been answered"""
        if self.env.su:
            return
        if SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("Number, status, who answered and what the customer says are set by the buttons. Change the other fields."))
        settled = self.filtered(lambda objection: objection.state != "open")
        if settled and SETTLED_FIELDS & vals.keys():
            raise UserError(self.env._(
                "%(numbers)s: answered already, so dates and answer stay. Reopen it if the customer is not satisfied.",
                numbers=", ".join(settled.mapped("number"))))

    def _check_documents(self, fnames):
        """A person writes about deals and proposals that he may see, and gives the objection to somebody who sees the deal too.

        :raises AccessError: one of them is hidden from the user
        :raises UserError: the owner could not open the deal
        """
        if self.env.su:
            return
        for fname in {"lead_id", "sale_order_id"} & set(fnames):
            self[fname].check_access("read")
        for objection in self if "user_id" in fnames else self.browse():
            owner = objection.user_id
            if owner and owner not in (objection.lead_id.user_id | self.env.user) and not objection.lead_id.with_user(owner).has_access("read"):
                raise UserError(self.env._(
                    "%(name)s does not see the deal %(deal)s. Add the person as a collaborator of the deal first.",
                    name=owner.name, deal=objection.lead_id.name))

    # === PROMISE === #

    def _owed_since(self):
        """When the customer began to wait: when he raised it, or raised it again."""
        return self.reopened_at or self.raised_at

    def _sync_promise(self):
        """Start or cancel the 24 hours as the objections now stand (D9). Idempotent; the deals of history owe nothing."""
        if self.env["crm.lead"]._is_import():
            return
        # sudo: whether the deal is alive, nothing else of it
        owed = self.filtered(lambda objection: objection.state == "open" and objection.active and objection.sudo().lead_id.active)
        (self - owed)._sla_cancel(PROMISE)
        owed._sla_start(PROMISE, at={objection: objection._owed_since() for objection in owed})

    # === WHERE THEY ARE SHOWN === #

    @api.model
    def _action_of(self, domain, name, **defaults):
        """The objections of one deal or proposal; new ones belong to it."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_objection_action")
        return {**action, "name": name, "domain": domain, "context": {f"default_{fname}": value for fname, value in defaults.items() if value}}

    @api.model
    def _quick_entry(self, **values):
        """The dialog with eight inputs, filled with `values`."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_objection_action_quick")
        return {**action, "context": {f"default_{fname}": value for fname, value in values.items() if value}}

    def _open(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "name": self.display_name, "res_model": self._name, "res_id": self.id, "views": [(False, "form")]}

    @api.model
    def _count_by(self, fname, records):
        """{record: number of objections} and {record: those still open}, in one query."""
        rows = self._read_group(Domain(fname, "in", records.ids), [fname, "state"], ["__count"])
        totals, still_open = {}, {}
        for record, state, count in rows:
            totals[record] = totals.get(record, 0) + count
            if state == "open":
                still_open[record] = count
        return totals, still_open
