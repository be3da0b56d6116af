from odoo import api, fields, models


class SfcLeadAssign(models.TransientModel):
    """Give leads to a colleague, seeing how much each one has already (S1.8)."""
    _name = "sfc.lead.assign"
    _description = "Assign Leads"

    lead_ids = fields.Many2many("crm.lead", required=True)
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids")
    line_ids = fields.One2many("sfc.lead.assign.line", "wizard_id", compute="_compute_line_ids", store=True)
    user_id = fields.Many2one(
        "res.users", "New owner", compute="_compute_user_id", store=True, readonly=False, domain="[('id', 'in', candidate_ids)]")

    @api.depends("lead_ids")
    def _compute_candidate_ids(self):
        """The members of the leads' teams and their leaders; every salesperson where a lead has no team."""
        for wizard in self:
            teams = wizard.lead_ids.team_id
            users = teams.crm_team_member_ids.filtered(lambda member: not member.assignment_optout).user_id | teams.user_id
            if not users:
                users = self.env.ref("sales_team.group_sale_salesman").sudo().all_user_ids
            wizard.candidate_ids = users.filtered(lambda user: user.active and not user.share)

    @api.depends("candidate_ids")
    def _compute_line_ids(self):
        """What each candidate has already, least loaded first."""
        # sudo: a count of a colleague's open work, not the work itself
        Lead = self.env["crm.lead"].sudo()
        users = self.candidate_ids
        load = dict(Lead._read_group([("user_id", "in", users.ids), ("won_status", "=", "pending")], ["user_id"], ["__count"]))
        late = dict(Lead._read_group([("user_id", "in", users.ids), ("sla_state", "=", "breached")], ["user_id"], ["__count"]))
        for wizard in self:
            wizard.line_ids = [(5,)] + [
                (0, 0, {"user_id": user.id, "open_count": load.get(user, 0), "late_count": late.get(user, 0)})
                for user in wizard.candidate_ids.sorted(lambda user: (load.get(user, 0), user.name))
            ]

    @api.depends("line_ids")
    def _compute_user_id(self):
        """Propose the least loaded member; the leader only where there is nobody else."""
        for wizard in self:
            users = wizard.line_ids.user_id
            wizard.user_id = (users - wizard.lead_ids.team_id.user_id or users)[:1]

    def action_assign(self):
        """Assign as the user who clicks; record rules decide which leads he may give away."""
        self.ensure_one()
        self.lead_ids.write({"user_id": self.user_id.id})
        return {"type": "ir.actions.act_window_close"}


class SfcLeadAssignLine(models.TransientModel):
    _name = "sfc.lead.assign.line"
    _description = "Colleague who may get the leads"

    wizard_id = fields.Many2one("sfc.lead.assign", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Salesperson", required=True)
    open_count = fields.Integer("Open leads and deals")
    late_count = fields.Integer("Late")
