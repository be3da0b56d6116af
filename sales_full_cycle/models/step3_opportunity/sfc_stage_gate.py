from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import ormcache

# A gate of the handbook: Odoo's stage that it stands before, what it checks, and how much of it.
HandbookGate = namedtuple("HandbookGate", "stage check threshold", defaults=(0,))


class SfcStageGate(models.Model):
    """What a deal must have before it enters a stage (S0.3, S3.15, P7, D11)."""
    _name = "sfc.stage.gate"
    _description = "Stage Gate"
    _inherit = "sfc.standard.mixin"
    _order = "stage_sequence, stage_id, sequence, id"

    stage_id = fields.Many2one("crm.stage", "Before stage", required=True, index=True, ondelete="cascade")
    stage_sequence = fields.Integer("Place of the stage", related="stage_id.sequence", store=True)
    sequence = fields.Integer(default=10)
    check = fields.Selection("_selection_check", required=True)
    threshold = fields.Integer("At least (%)", default=60, help="Only for checks that measure something.")
    severity = fields.Selection(
        [("soft", "Warn, go on with a reason"), ("hard", "Stop, a sales manager may overrule")], required=True, default="soft")
    team_ids = fields.Many2many("crm.team", string="Teams", help="Empty: every team.")
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    active = fields.Boolean("In use", default=True)
    handbook_key = fields.Char(readonly=True, copy=False, help="Of a gate that came with the handbook.")

    _handbook_key_unique = models.UniqueIndex("(handbook_key) WHERE handbook_key IS NOT NULL", "This gate of the handbook is already there.")

    @api.model
    def _selection_check(self):
        return [(code, label) for code, (label, _method) in self.env["crm.lead"]._gate_checks().items()]

    @api.depends("check", "stage_id", "threshold")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._selection_check())
        for gate in self:
            gate.display_name = f"{gate.stage_id.name or ''}: {labels.get(gate.check, '')}"

    @api.constrains("threshold")
    def _check_threshold(self):
        if any(not 0 <= gate.threshold <= 100 for gate in self):
            raise ValidationError(self.env._("A threshold is a percentage: choose a number from 0 to 100."))

    # === WHICH GATES === #

    @api.model
    def _in_use(self):
        """Every active gate, in order; no query where no gate is in use."""
        return self.sudo().search([]) if self._any_in_use() else self.sudo()  # sudo: a gate binds also those who may not read the list

    @api.model
    @ormcache()
    def _any_in_use(self):
        return bool(self.sudo().search_count([], limit=1))

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if "active" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    def _binds(self, lead):
        """The gate is meant for deals of this team and company."""
        self.ensure_one()
        return (not self.team_ids or lead.team_id in self.team_ids) and (
            not self.company_id or self.company_id == (lead.company_id or self.env.company))

    # === THE HANDBOOK'S GATES === #

    @api.model
    def _handbook_gates(self):
        """{key: gate} of the soft gates of D11 on Odoo's own stages; each step adds its own."""
        return {
            "qualified_sheet": HandbookGate("crm.stage_lead2", "sheet_complete"),
            "qualified_graded": HandbookGate("crm.stage_lead2", "customer_graded"),
            "qualified_needs": HandbookGate("crm.stage_lead2", "needs_complete", 60),
            "qualified_decider": HandbookGate("crm.stage_lead2", "decider_contacted"),
            "proposition_evaluated": HandbookGate("crm.stage_lead3", "evaluated"),
            "proposition_not_weak": HandbookGate("crm.stage_lead3", "not_weak"),
        }

    @api.model
    def _ship_handbook(self):
        """Offer the handbook's gates, not in use, wherever Odoo's stage still exists; idempotent. In code and not in a data file,
        since the stages may have been deleted."""
        known = set(self.with_context(active_test=False).search([("handbook_key", "!=", False)]).mapped("handbook_key"))
        vals_list = []
        for place, (key, gate) in enumerate(self._handbook_gates().items(), 1):
            stage = self.env.ref(gate.stage, raise_if_not_found=False)
            if stage and key not in known:
                vals_list.append({
                    "handbook_key": key, "stage_id": stage.id, "check": gate.check, "threshold": gate.threshold, "sequence": 10 * place,
                    "severity": "soft", "active": False})
        return self.create(vals_list)

    @api.model
    def action_apply_handbook(self):
        """Put the handbook's gates in use, all at once; those that were deleted come back. Sales managers only."""
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Only a sales manager puts stage gates in use."))
        self._ship_handbook()
        gates = self.with_context(active_test=False).search([("handbook_key", "!=", False)])
        gates.write({"active": True})
        gates.action_confirm_standard()
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "success", "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                "message": self.env._("%(count)s gates of the handbook are in use. Each of them warns, and one sentence of reason is enough to go on.",
                                      count=len(gates)),
            },
        }
