from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

OPTION_KINDS = [("instalments", "Instalments"), ("bundle", "Other bundle"), ("service", "Service swap"), ("delivery", "Partial deliveries"), ("other", "Other")]


class SfcNegotiationOption(models.Model):
    """备选方案: what we may offer instead (S4.3, D15). Internal: never on the minutes that the customer gets. Frozen with its round."""
    _name = "sfc.negotiation.option"
    _description = "Fallback option"
    _order = "negotiation_id, sequence, id"

    negotiation_id = fields.Many2one("sfc.negotiation", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char("Option", required=True)
    kind = fields.Selection(OPTION_KINDS, required=True, default="instalments")
    description = fields.Text()
    payment_term_id = fields.Many2one(
        "account.payment.term", "Payment term", check_company=True, help="What a quotation made from the option gets.")
    sale_order_id = fields.Many2one("sale.order", "Quotation", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True)

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_written_quotation(*vals_list)
        options = super().create(vals_list)
        options.negotiation_id._check_draft()
        return options

    def write(self, vals):
        self._refuse_written_quotation(vals)
        self.negotiation_id._check_draft()
        if "negotiation_id" in vals and not self.env.su:
            raise UserError(self.env._("An option stays in its round. Add it to the other one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self.negotiation_id._check_draft()

    @api.model
    def default_get(self, fields_list):
        """Nor is a quotation given by a default."""
        return {fname: value for fname, value in super().default_get(fields_list).items() if fname != "sale_order_id" or self.env.su}

    def _refuse_written_quotation(self, *vals_list):
        if not self.env.su and any("sale_order_id" in vals for vals in vals_list):
            raise UserError(self.env._("The quotation of an option is made by its button."))

    def _prepare_next_option(self):
        return {
            "sequence": self.sequence, "name": self.name, "kind": self.kind, "description": self.description, "payment_term_id": self.payment_term_id.id}

    # === QUOTATION === #

    def action_make_quotation(self):
        """Another quotation of the deal, with what the option changes; each option once, then it is opened (S4.3).

        It is a copy of the proposal that is negotiated about and starts unapproved: nothing of it leaves before its own approval (S3.11).

        :raises UserError: the round is cancelled, or there is no proposal to start from
        """
        self.ensure_one()
        self.check_access("write")
        # two clicks at once: the second one waits, and is begun again with the quotation of the first
        self.env.cr.execute(SQL("SELECT id FROM sfc_negotiation_option WHERE id = %s FOR NO KEY UPDATE", self.id))
        if not self.sale_order_id:
            # sudo: the button writes the link, also when the minutes are confirmed meanwhile
            self.sudo().sale_order_id = self._make_quotation()
        self.sale_order_id.check_access("read")
        return {
            "type": "ir.actions.act_window", "name": self.name, "res_model": "sale.order", "res_id": self.sale_order_id.id,
            "views": [(self.env.ref("sale.view_order_form").id, "form")]}

    def _make_quotation(self):
        negotiation = self.negotiation_id
        base = negotiation.sale_order_id
        if not base or base.state == "cancel":
            base = negotiation.lead_id.current_proposal_id
        if negotiation.state == "cancelled" or not base:
            raise UserError(self.env._("A quotation is made from an option of a round that takes place, about a proposal: choose the proposal first."))
        base.check_access("read")
        order = base.copy(self._prepare_quotation_vals(base))
        order._message_log(body=self.env._(
            "Made from the option “%(option)s” of %(round)s, as a copy of %(proposal)s. %(description)s", option=self.name,
            round=negotiation.display_name, proposal=base.name, description=self.description or ""))
        return order

    def _prepare_quotation_vals(self, base):
        vals = {"opportunity_id": self.negotiation_id.lead_id.id}
        if self.kind == "instalments" and self.payment_term_id:
            vals["payment_term_id"] = self.payment_term_id.id
        return vals
