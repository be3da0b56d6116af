from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.bulk_write import bulk_update

# Changes of a deal that change who works on its tender, or whether anybody does.
TENDER_FACTS = {"user_id", "team_id", "active", "stage_id", "probability"}


class CrmLead(models.Model):
    """The tender workspace of a deal (S0.11, ahead 12)."""
    _inherit = "crm.lead"

    tender_ids = fields.One2many("sfc.tender", "lead_id", "Tenders", help="At most one.")
    tender_id = fields.Many2one("sfc.tender", compute="_compute_tender_id", search="_search_tender_id")
    tender_state = fields.Selection(related="tender_id.state", string="Tender state", tracking=False)

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "tender_ids": None}

    @api.depends("tender_ids")
    def _compute_tender_id(self):
        for lead in self:
            lead.tender_id = lead.tender_ids[:1]

    @api.model
    def _search_tender_id(self, operator, value):
        return [("tender_ids", operator, value)]

    def write(self, vals):
        is_concerned = not TENDER_FACTS.isdisjoint(vals)
        tenders = self.sudo().tender_ids if is_concerned else self.env["sfc.tender"].sudo()  # sudo: the system's activities
        before = tenders._people_by_tender()
        result = super().write(vals)
        if tenders:
            tenders._people_changed(before)
        return result

    def _merge_dependences(self, opportunities):
        """The workspace moves along; two of them are not one tender.

        :raises UserError: more than one of the deals has a workspace
        """
        tenders = (self | opportunities).sudo().tender_ids  # sudo: whoever may merge the deals
        if len(tenders) > 1:
            raise UserError(self.env._(
                "Each of these deals has a tender workspace: %(tenders)s. Two tenders stay two deals; delete one workspace first if it is the same tender.",
                tenders=", ".join(tenders.mapped("display_name"))))
        moved = tenders.filtered(lambda tender: tender.lead_id != self)
        bulk_update(moved, dict.fromkeys(moved.ids, (self.id,)), ["lead_id"])
        moved.flush_recordset(["lead_id"])  # before the deals go, and what hangs on them with them
        return super()._merge_dependences(opportunities)

    @api.ondelete(at_uninstall=False)
    def _unlink_tenders(self):
        """Not left to the database alone: messages, files and activities go too."""
        self.sudo().tender_ids.unlink()  # sudo: who may delete the deal

    def action_create_tender(self):
        """A workspace with checklist and our line among the bidders; the deal comes from a tender from then on.

        :raises UserError: a lead, or a deal that is closed
        """
        self.ensure_one()
        self.check_access("write")
        if self.type != "opportunity" or not self.active or self.won_status != "pending":
            raise UserError(self.env._("A tender workspace belongs to an open deal."))
        if not self.sudo().tender_ids:  # sudo: also one that the user may not see
            self.env["sfc.tender"].create({"lead_id": self.id})
        return self.action_open_tender()

    def action_open_tender(self):
        self.ensure_one()
        self.tender_id.check_access("read")
        return {
            "type": "ir.actions.act_window", "res_model": "sfc.tender", "res_id": self.tender_id.id, "view_mode": "form", "name": self.env._("Tender")}
