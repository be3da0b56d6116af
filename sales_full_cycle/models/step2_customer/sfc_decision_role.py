from odoo import api, fields, models
from odoo.exceptions import ValidationError

ROLES = [
    ("decision_maker", "Decision maker"), ("influencer", "Key influencer"), ("user", "User"), ("purchaser", "Purchaser"), ("gatekeeper", "Gatekeeper"),
]
LEVELS = [("high", "High"), ("medium", "Medium"), ("low", "Low")]


class SfcDecisionRole(models.Model):
    """决策链: who at the customer decides, influences, uses, buys, guards (S2.8, D8)."""
    _name = "sfc.decision.role"
    _description = "Decision Role"
    _order = "profile_id, role_rank, influence_rank, id"
    _rec_name = "contact_id"

    profile_id = fields.Many2one("sfc.customer.profile", "Customer", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Company")
    contact_id = fields.Many2one("res.partner", "Person", required=True, index=True, ondelete="cascade")
    function = fields.Char(related="contact_id.function", readonly=False)
    phone = fields.Char(related="contact_id.phone", readonly=False)
    role = fields.Selection(ROLES, required=True, default="decision_maker")
    role_rank = fields.Integer(compute="_compute_ranks", store=True)
    attitude = fields.Selection(
        [("supporter", "Supports us"), ("neutral", "Neutral"), ("opponent", "Against us"), ("unknown", "Unknown")], required=True, default="unknown")
    influence = fields.Selection(LEVELS, required=True, default="medium")
    influence_rank = fields.Integer(compute="_compute_ranks", store=True)
    last_contacted_on = fields.Date("Last contacted", readonly=True, copy=False, help="Of the follow-up records with this person.")
    note = fields.Char("Remark")

    _person_role_unique = models.Constraint("unique(profile_id, contact_id, role)", "This person has this role already.")

    @api.depends("role", "influence")
    def _compute_ranks(self):
        roles, levels = ([code for code, _label in selection] for selection in (ROLES, LEVELS))
        for line in self:
            line.role_rank = roles.index(line.role) if line.role else 0
            line.influence_rank = levels.index(line.influence) if line.influence else 0

    @api.constrains("contact_id", "profile_id")
    def _check_contact(self):
        for line in self:
            company = line.profile_id.partner_id
            if line.contact_id.commercial_partner_id != company and line.contact_id != company:
                raise ValidationError(self.env._(
                    "%(person)s does not belong to %(company)s. Create the person as a contact of the company first.",
                    person=line.contact_id.name, company=company.name))
