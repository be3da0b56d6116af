from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.bulk_write import bulk_update

# What both sides signed. Addresses, delivery and invoicing go on under a contract.
HEAD_FIELDS = {
    "partner_id", "company_id", "currency_id", "pricelist_id", "fiscal_position_id", "payment_term_id", "note", "delivery_lead_days", "solution_line_ids",
    "situation",
}
LINE_FIELDS = {"order_id", "name", "display_type", "product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount", "tax_ids", "is_downpayment"}


class SaleOrder(models.Model):
    """The order of a contract: how it gets one, and that it stands while the contract is in force (S4.7, P8, P9). Without contract it is Odoo's own."""
    _inherit = "sale.order"

    contract_ids = fields.One2many("sfc.contract", "sale_order_id", "Contracts", copy=False)
    # a column, so that orders without contract ask the database nothing
    contract_in_force = fields.Boolean("Under a contract in force", readonly=True, copy=False)
    contract_id = fields.Many2one("sfc.contract", compute="_compute_contract_id", compute_sudo=True, groups="base.group_user")

    @api.depends("contract_ids.state")
    def _compute_contract_id(self):
        for order in self:
            order.contract_id = order.contract_ids.filtered(lambda contract: contract.state != "cancelled")[:1]

    # === MAKE, OPEN === #

    def action_new_contract(self):
        """Make the contract and open it. Without confirmed minutes a dialog asks why to go on; the contract that is there already is opened.

        :raises AccessError, UserError: see sfc.contract._check_maker()
        """
        self.ensure_one()
        contracts = self.env["sfc.contract"]
        if existing := self.sudo().contract_id:  # sudo: that there is one; opening it asks for the right to read it
            return existing.sudo(self.env.su)._open()
        contracts._check_maker(self)
        if missing := contracts._minutes_missing(self, contracts._default_type(self)):
            return self.env["sfc.contract.start"]._action_for(self, missing)
        return contracts._make_from(self)._open()

    def action_open_contract(self):
        self.ensure_one()
        self.contract_id.sudo(self.env.su).check_access("read")
        return self.contract_id._open()

    # === WHAT STANDS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_written_contract(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_written_contract(vals)
        if HEAD_FIELDS & vals.keys():
            self._check_signed_stands()
        result = super().write(vals)
        if "opportunity_id" in vals:
            self._contracts_follow()
        return result

    def _refuse_written_contract(self, *vals_list):
        if not self.env.su and any("contract_in_force" in vals for vals in vals_list):
            raise UserError(self.env._("Whether a contract is in force follows from its signature and cannot be written."))

    def _check_signed_stands(self):
        """What was signed is not edited, also not by the system (P8).

        :raises UserError: with the way out
        """
        if signed := self.filtered("contract_in_force"):
            raise UserError(self.env._(
                "%(orders)s is under a signed contract and stays as it was signed. Make an amendment of the contract if items, prices or terms change.",
                orders=", ".join(signed.sudo().mapped("name"))))

    # === ONE SIGNATURE === #

    def _has_to_be_signed(self):
        """The customer signs the contract, not its order as well (S4.8)."""
        return super()._has_to_be_signed() and not self._under_contract()

    def action_confirm(self):
        """The signature of the contract confirms its order: nobody goes round legal and signature (S4.7, S4.8).

        :raises UserError: the contract is not signed yet
        """
        if waiting := self._under_contract().filtered(lambda order: not order.contract_in_force):
            raise UserError(self.env._(
                "%(orders)s has a contract that is not signed yet: signing it confirms the order. Cancel the contract if there is to be none.",
                orders=", ".join(waiting.mapped("name"))))
        return super().action_confirm()

    # === CANCEL, DELETE, MOVE === #

    def _action_cancel(self):
        self._check_signed_stands()
        return super()._action_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_contract(self):
        # sudo: a record, whoever may see it
        if kept := self.sudo().filtered("contract_ids"):
            raise UserError(self.env._("%(orders)s has a contract and stays on record. Cancel it instead.", orders=", ".join(kept.mapped("name"))))

    def _contracts_follow(self):
        """A quotation that goes to another deal, or is merged with its deal, takes its contracts along."""
        for order in self.sudo():  # sudo: one document with the order
            contracts, lead = order.contract_ids, order.opportunity_id
            before = contracts.lead_id
            if moving := contracts.filtered(lambda contract, lead=lead: contract.lead_id != lead):
                bulk_update(moving, dict.fromkeys(moving.ids, (lead.id or None,)), ["lead_id"])  # no write(): signed content stays
                (before | lead).exists()._sync_cycle_step()


class SaleOrderLine(models.Model):
    """What was ordered under a contract in force stands; down payments, expenses and deliveries go on."""
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_order_stands()
        return lines

    def write(self, vals):
        if LINE_FIELDS & vals.keys():
            self._check_order_stands()
        result = super().write(vals)
        if not {"order_id", "is_downpayment", "product_uom_qty"}.isdisjoint(vals):
            self._check_order_stands()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_under_contract(self):
        self._check_order_stands()

    def _check_order_stands(self):
        """:raises UserError: a line that was signed, or a new one beside those"""
        # a down payment is ordered in no quantity; one with a quantity would be another item
        added = self.filtered(lambda line: line.is_downpayment and not line.product_uom_qty or line.is_expense)
        bound = (self - added).filtered("order_id.contract_in_force")
        bound.order_id._check_signed_stands()
