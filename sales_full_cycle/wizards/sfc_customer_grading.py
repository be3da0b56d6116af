from odoo import api, fields, models


class SfcCustomerGrading(models.TransientModel):
    _name = "sfc.customer.grading"
    _inherit = ["sfc.judgement"]
    _description = "Grade Customers"
    _documents_field = "profile_ids"

    profile_ids = fields.Many2many("sfc.customer.profile", required=True)
    profile_count = fields.Integer("Customers", compute="_compute_profile_count")
    line_ids = fields.One2many("sfc.customer.grading.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False)

    @api.depends("profile_ids")
    def _compute_profile_count(self):
        for wizard in self:
            wizard.profile_count = len(wizard.profile_ids)

    @api.depends("profile_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = wizard._line_commands()

    def action_apply(self):
        """Grade as the person who judges.

        :raises UserError: no active scorecard, or too little is known
        """
        self.ensure_one()
        self.profile_ids.check_access("write")
        self.profile_ids._grade(self._answers())
        return {"type": "ir.actions.act_window_close"}


class SfcCustomerGradingLine(models.TransientModel):
    _name = "sfc.customer.grading.line"
    _inherit = ["sfc.judgement.line"]
    _description = "Judgement of one criterion"

    wizard_id = fields.Many2one("sfc.customer.grading", required=True, ondelete="cascade")


class SfcGradeOverride(models.TransientModel):
    """Another grade than the score says, for a reason and for a time (D13)."""
    _name = "sfc.grade.override"
    _description = "Change Grade"

    profile_ids = fields.Many2many("sfc.customer.profile", required=True)
    grade_id = fields.Many2one("sfc.grade", "New grade", required=True)
    reason_id = fields.Many2one("sfc.reason", required=True, domain="[('kind', '=', 'override')]")
    note = fields.Text("Remark")

    def action_apply(self):
        """Carry out the change as the user who decided it; record rules decide which customers he may change."""
        self.ensure_one()
        self.profile_ids.check_access("write")
        self.profile_ids._override(self.grade_id.code, self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
