from odoo import fields, models
from odoo.tools import SQL


class SfcCadenceReport(models.Model):
    """Follow-up compliance: a row for each day on which a follow-up was due; done on time ÷ due is the average (ahead 3, S2.12)."""
    _name = "sfc.cadence.report"
    _description = "Follow-up Compliance"
    _auto = False
    _order = "due_date desc, id desc"
    _rec_name = "profile_id"
    _depends = {
        "sfc.follow.up": [
            "profile_id", "grade_id", "due_date", "due_anchor", "done_on", "on_time", "periods_due", "cadence_amount", "cadence_unit", "due_user_id",
            "due_team_id"],
        "sfc.customer.profile": [
            "partner_id", "company_id", "user_id", "team_id", "grade_id", "next_follow_up_date", "cadence_anchor", "cadence_amount", "cadence_unit",
            "assigned_at", "active"],
    }

    profile_id = fields.Many2one("sfc.customer.profile", "Customer", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer company", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True, help="Who owned the customer then.")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    grade_id = fields.Many2one("sfc.grade", readonly=True, help="Of the customer then.")
    due_date = fields.Date("Due", readonly=True)
    done_on = fields.Date(readonly=True)
    follow_up_id = fields.Many2one("sfc.follow.up", "Follow-up record", readonly=True)
    state = fields.Selection([("on_time", "In time"), ("late", "Done late"), ("open", "Not done")], "Result", readonly=True)
    on_time = fields.Float("Done on time (%)", readonly=True, aggregator="avg", digits=(5, 1))

    @property
    def _table_query(self):
        return SQL(
            """SELECT (contact.id::bigint * 10000 + step.number) * 2 AS id, contact.id AS follow_up_id, contact.profile_id,
                      profile.partner_id, profile.company_id, contact.due_user_id AS user_id, contact.due_team_id AS team_id, contact.grade_id,
                      %(contact_due)s AS due_date, contact.done_on,
                      CASE WHEN contact.on_time THEN 'on_time' ELSE 'late' END AS state, CASE WHEN contact.on_time THEN 100.0 ELSE 0.0 END AS on_time
                 FROM sfc_follow_up contact
                 JOIN sfc_customer_profile profile ON profile.id = contact.profile_id
                CROSS JOIN LATERAL generate_series(0, contact.periods_due - 1) AS step (number)
                WHERE contact.due_date IS NOT NULL
            UNION ALL
               SELECT (profile.id::bigint * 10000 + step.number) * 2 + 1, NULL, profile.id,
                      profile.partner_id, profile.company_id, CASE WHEN due.day < profile.assigned_at::date THEN NULL ELSE profile.user_id END,
                      profile.team_id, profile.grade_id, due.day, NULL, 'open', 0.0
                 FROM sfc_customer_profile profile
                 JOIN (VALUES %(days)s) local (company_id, today) ON local.company_id = profile.company_id
                CROSS JOIN LATERAL generate_series(0, (local.today - profile.next_follow_up_date)
                           / (profile.cadence_amount * CASE profile.cadence_unit WHEN 'month' THEN 28 ELSE 1 END)) AS step (number)
                CROSS JOIN LATERAL (SELECT %(profile_due)s AS day) due
                WHERE profile.next_follow_up_date < %(latest)s AND profile.active AND due.day < local.today""",
            contact_due=self._due_date("contact", "due_date", "due_anchor"),
            profile_due=self._due_date("profile", "next_follow_up_date", "cadence_anchor"),
            **self._days())

    def _days(self):
        """Rows (company, its date today), and the latest of the dates."""
        today = self.env["sfc.customer.profile"]._today_by_company()
        rows = SQL(", ").join(SQL("(%s, %s::date)", company.id, day) for company, day in today.items())
        return {"days": rows, "latest": max(today.values())}

    def _due_date(self, table, due, anchor):
        """The due date `step.number` steps after the first one; months keep to the anchor day as far as the month has it (cadence.next_due)."""
        return SQL(
            """CASE %(unit)s WHEN 'day' THEN %(due)s + step.number * %(amount)s
                    ELSE LEAST(%(month)s + (%(anchor)s - 1) * interval '1 day', %(month)s + interval '1 month - 1 day')::date END""",
            unit=SQL.identifier(table, "cadence_unit"), amount=SQL.identifier(table, "cadence_amount"),
            due=SQL.identifier(table, due), anchor=SQL.identifier(table, anchor),
            month=SQL("(date_trunc('month', %s) + step.number * %s * interval '1 month')", SQL.identifier(table, due), SQL.identifier(table, "cadence_amount")))

    def action_open_document(self):
        """The follow-up record, or the customer that still waits for one."""
        self.ensure_one()
        document = self.follow_up_id or self.profile_id
        return {"type": "ir.actions.act_window", "res_model": document._name, "res_id": document.id, "view_mode": "form"}
