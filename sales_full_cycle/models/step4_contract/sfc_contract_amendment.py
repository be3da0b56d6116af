import re

from odoo import Command, api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError

from .sfc_contract import IN_FORCE


class SfcContract(models.Model):
    """补充协议: a contract in force is changed by another contract, never by hand (P8, P9, D10, D16)."""
    _inherit = "sfc.contract"

    parent_id = fields.Many2one(
        "sfc.contract", "Amends", readonly=True, copy=False, index="btree_not_null", ondelete="restrict", help="The contract that this 补充协议 amends.")
    amendment_ids = fields.One2many("sfc.contract", "parent_id", "Amendments")
    is_amendment = fields.Boolean("Amendment", compute="_compute_is_amendment")
    only_dates = fields.Boolean(
        "Dates and contacts only", compute="_compute_only_dates", store=True, help="An amendment that changes neither items nor prices nor wording.")
    # contract and amendments in force together
    amount_consolidated = fields.Monetary(
        "Amount with amendments", compute="_compute_consolidated", store=True, help="Of this contract and its amendments in force.")
    date_end_consolidated = fields.Date("Until, as amended", compute="_compute_consolidated", store=True, index="btree_not_null")

    _needs_order = models.Constraint(
        "CHECK (sale_order_id IS NOT NULL OR parent_id IS NOT NULL)", "A contract needs its order; only an amendment may have none.")

    # === COMPUTE METHODS === #

    @api.depends("parent_id")
    def _compute_is_amendment(self):
        for contract in self:
            contract.is_amendment = bool(contract.parent_id)

    @api.depends("parent_id", "sale_order_id", "clause_ids.template_id", "clause_ids.difference_kind", "milestone_ids")
    def _compute_only_dates(self):
        """Nothing is ordered, nothing is to be paid, and the words are the library's: what is left to change are dates and contact."""
        for contract in self:
            own_words = contract.clause_ids.filtered(lambda clause: not clause.template_id or clause.difference_kind)
            contract.only_dates = bool(contract.parent_id) and not (contract.sale_order_id or contract.milestone_ids or own_words)

    @api.depends("amount_total", "date_end", "amendment_ids.state", "amendment_ids.amount_total", "amendment_ids.date_end", "amendment_ids.signed_on")
    def _compute_consolidated(self):
        for contract in self:
            binding = contract.amendment_ids.filtered(lambda amendment: amendment.state in IN_FORCE)
            contract.amount_consolidated = contract.amount_total + sum(binding.mapped("amount_total"))
            dated = binding.filtered("date_end").sorted(lambda one: (one.signed_on or fields.Date.today(), one._origin.id))
            contract.date_end_consolidated = dated[-1:].date_end or contract.date_end

    @api.depends("parent_id.currency_id")
    def _compute_currency_id(self):
        result = super()._compute_currency_id()
        for contract in self.filtered(lambda contract: contract.parent_id and not contract.sale_order_id):
            contract.currency_id = contract.parent_id.currency_id
        return result

    @api.constrains("parent_id", "currency_id", "type_id")
    def _check_amendment(self):
        for contract in self:
            parent = contract.sudo().parent_id  # sudo: what it amends, whoever sees it
            if parent.parent_id:
                raise ValidationError(self.env._("%(contract)s is an amendment itself. Amend the contract %(parent)s.",
                                                 contract=parent.display_name, parent=parent.parent_id.display_name))
            if parent and contract.currency_id != parent.currency_id:
                raise ValidationError(self.env._("An amendment is in the currency of its contract: choose a pricelist in %(currency)s.",
                                                 currency=parent.currency_id.name))
            if bool(parent) != contract.type_id.is_amendment:
                raise ValidationError(self.env._("Amendments have a contract type for amendments, other contracts have another one."))

    # === NUMBERS === #

    @api.model
    def _number_new(self, vals_list):
        """Amendments count within their contract: HT2026-0001-B1 (D21)."""
        given = {}
        for vals in vals_list:
            if vals.get("parent_id") and not vals.get("number"):
                parent = self.sudo().browse(vals["parent_id"])
                place = given[parent] = given.get(parent, parent._last_amendment()) + 1
                vals["number"] = f"{parent.number}-B{place}"
        return super()._number_new([vals for vals in vals_list if not vals.get("parent_id")])

    def _last_amendment(self):
        """Place of the newest amendment; a deleted one in between is not given again."""
        places = (re.search(r"-B(\d+)$", number or "") for number in self.amendment_ids.mapped("number"))
        return max((int(found[1]) for found in places if found), default=0)

    # === AMEND === #

    def action_new_amendment(self):
        """A draft that amends this contract, to begin with in dates and contacts; “Add items or prices” gives it an order of its own."""
        self.ensure_one()
        self._check_responsible()
        self._check_amendable()
        amendment = self.sudo().create(self._prepare_amendment()).sudo(self.env.su)  # sudo: a button of ours writes what a person may not
        self._note(self.env._("Amendment %(number)s begun.", number=amendment.number))
        return amendment._open()

    def _check_amendable(self):
        if self.parent_id:
            raise UserError(self.env._("%(contract)s is an amendment itself. Amend the contract %(parent)s.",
                                       contract=self.number, parent=self.sudo().parent_id.display_name))
        if self.state not in IN_FORCE:
            raise UserError(self.env._("%(contract)s is not in force: what is not signed yet is changed as it is.", contract=self.display_name))
        if begun := self.sudo().amendment_ids.filtered(lambda amendment: amendment.state not in (*IN_FORCE, "cancelled")):
            raise UserError(self.env._("Finish or cancel the amendment %(number)s first.", number=begun[0].number))
        try:
            self.sudo().lock_for_update(allow_referencing=True)  # sudo: a lock is no change
        except LockError:
            raise UserError(self.env._("Somebody else is amending the same contract at this moment. Reload the page and look again.")) from None

    def _prepare_amendment(self):
        contract = self.sudo()  # sudo: the terms that go on; that the user may amend them was checked
        contract_type = self.env["sfc.contract.type"].sudo().search([("is_amendment", "=", True)], limit=1)
        if not contract_type:
            raise UserError(self.env._("There is no contract type for amendments. Ask a sales manager to make one under Configuration."))
        place = contract._last_amendment() + 1
        templates = self.env["sfc.clause"]._library(contract_type, contract.company_id).filtered(lambda template: not template.topic)
        return {
            "parent_id": contract.id, "name": self.env._("Amendment %(place)s: %(contract)s", place=place, contract=contract.name),
            "type_id": contract_type.id, "lead_id": contract.lead_id.id, "partner_id": contract.partner_id.id, "contact_id": contract.contact_id.id,
            "company_id": contract.company_id.id, "user_id": contract.user_id.id, "lang": contract.lang, "date_start": contract.date_start,
            "date_end": contract.date_end_consolidated, "warranty_months": contract.warranty_months, "delivery_place": contract.delivery_place,
            "clause_ids": [Command.create(self._prepare_clause(template, contract.lang)) for template in templates],
        }

    def action_add_items(self):
        """An order of its own for what the amendment adds or changes; it is approved as every proposal (P9)."""
        self.ensure_one()
        self._check_responsible()
        self._check_content_open()
        if not self.parent_id or self.sale_order_id:
            raise UserError(self.env._("Only an amendment without an order gets one here: a contract has its order already."))
        order = self.env["sale.order"].create(self._prepare_amending_order())
        templates = self.env["sfc.clause"]._library(self.type_id, self.company_id).filtered("topic") - self.clause_ids.template_id.sudo()
        self.write({
            "sale_order_id": order.id, "clause_ids": [Command.create(self._prepare_clause(template, self.lang)) for template in templates]})
        return order._get_records_action()

    def _prepare_amending_order(self):
        first = self.sudo().parent_id.sale_order_id  # sudo: the terms under which the customer ordered
        return {
            "partner_id": first.partner_id.id, "partner_invoice_id": first.partner_invoice_id.id, "partner_shipping_id": first.partner_shipping_id.id,
            "opportunity_id": self.lead_id.id, "company_id": self.company_id.id, "user_id": self.user_id.id, "team_id": self.team_id.id or first.team_id.id,
            "pricelist_id": first.pricelist_id.id, "currency_id": first.currency_id.id, "payment_term_id": first.payment_term_id.id,
            "fiscal_position_id": first.fiscal_position_id.id, "origin": self.sudo().parent_id.number,
        }

    def action_open_amendments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_contract_action")
        return {**action, "name": self.env._("Amendments of %(contract)s", contract=self.number), "domain": [("parent_id", "=", self.id)], "context": {}}

    def action_open_parent(self):
        self.ensure_one()
        self.parent_id.check_access("read")
        return self.parent_id._open()
