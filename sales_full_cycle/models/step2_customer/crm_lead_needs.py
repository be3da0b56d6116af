from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .sfc_decision_role import LEVELS

# What the five needs weigh in the completeness, in percent (D8).
NEED_WEIGHTS = {"need_function": 25, "need_service": 15, "budget_max": 25, "purchase_date": 20, "decision_process": 15}
# What can be known about the needs of a deal; a sheet or a questionnaire fills it in.
NEED_FIELDS = ("need_function", "need_service", "budget_min", "budget_max", "purchase_date", "decision_process", "competitors")


class CrmLead(models.Model):
    """核心需求: the five needs of a deal and how completely they are known (S2.9, S2.15, D8)."""
    _inherit = "crm.lead"

    need_function = fields.Text("Functional needs", tracking=True, help="产品功能需求")
    need_service = fields.Text("Service needs", tracking=True, help="服务要求")
    budget_min = fields.Monetary("Budget from", currency_field="company_currency", tracking=True, help="预算范围, tax included.")
    budget_max = fields.Monetary(tracking=True)
    purchase_date = fields.Date("Purchase date", tracking=True, help="采购时间节点")
    decision_process = fields.Text("Decision process", tracking=True, help="决策流程")
    competitors = fields.Char(tracking=True, help="竞争对手")
    need_priority = fields.Selection(LEVELS, "Need priority", default="medium", tracking=True, help="需求优先级")
    needs_completeness = fields.Integer("Needs known (%)", compute="_compute_needs_completeness", store=True, aggregator="avg", help="需求完整度")
    missing_needs = fields.Char("Not known yet", compute="_compute_missing_needs")

    @api.depends(*NEED_WEIGHTS)
    def _compute_needs_completeness(self):
        for lead in self:
            lead.needs_completeness = sum(weight for fname, weight in NEED_WEIGHTS.items() if lead[fname])

    @api.depends(*NEED_WEIGHTS)
    @api.depends_context("lang")
    def _compute_missing_needs(self):
        labels = {fname: self._fields[fname]._description_string(self.env) for fname in NEED_WEIGHTS}
        for lead in self:
            lead.missing_needs = ", ".join(label for fname, label in labels.items() if not lead[fname])

    @api.constrains("budget_min", "budget_max")
    def _check_budget(self):
        for lead in self:
            if lead.budget_max and lead.budget_min > lead.budget_max:
                raise ValidationError(self.env._(
                    "The budget of %(deal)s ends below where it begins. Exchange the two amounts, or leave the lower one empty.", deal=lead.name))
