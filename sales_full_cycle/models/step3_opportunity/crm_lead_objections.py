from odoo import api, fields, models

from ..common.bulk_write import bulk_update


class CrmLead(models.Model):
    """The objections of a deal: how many, who answers for them when it changes hands (S3.12)."""
    _inherit = "crm.lead"

    objection_ids = fields.One2many("sfc.objection", "lead_id", "Objections")
    objection_count = fields.Integer("Number of objections", compute="_compute_objection_count")
    open_objection_count = fields.Integer("Open objections", compute="_compute_objection_count")

    @api.model
    def _form_lists(self):
        return {**super()._form_lists(), "objection_ids": None}

    @api.depends("objection_ids.state")
    def _compute_objection_count(self):
        for lead in self:
            lead.objection_count = len(lead.objection_ids)
            lead.open_objection_count = len(lead._open_objections())

    def write(self, vals):
        before = {lead: lead.user_id for lead in self} if "user_id" in vals else {}
        if self._is_written_one_by_one():  # the first owner of a deal: see _written_together()
            before = {lead: owner for lead, owner in before.items() if owner}
        result = super().write(vals)
        if before:
            self.browse().union(*before)._pass_objections_on(before)
        if "active" in vals:
            self._every_objection()._sync_promise()
        return result

    def _written_together(self):
        result = super()._written_together()
        self._pass_objections_on(dict.fromkeys(self, self.env["res.users"]))
        return result

    def _every_objection(self, *more):
        # sudo: whoever changes a deal need not see what others answer for
        return self.env["sfc.objection"].sudo().search([("lead_id", "in", self.ids), ("state", "=", "open"), *more])

    def _pass_objections_on(self, before):
        """Open objections of whoever had the deal go to whoever has it now; those of a colleague stay with him."""
        moving = self._every_objection().filtered(lambda objection: objection.user_id == before[objection.lead_id.with_env(self.env)])
        for owner, theirs in moving.grouped(lambda objection: objection.lead_id.user_id).items():
            if owner:
                theirs.filtered(lambda objection, owner=owner: objection.user_id != owner).user_id = owner

    def _merge_dependences(self, opportunities):
        """Objections of deals that are merged into this one move along."""
        moved = opportunities.sudo().with_context(active_test=False).objection_ids
        bulk_update(moved, dict.fromkeys(moved.ids, (self.id,)), ["lead_id"])  # sudo, and no write(): their proposals move a moment later
        return super()._merge_dependences(opportunities)

    def action_open_objections(self):
        self.ensure_one()
        return self.env["sfc.objection"]._action_of(
            [("lead_id", "=", self.id)], self.env._("Objections of %(deal)s", deal=self.name), lead_id=self.id)

    def action_new_objection(self):
        self.ensure_one()
        contact = self.partner_id if not self.partner_id.is_company else self.env["res.partner"]
        return self.env["sfc.objection"]._quick_entry(lead_id=self.id, contact_id=contact.id)
