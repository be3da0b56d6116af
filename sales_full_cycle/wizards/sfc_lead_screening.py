from odoo import api, fields, models
from odoo.exceptions import UserError


class SfcLeadScreening(models.TransientModel):
    """Judge what only a person can judge, see the result before saving, for one lead or a selection."""
    _name = "sfc.lead.screening"
    _description = "Screen Leads"

    lead_ids = fields.Many2many("crm.lead", required=True, context={"active_test": False})
    lead_count = fields.Integer(compute="_compute_lead_count")
    incomplete_ids = fields.Many2many("crm.lead", compute="_compute_lead_count", context={"active_test": False})
    missing_information = fields.Text(compute="_compute_lead_count")
    line_ids = fields.One2many("sfc.lead.screening.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("lead_ids")
    def _compute_lead_count(self):
        for wizard in self:
            wizard.lead_count = len(wizard.lead_ids)
            wizard.incomplete_ids = wizard.lead_ids.filtered(lambda lead: not lead.is_complete)
            wizard.missing_information = "\n".join(
                f"{lead.lead_number or lead.name}: {lead.missing_information}" for lead in wizard.incomplete_ids[:10])

    @api.depends("lead_ids")
    def _compute_line_ids(self):
        """One line a criterion that a person judges, filled in with the answer when there is just one lead."""
        for wizard in self:
            answers = (wizard.lead_ids.scoring_answers or {}) if len(wizard.lead_ids) == 1 else {}
            wizard.line_ids = [(5,)] + [(0, 0, {
                "criterion_id": criterion.id,
                "level_id": criterion._level(answers.get(criterion.code)).id,
            }) for criterion in wizard._criteria()]

    def _criteria(self):
        """Criteria to be judged on the scorecards of the leads, one of each technical name."""
        cards = self.env["sfc.scorecard"].union(*self.lead_ids._grouped_by_scorecard())
        by_code = {c.code: c for c in cards.criterion_ids if not c.is_automatic}
        return self.env["sfc.scorecard.criterion"].union(*by_code.values())

    def _answers(self):
        return {line.criterion_id.code: line.level_id.code for line in self.line_ids if line.level_id}

    @api.depends("line_ids.level_id")
    def _compute_preview(self):
        for wizard in self:
            lead = wizard.lead_ids[:1]._origin
            card = next(iter(lead._grouped_by_scorecard()), None) if len(wizard.lead_ids) == 1 else None
            if not card:
                wizard.preview = False
                continue
            answers = {**(lead.scoring_answers or {}), **wizard._answers()}
            snapshot = card._score_records(lead, {lead.id: answers})[lead.id]
            wizard.preview = self.env["sfc.evaluation"].new(lead._evaluation_vals("person", snapshot))._explain()

    def action_apply(self):
        """Screen the complete leads; say which ones were left out and why.

        :raises UserError: no scorecard, or no lead of the selection can be screened
        """
        self.ensure_one()
        leads = self.lead_ids.browse(self.lead_ids.ids)
        if not leads._grouped_by_scorecard():
            raise UserError(self.env._(
                "There is no active scorecard for leads. A sales manager activates one under Configuration > Scorecards."))
        ready = leads - self.incomplete_ids
        (ready or leads)._screen(self._answers())
        if not self.incomplete_ids:
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "warning", "sticky": True, "next": {"type": "ir.actions.act_window_close"},
                "title": self.env._("%(done)s screened, %(left)s left out", done=len(ready), left=len(self.incomplete_ids)),
                "message": self.missing_information,
            },
        }


class SfcLeadScreeningLine(models.TransientModel):
    _name = "sfc.lead.screening.line"
    _description = "Judgement of one criterion"

    wizard_id = fields.Many2one("sfc.lead.screening", required=True, ondelete="cascade")
    criterion_id = fields.Many2one("sfc.scorecard.criterion", required=True, readonly=True)
    level_id = fields.Many2one("sfc.scorecard.level", "Judgement", domain="[('criterion_id', '=', criterion_id)]")
    help_text = fields.Text(related="criterion_id.help_text")
