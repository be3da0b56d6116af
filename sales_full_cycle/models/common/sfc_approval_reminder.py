from functools import partial

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.service.model import retrying
from odoo.tools import SQL


class SfcApproval(models.Model):
    """Who has not decided yet is reminded every day, in one message (P2)."""
    _inherit = "sfc.approval"

    @api.model
    def _cron_remind(self, batch=50):
        """Ask whoever decides today (people come back, leave, lead other teams), then remind those who were asked before today.

        Each batch is locked and committed: one that is killed loses its batch only, and nobody is reminded twice on a day.
        """
        self.sudo().search([("state", "=", "pending")], order="id")._route()
        done = batch
        while done:
            done = retrying(partial(self.sudo()._remind_next, batch), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch)):
                return

    def _remind_next(self, batch):
        """Remind the next reviewers that no other worker holds; their number."""
        today = fields.Date.context_today(self)
        self.flush_model(["state", "asked_at", "reviewer_ids"])
        self.env["res.users"].flush_model(["active", "approval_reminded_on"])
        rows = self.env.execute_query(SQL(
            """WITH due AS MATERIALIZED (
                   SELECT person.id FROM res_users person
                    WHERE person.active AND (person.approval_reminded_on IS NULL OR person.approval_reminded_on < %(today)s)
                      AND EXISTS (SELECT FROM sfc_approval_reviewer_rel asked JOIN sfc_approval approval ON approval.id = asked.approval_id
                                   WHERE asked.user_id = person.id AND approval.state = 'pending' AND approval.asked_at < %(today)s)
                 ORDER BY person.id LIMIT %(batch)s FOR NO KEY UPDATE OF person SKIP LOCKED)
               UPDATE res_users person SET approval_reminded_on = %(today)s FROM due WHERE due.id = person.id RETURNING person.id""",
            today=today, batch=batch))
        people = self.env["res.users"].browse(sorted(user_id for (user_id,) in rows))
        people.invalidate_recordset(["approval_reminded_on"])
        waiting = self.search([("state", "=", "pending"), ("reviewer_ids", "in", people.ids), ("asked_at", "<", today)], order="asked_at, id")
        for user in people:
            waiting.filtered(lambda approval, user=user: user in approval.reviewer_ids)._remind(user)
        return len(people)

    def _remind(self, user):
        """One message about everything in self; it hangs on no single document."""
        texts = self.with_context(lang=user.lang)
        lines = [f"{approval.display_name} ({approval.sla_time_left})" if approval.sla_time_left else approval.display_name for approval in texts]
        self.env["mail.thread"].with_context(lang=user.lang).message_notify(
            partner_ids=user.partner_id.ids, subject=texts.env._("%(count)s approvals wait for you", count=len(self)),
            body=Markup("<br/>").join(escape(line) for line in lines), email_layout_xmlid="mail.mail_notification_light")
