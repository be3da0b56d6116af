from odoo import api, fields, models
from odoo.exceptions import UserError


class SfcLeadScreening(models.TransientModel):
    _name = "sfc.lead.screening"
    _inherit = ["sfc.judgement"]
    _description = "Screen Leads"
    _documents_field = "lead_ids"

    lead_ids = fields.Many2many("crm.lead", required=True, context={"active_test": False})
    lead_count = fields.Integer(compute="_compute_lead_count")
    incomplete_ids = fields.Many2many("crm.lead", compute="_compute_lead_count", context={"active_test": False})
    missing_information = fields.Text(compute="_compute_lead_count")
    line_ids = fields.One2many("sfc.lead.screening.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False)

    @api.depends("lead_ids")
    def _compute_lead_count(self):
        for wizard in self:
            wizard.lead_count = len(wizard.lead_ids)
            wizard.incomplete_ids = wizard.lead_ids.filtered(lambda lead: not lead.is_complete)
            wizard.missing_information = "\n".join(
                f"{lead.lead_number or lead.name}: {lead.missing_information}" for lead in wizard.incomplete_ids[:10])

    @api.depends("lead_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = wizard._line_commands()

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
    _inherit = ["sfc.judgement.line"]
    _description = "Judgement of one criterion"

    wizard_id = fields.Many2one("sfc.lead.screening", required=True, ondelete="cascade")
