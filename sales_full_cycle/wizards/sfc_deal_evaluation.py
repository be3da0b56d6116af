from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.step3_opportunity.crm_lead_evaluation import SCOPE


class SfcDealEvaluation(models.TransientModel):
    """Judge urgency, budget match and decision-chain clarity beside what the facts hint at (S3.1-S3.5)."""
    _name = "sfc.deal.evaluation"
    _inherit = ["sfc.judgement"]
    _description = "Evaluate Deals"
    _documents_field = "deal_ids"
    _scope = SCOPE

    deal_ids = fields.Many2many("crm.lead", string="Deals", required=True, context={"active_test": False})
    deal_count = fields.Integer("Number of deals", compute="_compute_deal_count")
    missing_information = fields.Text(compute="_compute_deal_count")
    go_on_reason = fields.Char("Go on because")
    line_ids = fields.One2many("sfc.deal.evaluation.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False)

    @api.depends("deal_ids")
    def _compute_deal_count(self):
        for wizard in self:
            deals = wizard.deal_ids
            wizard.deal_count = len(deals)
            gaps = deals.mapped("qualification_gaps")
            wizard.missing_information = "\n".join(
                f"{deal.deal_number or deal.name}: {missing}" if len(deals) > 1 else missing
                for deal, missing in zip(deals, gaps, strict=True) if missing)

    @api.depends("deal_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = wizard._line_commands()

    def _line_commands(self):
        """One deal: the hints are filled in, with the reasons. A selection: what stays empty follows the hint of each deal."""
        commands = super()._line_commands()
        deal = self.deal_ids._origin
        if len(deal) != 1:
            return commands
        levels, reasons = self._hints(deal), deal._hint_reasons()[deal]
        criteria = {criterion.id: criterion for criterion in self._criteria()}
        for command in commands[1:]:
            criterion = criteria[command[2]["criterion_id"]]
            command[2].update({"hint_level_id": levels.get(criterion, criterion.level_ids.browse()).id, "hint": reasons.get(criterion.code)})
        return commands

    @api.model
    def _hints(self, deal):
        """{criterion: level} for one deal"""
        card = next(iter(deal._grouped_by_scorecard(scope=SCOPE)), None)
        return deal._hint_levels(card)[deal.id] if card else {}

    def _known_answers(self, document):
        return {criterion.code: level.code for criterion, level in self._hints(document._origin).items()}

    def action_apply(self):
        """Evaluate as the person who judges.

        Soft gate (D11): graded, needs known, decision maker contacted; or one sentence why to go on, which is noted.

        :raises UserError: something is missing and no reason is given; a deal is closed; no scorecard
        """
        self.ensure_one()
        deals = self.deal_ids
        deals.check_access("write")
        reason = (self.go_on_reason or "").strip()
        if self.missing_information and not reason:
            raise UserError(self.env._(
                "Still missing before the evaluation:\n%(missing)s\nComplete it, or say in one sentence why you go on.", missing=self.missing_information))
        noted = self.env._("%(missing)s. Reason: %(reason)s", missing=self.missing_information, reason=reason) if self.missing_information else False
        deals._evaluate(self._answers(), noted)
        return {"type": "ir.actions.act_window_close"}


class SfcDealEvaluationLine(models.TransientModel):
    _name = "sfc.deal.evaluation.line"
    _inherit = ["sfc.judgement.line"]
    _description = "Judgement of one dimension"

    wizard_id = fields.Many2one("sfc.deal.evaluation", required=True, ondelete="cascade")
    hint_level_id = fields.Many2one("sfc.scorecard.level", "Hint", readonly=True)
    hint = fields.Text("Because", readonly=True)
