from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context


class MailActivity(models.Model):
    """A call, visit or meeting that is marked as done is a follow-up record: nobody types twice (S2.7, T5)."""
    _inherit = "mail.activity"

    follow_up_contact_id = fields.Many2one("res.partner", "Person to contact", index="btree_not_null", ondelete="set null")

    def _action_done(self, feedback=False, attachment_ids=None):
        vals_list = self._prepare_follow_ups(feedback)
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if vals_list:
            # sudo: an activity may be finished by whom it was given to, also where he does not see the customer
            bare = self.env["sfc.follow.up"].sudo().with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
            bare.create(vals_list)
        return result

    def _prepare_follow_ups(self, feedback):
        """Values of the records that these activities still owe; escalations and types without a method owe none."""
        owing = self.filtered(lambda activity: activity.activity_type_id.follow_up_method and not activity.sfc_clock_id)
        if not owing:
            return []
        # sudo: whether there is a record counts, not whether one may see it
        owing -= self.env["sfc.follow.up"].sudo().with_context(active_test=False).search([("activity_id", "in", owing.ids)]).activity_id
        return [
            {**activity._prepare_follow_up_vals(*subject), "content": feedback or activity.summary, "user_id": self.env.uid, "author_id": self.env.uid}
            for activity, subject in owing._follow_up_subjects().items()]

    def _prepare_follow_up_vals(self, profile, lead, person):
        event = self.calendar_event_id.sudo()  # sudo: private meetings of a colleague tell who was there
        method = "online" if event.videocall_location else self.activity_type_id.follow_up_method
        people = profile._own_people(event.partner_ids) or profile._own_people(self.follow_up_contact_id) or profile._own_people(person)
        return {
            "profile_id": profile.id, "lead_id": lead.id, "contact_ids": people.ids, "activity_id": self.id,
            **({"method": method} if method else {}),
        }

    # === WHOM IT IS ABOUT === #

    def _follow_up_subjects(self, owner=None):
        """{activity: (customer sheet, deal, person)} in sudo, for those that are about a customer. A fixed number of queries.

        :param owner: user for whom a contact without a customer sheet gets one; without it only contacts with a deal do
        """
        finders = {"sfc.customer.profile": self._subjects_of_profiles, "crm.lead": self._subjects_of_deals, "res.partner": self._subjects_of_partners}
        subjects = {}
        for model, activities in self.filtered(lambda activity: activity.res_model in finders).grouped("res_model").items():
            # sudo: see _action_done
            documents = self.env[model].sudo().browse(activities.mapped("res_id")).exists()
            found = finders[model](documents, owner)
            subjects |= {activity: found[activity.res_id] for activity in activities if activity.res_id in found}
        return subjects

    def _subjects_of_profiles(self, profiles, _owner):
        nothing = self.env["crm.lead"], self.env["res.partner"]
        return {profile.id: (profile, *nothing) for profile in profiles}

    def _subjects_of_deals(self, leads, _owner):
        deals = leads.filtered(lambda lead: lead.type == "opportunity" and lead.partner_id)
        deals._ensure_customers()
        return {deal.id: (deal.customer_profile_id, deal, deal.partner_id) for deal in deals}

    def _subjects_of_partners(self, partners, owner):
        company = self.env.company
        Profile = self.env["sfc.customer.profile"]
        profiles = Profile._find(partners, company)
        missing = partners.filtered(lambda partner: partner.commercial_partner_id not in profiles)
        if missing and not owner:
            deals = self.env["crm.lead"].sudo().with_context(active_test=False).search([
                ("type", "=", "opportunity"), ("company_id", "in", (company.id, False)),
                ("partner_id.commercial_partner_id", "in", missing.commercial_partner_id.ids)])
            missing = deals.partner_id
        if missing:
            profiles |= Profile._ensure(missing, company, dict.fromkeys(missing.commercial_partner_id, owner) if owner else None)
        return {
            partner.id: (profiles[partner.commercial_partner_id], self.env["crm.lead"], partner)
            for partner in partners if partner.commercial_partner_id in profiles}

    # === QUICK ENTRY === #

    def action_record_follow_up(self):
        """Write the record of this activity in a dialog; saving it marks the activity as done.

        :raises UserError: the activity is not about a customer
        """
        self.ensure_one()
        self.check_access("write")
        FollowUp = self.env["sfc.follow.up"]
        FollowUp.check_access("create")
        subject = self._follow_up_subjects(owner=self.env.user).get(self)
        if not subject:
            raise UserError(self.env._(
                "There is no customer here yet, and a follow-up record belongs to one. Fill in the customer first, or mark the activity as done."))
        return FollowUp._quick_entry(self._prepare_follow_up_vals(*subject))
