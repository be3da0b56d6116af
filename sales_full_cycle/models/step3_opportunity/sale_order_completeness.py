from odoo import api, fields, models

# What this step adds to the content that is approved.
CONTENT_FIELDS = ("situation", "delivery_lead_days", "no_value_service", "success_case_ids", "no_success_case")
SOLUTION_FIELDS = ("need", "solution", "order_line_id", "configuration")


class SaleOrder(models.Model):
    """What must be in a proposal before it may be submitted for approval, and that it is part of what is approved (S3.8-S3.11, D11)."""
    _inherit = "sale.order"

    proposal_gaps = fields.Text("Missing before approval", compute="_compute_proposal_gaps", compute_sudo=True)

    @api.depends("opportunity_id", "state", "order_line.product_id.is_value_service", "order_line.display_type", "delivery_lead_days",
                 "solution_line_ids.solution", "no_value_service", "success_case_ids", "no_success_case")
    @api.depends_context("lang")
    def _compute_proposal_gaps(self):
        for order in self:
            is_open = order.opportunity_id and order.state in ("draft", "sent")
            order.proposal_gaps = "\n".join(order._approval_gaps()) if is_open else False

    def _approval_gaps(self):
        """The content's gaps; the quotation's own are there already."""
        return [*super()._approval_gaps(), *self._proposal_gaps()]

    def _proposal_gaps(self):
        self.ensure_one()
        gaps = []
        if not self.opportunity_id:
            return gaps
        if self.delivery_lead_days <= 0:
            gaps.append(self.env._("Enter the lead time in days."))
        gaps += self._solution_gaps()
        if not self.value_service_line_ids and not self.no_value_service:
            gaps.append(self.env._("Add a value-added service to the order lines, or tick that there is none."))
        if not self.success_case_ids and not self.no_success_case:
            gaps.append(self.env._("Choose a success case, or tick that none is applicable."))
        return gaps

    def _solution_gaps(self):
        if not self.solution_line_ids:
            return [self.env._("Say which solution answers which need of the customer: the table is empty.")]
        open_lines = self.solution_line_ids.filtered(lambda line: not (line.solution or "").strip())
        if open_lines:
            return [self.env._("Write our solution for: %(needs)s.", needs=", ".join(open_lines.mapped("display_name")))]
        return []

    def _approval_content(self):
        """Quotations without opportunity are never approved, their content stays what it was."""
        content = super()._approval_content()
        if self.opportunity_id:
            content |= self._approval_values(self, CONTENT_FIELDS)
            content["solution_line_ids"] = [
                {"id": line.id, **self._approval_values(line, SOLUTION_FIELDS)} for line in self.solution_line_ids]
        return content
