from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

# D14: what a new proposal promises when nothing else is said, in calendar days.
LEAD_DAYS = VALID_DAYS = 30


class SaleOrder(models.Model):
    """方案: the sections of a proposal that Odoo's quotation does not have, prefilled from its deal (S3.7-S3.10, D14).

    Configuration, prices, payment term and validity are the quotation's own. A quotation without opportunity stays as Odoo makes it.
    """
    _inherit = "sale.order"

    situation = fields.Text("Situation and needs", help="客户现状与需求")
    solution_line_ids = fields.One2many("sfc.solution.line", "sale_order_id", "Needs and solutions", copy=True, help="需求—方案对应表")
    delivery_lead_days = fields.Integer("Lead time (days)", help="交付周期, in calendar days from the order.")
    value_service_line_ids = fields.Many2many(
        "sale.order.line", string="Value-added services", compute="_compute_value_service_line_ids", help="增值服务: order lines with such a product.")
    no_value_service = fields.Boolean("None", help="无: this proposal has no value-added services, on purpose.")
    success_case_ids = fields.Many2many("sfc.success.case", string="Success cases", help="成功案例: printed in the proposal.")
    no_success_case = fields.Boolean("Not applicable", help="不适用: this proposal needs no success case.")
    proposal_industry_id = fields.Many2one("res.partner.industry", "Industry of the deal", compute="_compute_proposal_industry_id")
    contribution_ids = fields.Many2many(
        "mail.activity", string="Contributions", compute="_compute_contribution_ids", context={"active_test": False},
        help="协同产品、技术团队: what colleagues did for this proposal.")

    _delivery_lead_days_positive = models.Constraint(
        "CHECK(delivery_lead_days >= 0)", "The lead time is a number of days from today on: enter a positive number.")

    # === COMPUTE METHODS === #

    def _compute_validity_date(self):
        """D14, where neither company nor template sets how long a quotation is valid."""
        result = super()._compute_validity_date()
        for order in self.filtered(lambda order: order.opportunity_id and not order.validity_date):
            order.validity_date = fields.Date.context_today(order) + timedelta(VALID_DAYS)
        return result

    @api.depends("order_line.product_id.is_value_service")
    def _compute_value_service_line_ids(self):
        for order in self:
            order.value_service_line_ids = order.order_line.filtered("product_id.is_value_service")

    @api.depends("opportunity_id.industry_id", "opportunity_id.partner_id")
    def _compute_proposal_industry_id(self):
        for order in self:
            order.proposal_industry_id = order.opportunity_id._proposal_industry() if order.opportunity_id else False

    def _compute_contribution_ids(self):
        """What people planned and did; not what an engine asked for (approvals, promises)."""
        done = self.env["mail.activity"].with_context(active_test=False).search([
            ("res_model", "=", "sale.order"), ("res_id", "in", self.ids), ("active", "=", False), ("date_done", "!=", False), ("automated", "=", False),
        ], order="date_done, id").grouped("res_id")
        for order in self:
            order.contribution_ids = done.get(order._origin.id, False)

    # === CREATE AND COPY === #

    @api.model
    def default_get(self, fields_list):
        """A quotation that is opened from a deal shows what the deal knows."""
        defaults = super().default_get(fields_list)
        if defaults.get("opportunity_id"):
            content = self._content_of_deals([defaults["opportunity_id"]]).get(defaults["opportunity_id"], {})
            defaults |= {fname: value for fname, value in content.items() if fname in fields_list and fname not in defaults}
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        contents = self._content_of_deals([vals["opportunity_id"] for vals in vals_list if vals.get("opportunity_id")])
        return super().create([{**contents.get(vals.get("opportunity_id"), {}), **vals} for vals in vals_list])

    def copy(self, default=None):
        copies = super().copy(default)
        for order, copied in zip(self, copies, strict=True):
            order._copy_configuration(copied)
        return copies

    def _copy_configuration(self, copied):
        """The solutions of the copy point to the copy's own lines, if these are the same."""
        old, new = self._get_copiable_order_lines(), copied.order_line
        if old.product_id.ids != new.product_id.ids or len(old) != len(new):
            return
        lines = dict(zip(old, new, strict=True))
        for solution, solution_copied in zip(self.solution_line_ids, copied.solution_line_ids, strict=False):
            if solution.order_line_id in lines:
                solution_copied.order_line_id = lines[solution.order_line_id]

    # === FROM THE DEAL === #

    @api.model
    def _content_of_deals(self, lead_ids):
        """{deal id: values of a new proposal}; of the deals that the user may read, others give nothing away."""
        deals = self.env["crm.lead"].browse(dict.fromkeys(lead_ids)).exists()._filtered_access("read")
        return {deal.id: self._prepare_content(deal) for deal in deals}

    @api.model
    def _prepare_content(self, deal):
        return {
            "situation": deal._situation_in_words(), "delivery_lead_days": LEAD_DAYS,
            "solution_line_ids": [Command.create(vals) for vals in self._prepare_solution_lines(deal._needs_in_words())],
        }

    @api.model
    def _prepare_solution_lines(self, needs):
        return [{"sequence": 10 * place, "need_kind": kind, "need": words} for place, (kind, words) in enumerate(needs.items(), 1)]

    def action_fill_from_deal(self):
        """Add what the deal knows by now and the proposal does not say; what was written stays."""
        self.check_access("write")
        if not self.opportunity_id:
            raise UserError(self.env._("Choose the opportunity of this quotation first: the needs come from there."))
        for order in self.filtered("opportunity_id"):
            order._check_content_open()
            order.write(order._prepare_missing_content(order.opportunity_id))
        return True

    def _prepare_missing_content(self, deal):
        needs, known = deal._needs_in_words(), set(self.solution_line_ids.mapped("need_kind"))
        missing = self._prepare_solution_lines({kind: words for kind, words in needs.items() if kind not in known})
        return {
            "situation": self.situation or deal._situation_in_words(), "delivery_lead_days": self.delivery_lead_days or LEAD_DAYS,
            "solution_line_ids": [Command.create(vals) for vals in missing],
        }

    def _check_content_open(self):
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("%(order)s is no quotation any more: its content stays as it is.", order=self.name))

    def action_add_value_services(self):
        """Odoo's product catalog, showing the value-added services."""
        self.check_access("write")
        self.ensure_one()
        self._check_content_open()
        return self.with_context(search_default_value_services=1).action_add_from_catalog()
