from odoo import api, fields, models
from odoo.exceptions import UserError

# The states in which a quotation has left the company.
LEFT = ("sent", "sale")
HELD_PAYMENT = "sales_full_cycle.mail_activity_type_payment_held"


class SaleOrder(models.Model):
    """No proposal leaves unapproved (S3.11, ahead 4, P1): what is released, and the one refusal that every exit calls.

    An exit is a way by which a quotation reaches the customer. They are closed where they are: in this model, in the messages
    (mail_compose_message.py, mail_mail.py), in payments (payment_transaction.py) and on the portal (controllers/portal_proposal.py, record rules).
    A quotation without opportunity is plain Odoo.
    """

    _inherit = "sale.order"

    proposal_required = fields.Boolean(
        "Needs approval", compute="_compute_proposal_release", store=True,
        help="Belongs to an opportunity, and a rule of approval is meant for it: it leaves only approved (方案需经销售经理审核后，正式提交客户).")
    proposal_released = fields.Boolean(
        "Released", compute="_compute_proposal_release", store=True,
        help="May be given to the customer: needs no approval, or is approved and unchanged since.")

    # === COMPUTE METHODS === #

    @api.depends(
        "opportunity_id.team_id", "state", "company_id", "amount_total", "currency_id", "payment_term_id", "order_line.discount", "order_line.price_unit",
        "order_line.product_uom_qty", "approval_ids", "approval_state", "approval_content_hash")
    def _compute_proposal_release(self):
        """Stored for lists and for the record rules of portal users; the exits themselves ask again."""
        required = self._proposals_held_to_approval()
        unreleased = required._without_current_approval()
        for order in self:
            order.proposal_required = order in required
            order.proposal_released = order not in unreleased

    @api.model
    def _proposal_rules_changed(self):
        """Other rules, other proposals that need an approval. Confirmed orders that never had one stay what they are."""
        # sudo: who keeps the rules need not see every quotation
        orders = self.sudo().search([("opportunity_id", "!=", False), "|", ("state", "!=", "sale"), ("approval_ids", "!=", False)])
        for name in ("proposal_required", "proposal_released"):
            self.env.add_to_compute(self._fields[name], orders)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """A proposal is not born sent. A sales manager may bring in confirmed history (P11), and so may the system."""
        self._refuse_written_release(*vals_list)
        orders = super().create(vals_list)
        if not self.env.su and not self.env.user.has_group("sales_team.group_sale_manager"):
            orders.filtered(lambda order: order.state in LEFT)._proposals_to_approve()._refuse_unreleased()
        return orders

    def write(self, vals):
        """`state` written by a client is an exit like any button, and so is taking the quotation off its opportunity to send it."""
        self._refuse_written_release(vals)
        leaving = self._leaving(vals)
        leaving._refuse_unreleased()
        result = super().write(vals)
        # the same call may have changed what was approved
        leaving._proposals_to_approve()._refuse_unreleased()
        return result

    def _refuse_written_release(self, *vals_list):
        """A computed field could otherwise be written by API."""
        if any("proposal_released" in vals or "proposal_required" in vals for vals in vals_list):
            raise UserError(self.env._("Whether a proposal is released follows from the approval and cannot be written: submit it for approval."))

    def _leaving(self, vals):
        """The proposals that these values would let out."""
        leaving = self.browse()
        if vals.get("state") in LEFT:
            leaving |= self.filtered(lambda order: order.state != vals["state"])._proposals_to_approve()
        if "opportunity_id" in vals and not vals["opportunity_id"] and not self.env.su:
            leaving |= self._proposals_held_to_approval()
        return leaving

    # === WHAT IS RELEASED === #

    def _proposals_to_approve(self):
        """Those that need an approval, whatever their state: an active rule is meant for them. One query for all."""
        # archived rules stay out also where somebody looks at archived records
        rules = self.with_context(active_test=True)._approval_rules_by_document()
        return self.filtered(lambda order: rules[order])

    def _proposals_held_to_approval(self):
        """Without the confirmed orders that were never up for approval: confirming is closed, so these are older than the rule or the add-on."""
        return self._proposals_to_approve().filtered(lambda order: order.state != "sale" or order.sudo()._approval_rows())

    def _without_current_approval(self):
        return self.filtered(lambda order: not order.sudo()._approval_is_current())

    def _unreleased_proposals(self):
        """Those that must not leave as they are now: never approved, or changed since. Read anew, never from the stored field."""
        return self._proposals_held_to_approval()._without_current_approval()

    def _check_proposal_released(self):
        """Every exit calls this."""
        self._proposals_held_to_approval()._refuse_unreleased()

    def _refuse_unreleased(self):
        """The one place that refuses, with one text. A customer is told the same without our inside matters."""
        if held := self._without_current_approval():
            raise UserError(held._proposal_refusal())

    def _proposal_refusal(self):
        names = ", ".join(self.sudo().mapped("name"))
        if self.env.user.share:
            return self.env._(
                "The proposal %(names)s is being prepared or revised and cannot be opened yet. You will receive it as soon as it is ready; "
                "please ask your contact person.", names=names)
        return self.env._(
            "%(names)s cannot leave the company: it is not approved as it stands now. Submit it for approval; if it was changed after its approval, "
            "submit it again. Once it is approved it can be sent, shared, signed, paid and confirmed.", names=names)

    # === EXITS === #

    def action_quotation_send(self):
        self._check_proposal_released()
        return super().action_quotation_send()

    def action_quotation_sent(self):
        """Marked as sent. When a payment is pending Odoo calls this for the customer's sake: then the unapproved are left as they are."""
        if self.env.context.get("sfc_payment_arrived"):
            return super(SaleOrder, self - self._unreleased_proposals()).action_quotation_sent()
        self._check_proposal_released()
        return super().action_quotation_sent()

    def action_confirm(self):
        self._check_proposal_released()
        return super().action_confirm()

    def get_portal_url(self, *args, **kwargs):
        """Preview, payment link and every other link to the customer's page are made here."""
        self._check_proposal_released()
        return super().get_portal_url(*args, **kwargs)

    def _get_share_url(self, *args, **kwargs):
        self._check_proposal_released()
        return super()._get_share_url(*args, **kwargs)

    def _get_default_payment_link_values(self):
        self._check_proposal_released()
        return super()._get_default_payment_link_values()

    def _get_edi_builders(self):
        """No machine-readable order, neither for download nor inside a printed draft."""
        return [] if self._unreleased_proposals() else super()._get_edi_builders()

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._unreleased_proposals()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._unreleased_proposals()

    def _can_be_edited_on_portal(self):
        """What needs an approval is not changed by the customer: it would be another proposal (design.md section 7)."""
        return super()._can_be_edited_on_portal() and not self._proposals_held_to_approval()
