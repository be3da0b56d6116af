from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.bulk_write import bulk_update


class MailActivity(models.Model):
    """The activities of a tender: its checklist, its deadlines, its deposit. The tender makes, moves and removes them (ahead 12)."""
    _inherit = "mail.activity"

    sfc_tender_id = fields.Many2one(
        "sfc.tender", "Tender", readonly=True, ondelete="cascade", index="btree_not_null", groups=fields.NO_ACCESS, help="Set by the tender alone.")
    sfc_tender_task_id = fields.Many2one(
        "sfc.tender.task", "Tender checklist line", readonly=True, ondelete="cascade", index="btree_not_null", groups=fields.NO_ACCESS)
    sfc_tender_deadline = fields.Char("Tender deadline", readonly=True, groups=fields.NO_ACCESS, help="Field of the deadline on the tender.")

    _one_per_tender_line = models.UniqueIndex(
        "(sfc_tender_task_id) WHERE sfc_tender_task_id IS NOT NULL AND active", "There is already an activity for this line of the checklist.")
    # ever: also when it is done
    _one_per_tender_deadline = models.UniqueIndex(
        "(sfc_tender_id, sfc_tender_deadline) WHERE sfc_tender_deadline IS NOT NULL", "There is already an activity for this deadline of the tender.")

    def write(self, vals):
        if "date_deadline" in vals:
            self._check_tender_date(fields.Date.to_date(vals["date_deadline"]))
        result = super().write(vals)
        if "user_id" in vals:
            self._tender_lines_follow()
        return result

    def _action_done(self, feedback=False, attachment_ids=None):
        lines = self.sudo().sfc_tender_task_id.filtered(lambda line: not line.done)  # sudo: the field is the system's
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for line in lines:  # sudo: who may finish the activity finishes the line
            line.write({"done": True, "remark": line.remark or feedback})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tender(self):
        if not self.env.su and any(activity.active for activity in self._of_tenders()):
            raise UserError(self.env._(
                "This activity belongs to a tender and goes with what it is for: mark it as done, or remove the line or the deadline on the tender."))

    def _check_tender_date(self, day):
        if not self.env.su and any(activity.date_deadline != day for activity in self._of_tenders()):
            raise UserError(self.env._("The date of this activity follows the deadlines of its tender. Change them, or the days before, on the tender."))

    def _of_tenders(self):
        return self.sudo().filtered("sfc_tender_id")  # sudo: the field is the system's

    def _tender_lines_follow(self):
        """Whoever gets the activity, by hand or in a handover, has the line of the checklist."""
        open_ones = self._of_tenders().filtered("active")
        lines = {activity.sfc_tender_task_id.id: (activity.user_id.id,) for activity in open_ones if activity.sfc_tender_task_id}
        bulk_update(self.env["sfc.tender.task"].sudo(), lines, ["user_id"])
