from odoo import api, fields, models
from odoo.tools.misc import formatLang

from . import floor_limits


class SaleOrder(models.Model):
    """The floor guards the quotation (S4.2, ahead 5): whoever may read it is warned while typing, anybody's submission asks for one more approval."""
    _inherit = "sale.order"

    floor_warning = fields.Text(
        "Beyond the floor", compute="_compute_floor_warning", help="Shown to the owner of the deal and the sales managers; empty for everybody else.")

    # === COMPUTE METHODS === #

    @api.depends_context("uid", "lang")
    @api.depends(
        "opportunity_id", "order_line.price_unit", "order_line.technical_price_unit", "order_line.discount", "order_line.product_uom_qty",
        "order_line.display_type", "amount_total", "currency_id", "delivery_lead_days")
    def _compute_floor_warning(self):
        for order in self:
            order.floor_warning = order._floor_warning_words() if order.opportunity_id and order.opportunity_id._may_read_floor() else False

    @api.depends("delivery_lead_days")
    def _compute_proposal_release(self):
        """Beyond the floor a proposal needs an approval, whatever the other rules say."""
        return super()._compute_proposal_release()

    # === APPROVAL === #

    def _approval_kinds(self):
        return [*super()._approval_kinds(), *(["floor"] if self._is_beyond_floor() else [])]

    # === AGAINST THE FLOOR === #

    def _is_beyond_floor(self):
        """Does this quotation, also one that is being typed, go beyond the floor of its deal? Not for the eyes of who may not read the floor."""
        self.ensure_one()
        order = self.sudo()  # sudo: the guard knows what the user may not
        limits = order.opportunity_id._floor_limits() if order.opportunity_id else floor_limits.NO_LIMITS
        return limits != floor_limits.NO_LIMITS and bool(floor_limits.beyond(limits, **order._floor_figures(limits)))

    def _floor_figures(self, limits):
        """What is compared, None where it is not known or not limited: discount of the whole, lead time, amount. Asked in sudo."""
        offers = any(not line.display_type for line in self.order_line)
        return {
            "discount": self._approval_discount() if offers else None, "lead_days": self.delivery_lead_days or None,
            "amount": self._floor_amount() if offers and limits.amount else None}

    def _floor_amount(self):
        """With tax, in the floor's currency. None for what is added to a deal that was ordered: the smallest amount is about the deal itself."""
        ordered = self.opportunity_id.order_ids.filtered(lambda order: order.state == "sale").sorted("id")[:1]
        if ordered and ordered != self._origin:
            return None
        company = self._floor_company()
        return self.currency_id._convert(self.amount_total, company.currency_id, company, self.date_order or fields.Date.context_today(self))

    def _floor_company(self):
        return self.opportunity_id._floor().company_id or self.company_id

    # === IN WORDS, for readers of the floor === #

    def _floor_warning_words(self):
        """What goes beyond; asked for who may read the floor."""
        order = self.sudo()  # sudo: see _is_beyond_floor
        limits = order.opportunity_id._floor_limits()
        over = floor_limits.beyond(limits, **order._floor_figures(limits))
        return "\n".join(words for name, words in self._floor_words().items() if name in over) or False

    def _floor_distance_words(self):
        """Every figure against its limit, or False for who may not read the floor."""
        self.ensure_one()
        deal = self.sudo().opportunity_id.sudo(False)  # sudo: which deal it is; who may read its floor is asked
        if not deal or not deal._may_read_floor():
            return False
        return "\n".join(self._floor_words().values()) or self.env._("Nothing is limited.")

    def _floor_words(self):
        """{name: sentence} of what is limited."""
        order = self.sudo()  # sudo: asked for readers of the floor alone
        limits = order.opportunity_id._floor_limits()
        figures, currency = order._floor_figures(limits), order._floor_company().currency_id
        sentences = {
            "discount": lambda left: self.env._(
                "Discount: %(value)s %%, at most %(limit)s %% (%(left)s)", value=f"{figures['discount']:g}", limit=f"{limits.discount:g}",
                left=f"{round(left, 2):+g}"),
            "lead_days": lambda left: self.env._(
                "Lead time: %(value)s days, at most %(limit)s (%(left)s)", value=figures["lead_days"], limit=limits.lead_days, left=f"{left:+d}"),
            "amount": lambda left: self.env._(
                "Amount: %(value)s, at least %(limit)s (%(left)s)", value=formatLang(self.env, figures["amount"], currency_obj=currency),
                limit=formatLang(self.env, limits.amount, currency_obj=currency), left=formatLang(self.env, left, currency_obj=currency)),
        }
        return {name: sentences[name](left) for name, left in floor_limits.distances(limits, **figures).items()}


class SaleOrderLine(models.Model):
    """Lines that are cheaper than the floor allows for the whole are marked, for who may read the floor."""
    _inherit = "sale.order.line"

    beyond_floor = fields.Boolean(compute="_compute_beyond_floor")

    @api.depends_context("uid")
    @api.depends("order_id.opportunity_id", "price_unit", "technical_price_unit", "discount", "display_type")
    def _compute_beyond_floor(self):
        for order, lines in self.grouped("order_id").items():
            deal = order.opportunity_id
            limit = deal._floor_limits().discount if deal and deal._may_read_floor() else None
            for line in lines:
                line.beyond_floor = limit is not None and not line.display_type and line._floor_discount() > limit + floor_limits.EPSILON

    def _floor_discount(self):
        """Discount of the line in %, given as such or as a price typed under the pricelist's."""
        full = max(self.price_unit, self.technical_price_unit)
        return round(100 * (1 - self.price_unit * (1 - self.discount / 100) / full), 2) if full > 0 and self.price_unit >= 0 else 0.0
