from odoo import models
from odoo.exceptions import UserError

from ..common.bulk_write import bulk_update
from .sfc_tender import PENDING_DEADLINES

DEPOSIT = "deposit_return_due"
# What collaborators of a deal may be called there who do the lines of a role.
COLLABORATORS = {"technical": {"technical", "tech", "presales"}, "legal": {"legal"}, "finance": {"finance"}}


class SfcTender(models.Model):
    """Who does what of a tender, and the one activity for each open line and deadline (D20, ahead 12)."""
    _inherit = "sfc.tender"

    # === WHO === #

    def _people(self):
        """{role: user}; who is not named is stood in for by the owner of the deal."""
        lead = self.lead_id
        owner = lead.user_id or lead.team_id.user_id
        return {
            "owner": owner, "leader": lead.team_id.user_id or owner, "technical": self.tech_user_id or self._collaborator("technical") or owner,
            "legal": self._collaborator("legal") or owner, "finance": self._collaborator("finance") or owner,
        }

    def _collaborator(self, role):
        """The colleague who has the role on the deal."""
        if "collaborator_ids" not in self.lead_id._fields:
            return self.env["res.users"]
        return self.lead_id.collaborator_ids.filtered(lambda colleague: colleague.role in COLLABORATORS[role]).user_id.filtered("active")[:1]

    def _people_by_tender(self):
        return {tender: tender._people() for tender in self.sudo()}  # sudo: people of the deal and its team

    def _people_changed(self, before):
        """Another owner, leader or technical lead: the open lines of whoever was it before are theirs.

        :param before: _people_by_tender() before the change
        """
        tenders = self.sudo()
        people, changed = tenders._people_by_tender(), {}
        for line in tenders.task_ids.filtered(lambda line: not line.done):
            old, new = (known[line.tender_id][line.role] for known in (before, people))
            if old != new and line.user_id in (old, self.env["res.users"]):
                changed[line.id] = (new.id,)
        bulk_update(tenders.task_ids, changed, ["user_id"])
        followers = {
            tender.id: (people[tender]["owner"].id,) for tender in tenders
            if tender.commercial_user_id == before[tender]["owner"] and not tender.result}
        bulk_update(tenders, followers, ["commercial_user_id"])
        self._sync_activities()

    # === CHECKLIST === #

    def _fill_checklists(self):
        """New workspaces get the checklist; history and what is decided has nothing to be prepared (P11)."""
        wanting = self.filtered(lambda tender: not tender.result and not tender.task_ids)
        if wanting and not self._is_silent():
            lines = self.env["sfc.tender.checklist.template"]._prepare_lines()
            self.env["sfc.tender.task"].create([{**line, "tender_id": tender.id} for tender in wanting for line in lines])

    def action_fill_checklist(self):
        """:raises UserError: there is one already, or the tender is decided"""
        self.check_access("write")
        if self.filtered(lambda tender: tender.task_ids or tender.result):
            raise UserError(self.env._("This tender has a checklist already, or it is decided."))
        self._fill_checklists()

    def _is_silent(self):
        """History is being loaded: it plans nothing (P11)."""
        return bool(self.env.context.get("sfc_no_clocks") or self.env.context.get("import_file"))

    # === ONE ACTIVITY FOR EACH === #

    def _sync_activities(self):
        """Make, move and remove activities, as the tenders now stand. Idempotent; a fixed number of queries."""
        if not self:
            return
        tenders = self.sudo()  # sudo: the activities are the system's, whoever changes the tender
        wanted, known = tenders._wanted_activities(), tenders._known_activities()
        over = [activity.id for key, activity in known.items() if activity.active and key not in wanted]
        self.env["mail.activity"].sudo().browse(over).unlink()
        for key in wanted.keys() & known.keys():
            tenders._move_activity(known[key], wanted[key])
        missing = [vals for key, vals in wanted.items() if key not in known]
        if missing and not self._is_silent():
            # no mail for each: people find them in their activity menu
            tenders.env["mail.activity"].with_context(mail_activity_quick_update=True).create(missing)

    def _known_activities(self):
        """{key as in _wanted_activities: activity}; of deadlines also those that are done, of lines those that are open."""
        activities = self.env["mail.activity"].with_context(active_test=False).search([
            ("sfc_tender_id", "in", self.ids), ("sfc_tender_deadline", "!=", DEPOSIT), "|", ("active", "=", True), ("sfc_tender_deadline", "!=", False)])
        return {activity.sfc_tender_task_id or (activity.sfc_tender_id, activity.sfc_tender_deadline): activity for activity in activities}

    def _move_activity(self, activity, vals):
        changed = {fname: vals[fname] for fname in ("user_id", "date_deadline", "summary") if vals[fname] != (
            activity[fname].id if fname == "user_id" else activity[fname])}
        if changed and activity.active:
            activity.with_context(mail_activity_quick_update=True).write(changed)

    def _wanted_activities(self):
        """{line, or (tender, deadline): values of its activity}"""
        wanted = {}
        for line in self.task_ids:
            if line.is_open and line.due_date and line.user_id.active:
                wanted[line] = {**line.tender_id._prepare_activity_vals(line.user_id, line.due_date, line.name), "sfc_tender_task_id": line.id}
        for tender in self:
            owner = tender._people()["owner"]
            for fname in PENDING_DEADLINES.get(tender.state, ()) if owner.active and tender._is_alive() else ():
                if tender[fname]:
                    day = tender._company()._local_date(tender[fname])
                    vals = tender._prepare_activity_vals(owner, day, tender._deadline_label(fname, owner.lang))
                    wanted[tender, fname] = {**vals, "sfc_tender_deadline": fname}
        return wanted

    def _is_alive(self):
        lead = self.lead_id
        return lead.active and lead.won_status != "lost"

    def _prepare_activity_vals(self, user, day, summary):
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": self.id, "sfc_tender_id": self.id, "automated": True,
            "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_todo"),
            "user_id": user.id, "date_deadline": day, "summary": summary}

    def _deadline_label(self, fname, lang):
        return self._fields[fname]._description_string(self.with_context(lang=lang).env)

    def _deposit_returned(self):
        """The line that waits for the deposit, and the alert that it is late, are done."""
        tenders = self.sudo()
        tenders.task_ids.filtered(lambda line: line.anchor == "deposit" and not line.done).write({"done": True})
        alerts = tenders.env["mail.activity"].search([("sfc_tender_id", "in", self.ids), ("sfc_tender_deadline", "=", DEPOSIT)])
        if alerts:
            alerts._action_done()
