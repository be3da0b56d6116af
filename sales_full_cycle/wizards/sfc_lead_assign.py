from odoo import api, fields, models


class SfcLeadAssign(models.TransientModel):
    """Give leads to a colleague, seeing how much each one has already (S1.8)."""
    _name = "sfc.lead.assign"
    _description = "Assign Leads"

    lead_ids = fields.Many2many("crm.lead", required=True)
    line_ids = fields.One2many("sfc.lead.assign.line", "wizard_id", compute="_compute_line_ids", store=True)

    @api.depends("lead_ids")
    def _compute_line_ids(self):
        """The members of the leads' teams (every salesperson where a lead has no team), least loaded first."""
        for wizard in self:
            users = wizard._candidates()
            # sudo: a count of a colleague's open work, not the work itself
            Lead = self.env["crm.lead"].sudo()
            load = dict(Lead._read_group([("user_id", "in", users.ids), ("won_status", "=", "pending")], ["user_id"], ["__count"]))
            late = dict(Lead._read_group([("user_id", "in", users.ids), ("sla_state", "=", "breached")], ["user_id"], ["__count"]))
            wizard.line_ids = [(5,)] + [
                (0, 0, {"user_id": user.id, "open_count": load.get(user, 0), "late_count": late.get(user, 0)})
                for user in users.sorted(lambda user: (load.get(user, 0), user.name))
            ]

    def _candidates(self):
        teams = self.lead_ids.team_id
        users = teams.crm_team_member_ids.filtered(lambda m: not m.assignment_optout).user_id | teams.user_id
        return (users or self.env.ref("sales_team.group_sale_salesman").sudo().all_user_ids).filtered(lambda u: u.active and not u.share)


class SfcLeadAssignLine(models.TransientModel):
    _name = "sfc.lead.assign.line"
    _description = "Colleague who may get the leads"

    wizard_id = fields.Many2one("sfc.lead.assign", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Salesperson", required=True)
    open_count = fields.Integer("Open leads and deals")
    late_count = fields.Integer("Late")

    def action_assign(self):
        """Assign as the user who clicks; record rules decide which leads he may give away."""
        self.ensure_one()
        self.wizard_id.lead_ids.write({"user_id": self.user_id.id})
        return {"type": "ir.actions.act_window_close"}
