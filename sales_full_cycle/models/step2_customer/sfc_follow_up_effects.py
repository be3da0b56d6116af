from odoo import Command, api, models
from odoo.tools.misc import clean_context

from ..common.bulk_write import bulk_update

# What the activity of the next step is made from.
NEXT_FACTS = {"next_step", "next_user_id", "next_date", "user_id", "lead_id", "profile_id", "active"}


class SfcFollowUp(models.Model):
    """What follows from a contact: last contacts, cadence, finished and next activities; and the quick entry (S2.8, S2.11, P4)."""
    _inherit = "sfc.follow.up"

    def _take_effect(self):
        """New records: each effect once, for all of them."""
        self._finish_activities()
        self._refresh_contacts()
        self._sync_next_activities(NEXT_FACTS)
        if not self._is_silent():
            self.lead_id._register_contact()  # D9

    def _is_silent(self):
        """History is being loaded: it plans nothing (P11)."""
        return bool(self.env.context.get("sfc_no_clocks")) or self._is_import()

    # === LAST CONTACTS AND CADENCE === #

    def _touched(self):
        """Customers and people of the records, as they are now."""
        records = self.sudo()
        return records.profile_id, records.contact_ids

    def _refresh_contacts(self, before=None):
        """The records changed: so did the last contact of their people and the rhythm of their customers.

        :param before: _touched() before the change
        """
        # sudo: these dates and the cadence are the system's, whoever writes the record
        profiles, people = (now | then for now, then in zip(self._touched(), before or self.browse()._touched(), strict=True))
        self.env["sfc.decision.role"].sudo().search([
            ("profile_id", "in", profiles.ids), ("contact_id", "in", people.ids)])._refresh_last_contacted()
        profiles._refresh_cadence()

    # === ACTIVITIES === #

    def _finish_activities(self):
        """A record that was written from an activity finishes it, with the content as its feedback; nobody types twice."""
        bare = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        for content, records in bare.grouped(lambda record: record.content or "").items():
            activities = records.activity_id.filtered("active")
            if activities:
                activities._action_done(feedback=content)

    def _sync_next_activities(self, changed):
        """One activity a record that names a next step and its date; a correction moves it, and takes it away again. Done ones stay as they are."""
        if NEXT_FACTS.isdisjoint(changed) or self._is_silent():
            return
        # sudo: who may write the record plans its next step, also on the deal of a colleague
        records = self.sudo().with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        planned = records.filtered(lambda record: record.active and record.next_step and record.next_date)
        (records - planned).next_activity_id.filtered("active").unlink()
        missing = planned.filtered(lambda record: not record.next_activity_id)
        for record in planned - missing:
            if record.next_activity_id.active:
                record.next_activity_id.write(record._prepare_next_activity_vals())
        if missing:
            activities = self.env["mail.activity"].sudo().create([record._prepare_next_activity_vals() for record in missing])
            bulk_update(missing, {record.id: (activity.id,) for record, activity in zip(missing, activities, strict=True)}, ["next_activity_id"])

    def _prepare_next_activity_vals(self):
        document = self.lead_id or self.profile_id
        return {
            "res_model_id": self.env["ir.model"]._get_id(document._name), "res_id": document.id, "summary": self.next_step,
            "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_todo"),
            "date_deadline": self.next_date, "user_id": (self.next_user_id or self.user_id).id,
        }

    # === QUICK ENTRY === #

    @api.model
    def _quick_entry(self, values):
        """The dialog with eight inputs, filled with `values`."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_follow_up_action_quick")
        return {**action, "context": {f"default_{fname}": value for fname, value in values.items()}}

    @api.onchange("lead_id")
    def _onchange_lead_id(self):
        """Choosing the deal is enough: customer and person come from it."""
        if self.lead_id:
            self.profile_id = self.lead_id.customer_profile_id
            self.contact_ids = [Command.link(person.id) for person in self.profile_id._own_people(self.lead_id.partner_id)]

    @api.onchange("profile_id")
    def _onchange_profile_id(self):
        """What belongs to another customer goes."""
        if self.lead_id.customer_profile_id != self.profile_id:
            self.lead_id = False
        self.contact_ids -= self.contact_ids.filtered(lambda person: person._origin.commercial_partner_id != self.profile_id.partner_id)

    def action_quick_save(self):
        """The dialog has saved the record already; close it."""
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _records_of(self, domain, name):
        """Action with the records of one customer or deal."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_follow_up_action")
        return {**action, "name": name, "domain": domain, "context": {}}
