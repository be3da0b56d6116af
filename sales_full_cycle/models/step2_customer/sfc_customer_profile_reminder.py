import logging
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import SQL

from . import cadence

_logger = logging.getLogger(__name__)


class SfcCustomerProfile(models.Model):
    """The one activity for a follow-up that is due, with what to talk about in it (S2.11, S2.13)."""
    _inherit = "sfc.customer.profile"

    reminded_on = fields.Date("Reminded on", readonly=True, copy=False, help="When the activity for the follow-up was made last.")

    # === CRON === #

    @api.model
    def _cron_follow_up(self, batch=200):
        """Make the activities for what is due.

        Each batch is locked and committed: other workers take other customers meanwhile, and one that is killed loses its batch only.
        """
        profiles, last, done = self.sudo(), (), True
        while done:
            last, done = retrying(partial(profiles._remind_next, batch, last), self.env)
            if not self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch)):
                return

    def _remind_next(self, batch, after):
        """Remind of the next due customers that no other worker holds.

        :param after: (date, id) of the last one before them, so that one who is refused is not met again in this run
        :return: (the same of the last one now, their number)
        """
        today = self._today_by_company()
        profiles = self._claim_due(today, batch, after)
        try:
            with self.env.cr.savepoint():
                profiles._remind()
        except UserError:
            profiles._remind_one_by_one()
        return (profiles[-1].next_follow_up_date, profiles[-1].id) if profiles else after, len(profiles)

    def _claim_due(self, today, batch, after):
        """Lock customers that are due and have no activity for it, in the order of their dates.

        The lock is an UPDATE: a worker that reads with an older snapshot fails on it and looks again, it cannot remind a second time.
        """
        self.flush_model(["next_follow_up_date", "company_id", "user_id", "active"])
        self.env["mail.activity"].flush_model(["sfc_cadence_profile_id", "active"])
        days = SQL(", ").join(SQL("(%s, %s::date)", company.id, day) for company, day in today.items())
        rows = self.env.execute_query(SQL(
            """WITH due AS MATERIALIZED (
                   SELECT profile.id FROM sfc_customer_profile profile
                     JOIN (VALUES %(days)s) day (company_id, today) ON day.company_id = profile.company_id
                     JOIN res_users owner ON owner.id = profile.user_id AND owner.active
                    WHERE profile.next_follow_up_date <= %(latest)s AND profile.next_follow_up_date <= day.today AND profile.active %(after)s
                      AND NOT EXISTS (SELECT FROM mail_activity activity WHERE activity.sfc_cadence_profile_id = profile.id AND activity.active)
                 ORDER BY profile.next_follow_up_date, profile.id LIMIT %(batch)s
                      FOR NO KEY UPDATE OF profile SKIP LOCKED)
               UPDATE sfc_customer_profile profile SET reminded_on = %(now)s::date FROM due WHERE due.id = profile.id
            RETURNING profile.next_follow_up_date, profile.id""",
            days=days, latest=max(today.values()), batch=batch, now=fields.Datetime.now(),
            after=SQL("AND (profile.next_follow_up_date, profile.id) > (%s, %s)", *after) if after else SQL()))
        profiles = self.browse(id_ for _due, id_ in sorted(rows))
        profiles.invalidate_recordset()
        return profiles

    def _remind_one_by_one(self):
        """Somebody's data refuses one customer: the others are reminded of, and that one is tried again tomorrow."""
        for profile in self:
            try:
                with self.env.cr.savepoint():
                    profile._remind()
            except UserError as error:
                _logger.warning("No follow-up activity for customer %s: %s", profile.id, error)

    def _remind(self):
        """The activity of each customer in self: for its owner, with the talking points in the owner's language."""
        people, texts = self._people_to_talk_to(), {}
        self.mapped("display_name")  # in one go; mail.activity asks for them one by one
        call = self.env.ref("mail.mail_activity_data_call").id
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = [{
            "res_model_id": model_id, "res_id": profile.id, "sfc_cadence_profile_id": profile.id, "activity_type_id": call, "automated": True,
            "user_id": profile.user_id.id, "date_deadline": profile.next_follow_up_date, "follow_up_contact_id": people.get(profile.id),
            **profile._reminder_texts(texts),
        } for profile in self]
        # no mail for each: the owner finds them in the activity menu
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _reminder_texts(self, known):
        """Summary and note; `known` keeps what is the same for all customers of a grade, cadence and language."""
        self.ensure_one()
        lang, grade = self.user_id.lang, self.grade_id
        step = cadence.Step(self.cadence_amount, self.cadence_unit)
        key = (grade, step, lang)
        if key not in known:
            known[key] = self._grade_texts(grade.with_context(lang=lang), step)
        texts = known[key]
        return {**texts, "note": self.talking_points} if self.own_talking_points else texts

    @api.model
    def _grade_texts(self, grade, step):
        words = self.with_env(grade.env)._cadence_words(step, grade.deep_required)
        return {
            "summary": grade.env._("Follow-up of a grade %(grade)s customer: %(cadence)s", grade=grade.code, cadence=words),
            "note": grade.talking_points,
        }

    def _people_to_talk_to(self):
        """{id: the decision maker whom we have not talked to for the longest time}"""
        self.env["sfc.decision.role"].flush_model(["profile_id", "role", "contact_id", "last_contacted_on", "influence_rank"])
        return dict(self.env.execute_query(SQL(
            """SELECT DISTINCT ON (role.profile_id) role.profile_id, role.contact_id
                 FROM sfc_decision_role role JOIN res_partner person ON person.id = role.contact_id AND person.active
                WHERE role.profile_id = ANY(%s) AND role.role = 'decision_maker'
             ORDER BY role.profile_id, role.last_contacted_on NULLS FIRST, role.influence_rank, role.id""", list(self.ids))))

    # === CHANGES === #

    def _reminders(self):
        # sudo: the system's activities, whoever has them; quick update: no mail for each
        activities = self.env["mail.activity"].sudo().with_context(active_test=True, mail_activity_quick_update=True)
        return activities.search([("sfc_cadence_profile_id", "in", self.ids)])

    def _keep_reminders_current(self, due_before, today):
        """An open activity for what is no longer due goes; one that is due since another day says so.

        :param due_before: {customer: next date before the change}
        """
        reminders = self._reminders()
        over = reminders.filtered(lambda activity: not activity.sfc_cadence_profile_id._is_due(today))
        over.unlink()
        for profile, activities in (reminders - over).grouped("sfc_cadence_profile_id").items():
            if profile.next_follow_up_date != due_before[profile]:
                activities.date_deadline = profile.next_follow_up_date

    def _is_due(self, today):
        self.ensure_one()
        return bool(self.next_follow_up_date and self.next_follow_up_date <= today[self.company_id])

    def _hand_over_reminders(self):
        """The owner of the customer does what is due."""
        for owner, activities in self._reminders().grouped(lambda activity: activity.sfc_cadence_profile_id.user_id).items():
            others = activities.filtered(lambda activity, owner=owner: activity.user_id != owner)
            if owner and others:
                others.user_id = owner
