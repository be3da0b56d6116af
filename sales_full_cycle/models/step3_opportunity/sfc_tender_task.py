from datetime import timedelta

from odoo import api, fields, models

from .sfc_tender_checklist_template import ANCHORS, ROLES

ACTIVITY_FACTS = {"done", "user_id", "name", "days_before", "anchor", "tender_id"}


class SfcTenderTask(models.Model):
    """A line of a tender's checklist. While it is open its owner has exactly one activity for it; both are finished together (D20, ahead 12)."""
    _name = "sfc.tender.task"
    _description = "Tender Checklist Line"
    _order = "tender_id, due_date, sequence, id"

    tender_id = fields.Many2one("sfc.tender", required=True, ondelete="cascade", index=True)
    name = fields.Char("To do", required=True)
    sequence = fields.Integer(default=100)
    role = fields.Selection(ROLES, required=True, default="owner")
    user_id = fields.Many2one("res.users", "Responsible", index=True, domain=[("share", "=", False)])
    anchor = fields.Selection(ANCHORS, "Counted from", required=True, default="bid")
    days_before = fields.Integer("Days before", help="Negative: so many days after it.")
    due_date = fields.Date("Due", compute="_compute_due_date", store=True, index=True)
    done = fields.Boolean()
    done_on = fields.Date("Done on", readonly=True, copy=False)
    done_user_id = fields.Many2one("res.users", "Done by", readonly=True, copy=False)
    remark = fields.Char()
    is_open = fields.Boolean("Open", compute="_compute_is_open", store=True, help="Still to be done: neither done nor pointless by now.")
    is_late = fields.Boolean("Late", compute="_compute_is_late")

    # === COMPUTE METHODS === #

    @api.depends("anchor", "days_before", "tender_id.bid_deadline", "tender_id.deposit_return_due", "tender_id.company_id")
    def _compute_due_date(self):
        for line in self:
            tender = line.tender_id
            if line.anchor == "deposit":
                anchor = tender.deposit_return_due
            else:
                anchor = tender.bid_deadline and tender._company()._local_date(tender.bid_deadline)
            line.due_date = anchor and anchor - timedelta(days=line.days_before)

    @api.depends("done", "anchor", "days_before", "tender_id.result", "tender_id.deposit_returned_on", "tender_id.lead_id.active",
                 "tender_id.lead_id.won_status")
    def _compute_is_open(self):
        for line in self:
            line.is_open = not line.done and line._is_wanted()

    def _is_wanted(self):
        """The deposit is wanted back however the tender ended; what prepares the bid is pointless once there is a result."""
        tender, lead = self.tender_id, self.tender_id.lead_id
        if self.anchor == "deposit":
            return not tender.deposit_returned_on
        if not lead.active or lead.won_status == "lost":
            return False
        return tender.result not in ("failed", "withdrawn") if self.days_before < 0 else not tender.result

    @api.depends("is_open", "due_date")
    def _compute_is_late(self):
        for line in self:
            line.is_late = bool(line.is_open and line.due_date and line.due_date < line.tender_id._company()._local_date())

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        tenders = self.env["sfc.tender"].browse({vals["tender_id"] for vals in vals_list if vals.get("tender_id")})
        people = tenders._people_by_tender()
        default_role = self.default_get(["role"]).get("role")
        for vals in vals_list:
            roles = people.get(self.env["sfc.tender"].browse(vals.get("tender_id")), {})
            if "user_id" not in vals and (user := roles.get(vals.get("role", default_role))):
                vals["user_id"] = user.id
            vals.update(self._done_vals(vals.get("done")) if "done" in vals else {})
        lines = super().create(vals_list)
        lines.tender_id._sync_activities()
        return lines

    def write(self, vals):
        finished = self.filtered(lambda line: not line.done) if vals.get("done") else self.browse()
        if "done" in vals:
            vals = {**vals, **self._done_vals(vals["done"])}
        result = super().write(vals)
        finished._finish_activities()
        if not ACTIVITY_FACTS.isdisjoint(vals):
            self.tender_id._sync_activities()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_activities(self):
        self._activities().unlink()

    @api.model
    def _done_vals(self, done):
        return {"done_on": done and fields.Date.context_today(self), "done_user_id": done and self.env.uid}

    # === ACTIVITIES === #

    def _activities(self):
        # sudo: the activity is that of whoever does the line
        return self.env["mail.activity"].sudo().search([("sfc_tender_task_id", "in", self.ids)]) if self else self.env["mail.activity"].sudo()

    def _finish_activities(self):
        for remark, lines in self.grouped(lambda line: line.remark or "").items():
            if activities := lines._activities():
                activities._action_done(feedback=remark)
