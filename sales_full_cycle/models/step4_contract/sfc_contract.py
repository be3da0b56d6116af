from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..common.system_fields import without_defaults

STATES = [
    ("draft", "Draft"), ("legal_review", "Legal review"), ("approved", "Approved"), ("sent", "Sent"), ("signed", "Signed"), ("in_progress", "In progress"),
    ("done", "Done"), ("cancelled", "Cancelled"),
]
# Where a contract may go from each state; _move() alone writes the state.
MOVES = {
    "draft": {"legal_review", "approved", "cancelled"},
    "legal_review": {"draft", "approved", "cancelled"},
    "approved": {"draft", "sent", "signed", "cancelled"},
    "sent": {"draft", "signed", "cancelled"},
    "signed": {"in_progress", "done", "cancelled"},
    "in_progress": {"done", "cancelled"},
    "done": {"in_progress", "cancelled"},
    "cancelled": set(),
}
# In force: both sides are bound.
IN_FORCE = ("signed", "in_progress", "done")
# May still be written.
EDITABLE = ("draft", "legal_review", "approved", "sent")
# What both sides sign. From the signature on it stands, whoever asks (P8).
CONTENT_FIELDS = {
    "name", "type_id", "lead_id", "sale_order_id", "partner_id", "contact_id", "date_start", "date_end", "lang", "warranty_months", "delivery_place",
    "negotiation_ids", "clause_ids",
}
# Written by the buttons and the system; a person cannot claim these.
SYSTEM_FIELDS = {
    "number", "company_id", "author_id", "state", "parent_id", "negotiation_skipped", "stage_before_id", "cancel_reason_id", "cancel_note", "signed_on",
    "team_id", "currency_id", "amount_total", "delivery_lead_days", "difference_count", "only_dates", "amount_consolidated", "date_end_consolidated",
}


