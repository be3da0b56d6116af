from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

AGE_BANDS = [("current", "Not due"), ("30", "1–30 days"), ("60", "31–60 days"), ("90", "61–90 days"), ("more", "Over 90 days")]
# Longest age in days of each band but the last.
BAND_ENDS = {"current": 0, "30": 30, "60": 60, "90": 90}
REMINDER = "sales_full_cycle.mail_template_payment_reminder"


class SfcPaymentMilestone(models.Model):
    """应收回款: how late an instalment is, what is missing for its invoice, and reminding the customer (R.1, P4, screens.md "Finance")."""
    _inherit = "sfc.payment.milestone"

    # by today's date, so they are not stored; a filter asks the due date instead
    days_overdue = fields.Integer(compute="_compute_age")
    age_band = fields.Selection(AGE_BANDS, "Age", compute="_compute_age", search="_search_age_band")
    is_overdue = fields.Boolean("Overdue", compute="_compute_age", search="_search_is_overdue")
    invoice_data_missing = fields.Char(
        compute="_compute_invoice_data_missing", help="开票资料: what an invoice needs of the customer and is not known.")
    reminded_on = fields.Date("Customer reminded on", readonly=True, copy=False)

    # === AGE === #

    @api.depends("due_date", "amount_residual")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for milestone in self:
            owed = milestone.due_date and milestone.amount_residual > 0
            days = max((today - milestone.due_date).days, 0) if owed else 0
            milestone.days_overdue = days
            milestone.is_overdue = days > 0
            milestone.age_band = next((band for band, end in BAND_ENDS.items() if days <= end), "more") if owed else False

    def _search_is_overdue(self, operator, value):
        if operator != "in" or True not in value or False in value:
            return NotImplemented
        return [("amount_residual", ">", 0), ("due_date", "<", fields.Date.context_today(self))]

    def _search_age_band(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._band_domain(band) for band in value if band)

    @api.model
    def _band_domain(self, band):
        """Instalments whose age lies in the band, by their due date."""
        today = fields.Date.context_today(self)
        bands = [name for name, _label in AGE_BANDS]
        place = bands.index(band)
        domain = Domain("amount_residual", ">", 0)
        if band in BAND_ENDS:
            domain &= Domain("due_date", ">=", fields.Date.subtract(today, days=BAND_ENDS[band]))
        if place:
            domain &= Domain("due_date", "<", fields.Date.subtract(today, days=BAND_ENDS[bands[place - 1]]))
        return domain

    # === INVOICE DATA === #

    @api.depends("partner_id.vat", "partner_id.street", "partner_id.city", "partner_id.email")
    @api.depends_context("lang")
    def _compute_invoice_data_missing(self):
        labels = {"vat": self.env._("tax number"), "street": self.env._("address"), "city": self.env._("city"), "email": self.env._("e-mail")}
        for milestone in self:
            customer = milestone.partner_id.commercial_partner_id
            milestone.invoice_data_missing = ", ".join(label for fname, label in labels.items() if not customer[fname]) or False

    # === REMIND === #

    def action_remind(self):
        """Write to the customer about what is due: the composer with a friendly text; sending it is a person's decision.

        :raises UserError: nothing is owed yet
        """
        self.check_access("read")
        if idle := self.filtered(lambda milestone: not milestone.is_overdue):
            raise UserError(self.env._(
                "Nothing is overdue here: %(instalments)s. Remind of instalments that were invoiced and whose due date has passed.",
                instalments=", ".join(idle.mapped("display_name"))))
        return {
            "type": "ir.actions.act_window", "name": self.env._("Remind the customer"), "res_model": "mail.compose.message", "view_mode": "form",
            "views": [(False, "form")], "target": "new", "context": {
                "default_model": self._name, "default_res_ids": self.ids, "default_template_id": self.env.ref(REMINDER).id,
                "default_composition_mode": "comment" if len(self) == 1 else "mass_mail", "sfc_payment_reminder": True},
        }

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        if self.env.context.get("sfc_payment_reminder"):
            self._note_reminder()
        return message

    def _message_mail_after_hook(self, mails):
        """Several reminders sent at once are mails, not messages."""
        result = super()._message_mail_after_hook(mails)
        if self.env.context.get("sfc_payment_reminder"):
            self.browse(mails.mapped("res_id"))._note_reminder()
        return result

    def _note_reminder(self):
        # sudo: finance reminds, the instalment is the salesperson's
        self.sudo().write({"reminded_on": fields.Date.context_today(self)})
