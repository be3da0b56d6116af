from odoo import api, fields, models
from odoo.exceptions import UserError

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
    "done": {"in_progress"},
    "cancelled": set(),
}
# In force: both sides are bound.
IN_FORCE = ("signed", "in_progress", "done")
# May still be written.
EDITABLE = ("draft", "legal_review", "approved", "sent")


class SfcContract(models.Model):
    """合同: what both sides signed, from the approved proposal and the minutes; anchor of delivery and payment (S4.7-S4.11).

    This file: the record and its states. One contract or amendment is exactly one sales order (design.md section 7, "Money").
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
    sale_order_id = fields.Many2one("sale.order", "Order", required=True, index=True, ondelete="restrict", tracking=True, help="The approved proposal.")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="restrict", tracking=True)
    user_id = fields.Many2one(
        "res.users", "Salesperson", required=True, default=lambda self: self.env.user, index=True, tracking=True, domain=[("share", "=", False)])
    team_id = fields.Many2one(related="lead_id.team_id", store=True, index="btree_not_null")
    parent_id = fields.Many2one(
        "sfc.contract", "Amends", readonly=True, index="btree_not_null", ondelete="restrict", help="The contract that this 补充协议 amends.")
    amendment_ids = fields.One2many("sfc.contract", "parent_id", "Amendments")

    # what
    currency_id = fields.Many2one(related="sale_order_id.currency_id", store=True)
    amount_total = fields.Monetary("Amount", related="sale_order_id.amount_total", store=True, help="With tax.")
    date_start = fields.Date("From", tracking=True)
    date_end = fields.Date("Until", tracking=True)
    signed_on = fields.Date("Signed on", readonly=True, copy=False, index=True, tracking=True, help="签订日期")
    clause_ids = fields.One2many("sfc.contract.clause", "contract_id", "Clauses", copy=True)
    milestone_ids = fields.One2many("sfc.payment.milestone", "contract_id", "Payment plan", copy=True)

    _number_unique = models.UniqueIndex("(company_id, number)", "This contract number is already taken.")
    _one_per_order = models.UniqueIndex("(sale_order_id) WHERE state != 'cancelled'", "This order has a contract already.")

    @api.depends("number", "name")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " ".join(filter(None, (contract.number, contract.name)))

    def _move(self, state):
        """Put the contracts into another state; the only writer of it.

        :raises UserError: the way is not open from where one of them is
        """
        states = dict(self._fields["state"]._description_selection(self.env))
        if stuck := self.filtered(lambda contract: state not in MOVES[contract.state]):
            raise UserError(self.env._(
                "%(contracts)s: cannot become “%(state)s” from “%(current)s”.", contracts=", ".join(stuck.mapped("display_name")),
                state=states[state], current=states[stuck[0].state]))
        self.write({"state": state})
