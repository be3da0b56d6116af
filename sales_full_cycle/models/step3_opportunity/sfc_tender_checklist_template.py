from odoo import api, fields, models

# Who does a line of the checklist (D20: R, L, Te, Le, F).
ROLES = [("owner", "Salesperson"), ("leader", "Team leader"), ("technical", "Technical lead"), ("legal", "Legal"), ("finance", "Finance")]
ANCHORS = [("bid", "Bid deadline"), ("deposit", "Return of the deposit")]


class SfcTenderChecklistTemplate(models.Model):
    """A line that every new tender workspace gets: what, by whom, how many days before the bid deadline (D20, ahead 12)."""
    _name = "sfc.tender.checklist.template"
    _description = "Tender Checklist Template"
    _order = "sequence, id"

    name = fields.Char("To do", required=True, translate=True)
    sequence = fields.Integer(default=10)
    role = fields.Selection(ROLES, "Responsible", required=True, default="owner")
    anchor = fields.Selection(ANCHORS, "Counted from", required=True, default="bid")
    days_before = fields.Integer("Days before", help="Negative: so many days after it.")
    active = fields.Boolean(default=True)

    @api.model
    def _prepare_lines(self):
        """Values of the lines of a new checklist, in the reader's language."""
        return [
            {fname: line[fname] for fname in ("name", "sequence", "role", "anchor", "days_before")} for line in self.sudo().search([])]