class SfcContract(models.Model):
    """合同: what both sides signed, from the approved proposal and the minutes; anchor of delivery and payment (S4.7-S4.11).

    One contract is exactly one sales order, and so is an amendment that changes more than dates and contacts (design.md section 7, "Money").
    This file: the record, who may write what of it, and its states. sfc_contract_making.py: how it is made; sfc_contract_text.py: the figures in its
    clauses; sfc_contract_difference.py: minutes, library and contract compared; sfc_contract_effects.py: what signing and cancelling do;
    sfc_contract_amendment.py: 补充协议.
    """
    _name = "sfc.contract"
    _description = "Contract"
    _inherit = ["sfc.document.mixin"]
    _order = "id desc"
    _rec_names_search = ["number", "name"]
    _number_code = "sfc.contract"

    name = fields.Char("Title", required=True, tracking=True)
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="draft", copy=False, index=True, tracking=True, group_expand=True)
    type_id = fields.Many2one("sfc.contract.type", required=True, index=True, ondelete="restrict", tracking=True)

    # whose
    lead_id = fields.Many2one("crm.lead", "Deal", index="btree_not_null", ondelete="restrict", tracking=True, domain=[("type", "=", "opportunity")])
    sale_order_id = fields.Many2one(
        "sale.order", "Sales order", index="btree_not_null", ondelete="restrict", tracking=True, copy=False,
        help="The approved proposal. Only an amendment of dates and contacts has none.")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="restrict", tracking=True)
    contact_id = fields.Many2one(
        "res.partner", "Contact person", index="btree_not_null", ondelete="restrict", tracking=True, help="联系人 of the customer for this contract.")
    user_id = fields.Many2one(
        "res.users", "Salesperson", required=True, default=lambda self: self.env.user, index=True, tracking=True, domain=[("share", "=", False)])
    team_id = fields.Many2one(related="lead_id.team_id", store=True, index="btree_not_null")

    # what
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, recursive=True)
    amount_total = fields.Monetary("Amount", compute="_compute_amount_total", store=True, help="With tax.")
    date_start = fields.Date("Start date", tracking=True)
    date_end = fields.Date("End date", tracking=True, index="btree_not_null")
    signed_on = fields.Date("Signed on", readonly=True, copy=False, index=True, tracking=True, help="签订日期")
    lang = fields.Selection(
        "_selection_lang", "Language", required=True, default=lambda self: self.env.lang or "en_US", help="In which the clauses are written.")
    warranty_months = fields.Integer("Warranty (months)", default=12, tracking=True, help="质保期")
    delivery_lead_days = fields.Integer(related="sale_order_id.delivery_lead_days", store=True, help="交付周期, as in the approved proposal.")
    delivery_place = fields.Char("Place of delivery", tracking=True, help="交付地点")
    clause_ids = fields.One2many("sfc.contract.clause", "contract_id", "Clauses", copy=True)
    milestone_ids = fields.One2many("sfc.payment.milestone", "contract_id", "Payment plan", copy=True)

    # why it was given up
    cancel_reason_id = fields.Many2one("sfc.reason", "Cancelled because", readonly=True, copy=False, ondelete="restrict", tracking=True)
    cancel_note = fields.Text("Remark on the cancellation", readonly=True, copy=False)

    _number_unique = models.UniqueIndex("(company_id, number)", "This contract number is already taken.")
    _one_per_order = models.UniqueIndex("(sale_order_id) WHERE state != 'cancelled'", "This order has a contract already.")
    _warranty_positive = models.Constraint("CHECK (warranty_months >= 0)", "The warranty is a number of months: it cannot be negative.")

    # === COMPUTE METHODS === #

    @api.model
    def _selection_lang(self):
        return self.env["res.lang"].get_installed()

    @api.depends("sale_order_id.currency_id")
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = contract.sale_order_id.currency_id or contract.company_id.currency_id

    @api.depends("sale_order_id.amount_total")
    def _compute_amount_total(self):
        for contract in self:
            contract.amount_total = contract.sale_order_id.amount_total

    @api.depends("number", "name")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " ".join(filter(None, (contract.number, contract.name)))

    # === CONSTRAINTS === #

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for contract in self:
            if contract.date_start and contract.date_end and contract.date_end < contract.date_start:
                raise ValidationError(self.env._("A contract cannot end before it begins. Correct one of the two dates."))

    @api.constrains("sale_order_id", "lead_id", "company_id")
    def _check_order(self):
        for contract in self.sudo():  # sudo: the order may be a colleague's
            order = contract.sale_order_id
            if not order:
                continue
            if order.company_id != contract.company_id:
                raise ValidationError(self.env._("%(order)s belongs to another company than the contract.", order=order.name))
            if order.opportunity_id != contract.lead_id:
                raise ValidationError(self.env._("%(order)s does not belong to the deal of the contract. Choose a proposal of this deal.", order=order.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._own_vals(vals) for vals in vals_list]
        if not self.env.su and any(not vals.get("sale_order_id") and not self.env.context.get("default_sale_order_id") for vals in vals_list):
            raise UserError(self.env._(
                "A contract is made from an approved proposal: choose the order. What is in force is changed with “Amend” on the contract."))
        contracts = super(SfcContract, without_defaults(self, SYSTEM_FIELDS)).create(vals_list).with_env(self.env)
        if not self.env.su:
            contracts._check_may_be_made()
        return contracts

    def write(self, vals):
        if not self.env.su and SYSTEM_FIELDS & vals.keys():
            raise UserError(self.env._("Number, company, status and what follows from them are set by the buttons. Change the other fields."))
        if CONTENT_FIELDS & vals.keys():
            self._check_content_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_record(self):
        """A draft that nobody else has seen may go; everything else stays on record."""
        # sudo: whether there ever was a review, whoever asks
        reviewed = self.env["sfc.approval"].sudo().search([("contract_id", "in", self.ids)]).contract_id
        kept = self.filtered(lambda contract: contract.state != "draft" or contract in reviewed or contract.amendment_ids)
        if kept:
            raise UserError(self.env._(
                "%(contracts)s stays on record: only a draft that was never reviewed may be deleted. Cancel it instead.",
                contracts=", ".join(kept.mapped("display_name"))))

    @api.model
    def _own_vals(self, vals):
        """The values that a person may give for a new contract; an import also gives the number."""
        if self.env.su:
            return dict(vals)
        kept = {"number"} if self.env["crm.lead"]._is_import() else set()
        order = self.env["sale.order"].browse(vals.get("sale_order_id") or ()).sudo()  # sudo: its company; whether it may be used is checked afterwards
        own = {fname: value for fname, value in vals.items() if fname in kept or fname not in SYSTEM_FIELDS}
        return {**own, "company_id": order.company_id.id} if order else own

    def _check_content_open(self):
        """What was signed stands, also for the system itself (P8).

        :raises UserError: a contract in force, or a cancelled one
        """
        fixed = self.filtered(lambda contract: contract.state not in EDITABLE)
        if fixed:
            raise UserError(self.env._(
                "%(contracts)s is signed or cancelled: its content stays as it is. Make an amendment (button “Amend”) if something has changed.",
                contracts=", ".join(fixed.sudo().mapped("display_name"))))

    # === STATES === #

    def _move(self, state):
        """Put the contracts into another state; the only writer of it. What follows for order and deal is in _moved().

        :raises AccessError: the user may not (see _check_may_move)
        :raises UserError: the way is not open from where one of them is
        """
        self._check_may_move(state)
        states = dict(self._fields["state"]._description_selection(self.env))
        if stuck := self.filtered(lambda contract: state not in MOVES[contract.state]):
            raise UserError(self.env._(
                "%(contracts)s: cannot become “%(state)s” from “%(current)s”.", contracts=", ".join(stuck.mapped("display_name")),
                state=states[state], current=states[stuck[0].state]))
        before = dict.fromkeys(self.ids)
        before.update({contract.id: contract.state for contract in self})
        self.sudo().write({"state": state})  # sudo: nobody writes the state but this
        self._moved(before)

    def _moved(self, before):
        """Hook: the contracts have another state now.

        :param before: {contract id: state before}
        """

    def _check_may_move(self, state):
        """Sending and cancelling is up to who is responsible, cancelling what is in force to a sales manager. The other moves are made by their rules:
        review by the approval engine, signature by signing, progress by deliveries and payments; these come here in sudo or with rights of their own.

        :raises AccessError: somebody else
        """
        if self.env.su:
            return
        if state in ("sent", "cancelled"):
            self._check_responsible()
        if state == "cancelled" and not self.env.user.has_group("sales_team.group_sale_manager"):
            if bound := self.filtered(lambda contract: contract.state in IN_FORCE):
                raise AccessError(self.env._(
                    "%(contracts)s is in force: only a sales manager may cancel it.", contracts=", ".join(bound.mapped("display_name"))))

    def _check_responsible(self):
        """:raises AccessError: the user is neither the salesperson of the contract or the deal, nor the leader of the team, nor a sales manager"""
        self.check_access("write")
        user = self.env.user
        if self.env.su or user.has_group("sales_team.group_sale_manager"):
            return
        # sudo: who is responsible for the deal, nothing else of it
        foreign = self.filtered(lambda contract: user not in (contract.user_id | contract.sudo().lead_id.user_id | contract.sudo().team_id.user_id))
        if foreign:
            raise AccessError(self.env._(
                "%(contracts)s: this is up to the salesperson %(names)s, the leader of the team or a sales manager.",
                contracts=", ".join(foreign.mapped("display_name")), names=", ".join(foreign.sudo().user_id.mapped("name"))))

    def _start_progress(self):
        """Something of the signed contracts was invoiced or delivered. Idempotent."""
        started = self.filtered(lambda contract: contract.state == "signed")
        if started:
            started._move("in_progress")

    def _check_done(self):
        """Contracts that are fulfilled are done, and done ones that are not fulfilled any more go on. Idempotent; whoever changes what
        _is_fulfilled() reads calls it."""
        in_force = self.filtered(lambda contract: contract.state in IN_FORCE)
        fulfilled = in_force.filtered(lambda contract: contract._is_fulfilled())
        if done := fulfilled.filtered(lambda contract: contract.state != "done"):
            done._move("done")
        if reopened := (in_force - fulfilled).filtered(lambda contract: contract.state == "done"):
            reopened._move("in_progress")

    # === WHERE THEY ARE SHOWN === #

    def _open(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "name": self.display_name, "res_model": self._name, "res_id": self.id, "views": [(False, "form")]}

    def action_open_deal(self):
        self.ensure_one()
        self.lead_id.check_access("read")
        return self.lead_id.get_formview_action()

    def action_open_order(self):
        self.ensure_one()
        self.sale_order_id.check_access("read")
        return self.sale_order_id.get_formview_action()
