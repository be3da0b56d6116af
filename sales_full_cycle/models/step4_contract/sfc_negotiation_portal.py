import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Written by the customer's own click alone.
CUSTOMER_FIELDS = {"customer_confirmed_at", "customer_confirmed_by", "customer_confirmed_ip"}
NAME_LENGTH, CORRECTION_LENGTH = 100, 2000


class SfcNegotiation(models.Model):
    """The customer reads confirmed minutes, confirms them or asks for a correction (S4.6, T3).

    Customers have no access to the record: the page shows what they may see. So nothing inside is read by API, by the chatter or as an attachment.
    """
    _name = "sfc.negotiation"
    _inherit = ["sfc.negotiation", "portal.mixin"]

    customer_confirmed_at = fields.Datetime("Confirmed by the customer on", readonly=True, copy=False)
    customer_confirmed_by = fields.Char("Confirmed by", readonly=True, copy=False, help="The name that the customer's person gave.")
    customer_confirmed_ip = fields.Char("From the address", readonly=True, copy=False, groups="sales_team.group_sale_salesman")

    def _compute_access_url(self):
        for minutes in self:
            minutes.access_url = f"/my/minutes/{minutes.id}"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """The link exists from the beginning: a page that is read need not write."""
        self._refuse_written_confirmation(*vals_list)
        return super().create([{**vals, "access_token": str(uuid.uuid4())} for vals in vals_list])

    def write(self, vals):
        self._refuse_written_confirmation(vals)
        return super().write(vals)

    @api.model
    def _refuse_written_confirmation(self, *vals_list):
        if not self.env.su and any(not (CUSTOMER_FIELDS | {"access_token"}).isdisjoint(vals) for vals in vals_list):
            raise UserError(self.env._("What the customer confirmed is written by the customer's own page. Send the link with 'Send minutes'."))

    @api.model
    def default_get(self, fields_list):
        """Nor is a confirmation given by a default."""
        return {fname: value for fname, value in super().default_get(fields_list).items() if fname not in CUSTOMER_FIELDS}

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):  # noqa: A002
        """The link opens the page, not what we write to each other about the minutes."""
        return super()._get_thread_with_access(thread_id, **kwargs)

    # === WHAT THE CUSTOMER SEES === #

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.env._("Negotiation minutes %(number)s", number=self.number)

    @api.model
    def _portal_minutes_domain(self, partner):
        """The minutes that the person's company may read."""
        return [("state", "=", "confirmed"), ("partner_id", "=", partner.commercial_partner_id.id)]

    def _is_customer(self, user):
        """Whether the user stands for the customer; of somebody who is not logged in the link is all that is known."""
        self.ensure_one()
        return user._is_public() or (user.share and user.partner_id.commercial_partner_id == self.partner_id)

    def _check_customer_may_answer(self):
        """:raises AccessError: the user is somebody else
        :raises UserError: there is nothing to answer
        """
        self.ensure_one()
        if not self._is_customer(self.env.user):
            raise AccessError(self.env._("Only the customer of these minutes may confirm or correct them."))
        if self.state != "confirmed":
            raise UserError(self._not_ready())

    def _not_ready(self):
        return self.env._("These minutes are being revised. You will receive them as soon as they are ready; please ask your contact person.")

    def _visitor(self, name=None):
        """(partner or none, name) of the customer's person."""
        user = self.env.user
        partner = self.env["res.partner"] if user._is_public() else user.partner_id
        return partner, " ".join((name or partner.name or "").split())[:NAME_LENGTH]

    def _confirm_by_customer(self, name, ip):
        """The customer says that this is what was agreed; the first confirmation stands. `self` in sudo, as the visitor.

        :returns: whether this call confirmed them
        """
        self._check_customer_may_answer()
        partner, name = self._visitor(name)
        if not name:
            raise UserError(self.env._("Please enter your name."))
        # two clicks at once: the second one waits here and finds the first one's confirmation
        self.env.cr.execute("SELECT customer_confirmed_at FROM sfc_negotiation WHERE id = %s FOR UPDATE", [self.id])
        if self.env.cr.fetchone()[0]:
            return False
        self.write({"customer_confirmed_at": fields.Datetime.now(), "customer_confirmed_by": name, "customer_confirmed_ip": ip})
        self._post_for_customer(partner, self._for_owner().env._("%(name)s confirmed the minutes for the customer.", name=name))
        return True

    def _correct_by_customer(self, text, name=None):
        """The customer asks for a correction: a message on the minutes, and one activity for who leads the negotiation. `self` in sudo."""
        self._check_customer_may_answer()
        partner, name = self._visitor(name)
        text = (text or "").strip()[:CORRECTION_LENGTH]
        if not text:
            raise UserError(self.env._("Please write what is to be corrected."))
        if self.customer_confirmed_at:
            raise UserError(self.env._("These minutes are confirmed already. Please ask your contact person for a correction."))
        words = self._for_owner().env._("%(name)s asks for a correction of the minutes: %(text)s", name=name or self.partner_id.name, text=text)
        self._post_for_customer(partner, words)
        self._for_owner()._remind_of_correction(words)

    def _remind_of_correction(self, words):
        """One open activity, however often the customer writes; all of it stands in the messages."""
        summary = self.env._("The customer asks for a correction of %(number)s", number=self.number)
        asked = self.activity_search(["sales_full_cycle.mail_activity_type_minutes_correction"])
        if asked:
            asked.note = words
        else:
            self.activity_schedule("sales_full_cycle.mail_activity_type_minutes_correction", summary=summary, note=words, user_id=self.user_id.id)

    def _for_owner(self):
        """What is noted for us is written in the language of who leads the negotiation, not in the visitor's."""
        return self.with_context(lang=self.user_id.lang or self.company_id.partner_id.lang)

    def _post_for_customer(self, partner, words):
        """A note: the customer is told by the page."""
        self.message_post(body=words, author_id=(partner or self.partner_id).id or None, message_type="comment", subtype_xmlid="mail.mt_note")
