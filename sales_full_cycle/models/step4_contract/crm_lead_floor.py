from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class CrmLead(models.Model):
    """The floor of a deal: who may read it, and what counts where none was entered (S4.2)."""
    _inherit = "crm.lead"

    # Nobody reads it or searches through it; the guard does, in sudo and for many deals at once.
    floor_ids = fields.One2many("sfc.negotiation.floor", "lead_id", groups=fields.NO_ACCESS)

    def _may_read_floor(self):
        """The owner of the deal and the sales managers; not the team leader, not who works on the deal."""
        self.ensure_one()
        user = self.env.user
        owns = self.sudo().user_id == user and user.has_group("sales_team.group_sale_salesman")  # sudo: whose deal it is
        return owns or user.has_group("sales_team.group_sale_manager")

    def _floor(self):
        """The floors that were entered for the deals, in sudo: callers ask only whether there is one, or have checked `_may_read_floor()`."""
        return self.sudo().floor_ids

    def _floor_default(self):
        """Limits of the customer's grade."""
        return self.sudo().customer_grade_id._floor_limits()  # sudo: the guard knows what the user may not

    def _floor_limits(self):
        """Limits in force for this deal: of its floor, else of the customer's grade. Never shown to who may not read the floor."""
        floor = self._floor()
        return floor._limits() if floor else self._floor_default()

    def action_open_floor(self):
        """Open the floor of this deal, made from the customer's grade the first time."""
        self.ensure_one()
        self.check_access("read")
        if not self._may_read_floor():
            raise AccessError(self.env._("Only the owner of a deal and the sales managers see its negotiation floor."))
        if self.type != "opportunity":
            raise UserError(self.env._("%(lead)s is still a lead: convert it to an opportunity first.", lead=self.name))
        # sudo: that the user may see it was checked; a manager makes it for a deal of somebody else
        floor = self._floor() or self.env["sfc.negotiation.floor"].sudo().create({"lead_id": self.id})
        floor._follow_grade()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Negotiation floor"), "res_model": floor._name, "res_id": floor.id, "view_mode": "form",
            "views": [(False, "form")]}

    def _merge_dependences(self, opportunities):
        """The floor that somebody entered goes on; what was entered for this deal comes first."""
        kept = self._floor()
        if not kept.asked_by_id and (moving := opportunities._floor().filtered("asked_by_id").sorted("id")[:1]):
            kept.unlink()
            moving._move_to(self)
        return super()._merge_dependences(opportunities)
