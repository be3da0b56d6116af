from odoo import api, fields, models

# Places in Odoo's palette of cards: green, yellow, red.
COLORS = {"strong": 10, "medium": 3, "weak": 1}


class CrmLead(models.Model):
    """The colour of a card says how strong the deal is; without one it is not evaluated (screens.md)."""
    _inherit = "crm.lead"

    strength_color = fields.Integer(compute="_compute_strength_color")

    @api.depends("opportunity_strength")
    def _compute_strength_color(self):
        for lead in self:
            lead.strength_color = COLORS.get(lead.opportunity_strength, 0)
