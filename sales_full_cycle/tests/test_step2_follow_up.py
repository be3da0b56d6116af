from datetime import date, datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.common.bulk_write import bulk_update
from .common import SalesCase, at

TALK = "Talked about the delivery of twelve benches and their price"


class FollowUpCase(SalesCase):
    """A customer of the salesperson with two people, one deal, and a customer of somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.hongda = cls._customer("Hongda Machinery", cls.rep)
        cls.wang, cls.li = cls._people(cls.hongda, "Wang Wei", "Li Na")
        cls.deal = cls.env["crm.lead"].create({
            "name": "Benches", "type": "opportunity", "partner_id": cls.wang.id, "user_id": cls.rep.id, "team_id": cls.team.id})
        cls.stranger = cls._customer("Tianhe Retail", cls.other_rep)
        cls.FollowUp = cls.env["sfc.follow.up"].with_user(cls.rep)
        cls.call = cls.env.ref("mail.mail_activity_data_call")

    @classmethod
    def _customer(cls, name, owner):
        partner = cls.env["res.partner"].create({"name": name, "is_company": True})
        return cls.env["sfc.customer.profile"].create({"partner_id": partner.id, "user_id": owner.id, "team_id": cls.team.id})

    @classmethod
    def _people(cls, profile, *names):
        return cls.env["res.partner"].create([{"name": name, "parent_id": profile.partner_id.id} for name in names])

    @classmethod
    def _grade(cls, profile, code):
        """As the scoring engine writes it."""
        bulk_update(profile, {profile.id: (cls.env.ref(f"sales_full_cycle.grade_{code}").id,)}, ["grade_id"])

    @classmethod
    def _role(cls, person, role="decision_maker", profile=None):
        return cls.env["sfc.decision.role"].create({"profile_id": (profile or cls.hongda).id, "contact_id": person.id, "role": role})

    @classmethod
    def _vals(cls, **values):
        return {"profile_id": cls.hongda.id, "contact_ids": cls.wang.ids, "content": TALK, **values}

    @classmethod
    def _record(cls, user=None, **values):
        return cls.FollowUp.with_user(user or cls.rep).create(cls._vals(**values))

    @classmethod
    def _activity(cls, document=None, user=None, **values):
        document = document or cls.deal
        user = user or cls.rep
        return cls.env["mail.activity"].create({
            "res_model_id": cls.env["ir.model"]._get_id(document._name), "res_id": document.id, "activity_type_id": cls.call.id,
            "user_id": user.id, "summary": "Call about the offer", **values}).with_user(user)

    def _records_of(self, activities):
        return self.env["sfc.follow.up"].search([("activity_id", "in", activities.ids)])


@tagged("post_install", "-at_install")
class TestFollowUp(FollowUpCase):
    """T5: the record, who writes it, what follows from it."""

    # === THE RECORD === #

    def test_record_by_hand(self):
        """T5: number, author, customer's grade of that time."""
        self._grade(self.hongda, "a")
        record = self._record(lead_id=self.deal.id)
        self.assertRegex(record.number, r"^GJ\d{4}-\d{4}$")
        self.assertRecordValues(record, [{
            "user_id": self.rep.id, "author_id": self.rep.id, "grade_id": self.env.ref("sales_full_cycle.grade_a").id, "partner_id": self.hongda.partner_id.id,
            "company_id": self.hongda.company_id.id, "can_correct": True}])
        self._grade(self.hongda, "c")
        self.assertEqual(record.grade_id.code, "A")

    def test_a_person_does_not_invent_what_the_system_keeps(self):
        """T5: number, grade and author come from the system, whatever a client sends."""
        grade = self.env.ref("sales_full_cycle.grade_a")
        forged = {"number": "GJ2020-9999", "grade_id": grade.id, "author_id": self.other_rep.id}
        record = self.FollowUp.with_context(default_author_id=self.other_rep.id, default_number="GJ2020-9999").create(self._vals(**forged))
        self.assertNotEqual(record.number, "GJ2020-9999")
        self.assertFalse(record.grade_id)
        self.assertEqual(record.author_id, self.rep)
        for vals in forged.items():
            with self.assertRaises(UserError):
                record.write(dict([vals]))

    def test_numbers_of_an_import_are_not_drawn_again(self):
        """Ahead 14: given numbers stay; the sequence goes on after them, also a yearly one."""
        year = fields.Date.today().year
        self._record()
        self._record(self.manager).with_context(sfc_import=True)
        records = self.FollowUp.with_context(sfc_import=True).create([self._vals(number=f"GJ{year}-7000"), self._vals(number=f"GJ{year - 1}-9000")])
        self.assertEqual(records.mapped("number"), [f"GJ{year}-7000", f"GJ{year - 1}-9000"])
        self.assertEqual(self._record().number, f"GJ{year}-7001")

    def test_scores(self):
        """S5.9: 1 to 5, 0 is not asked; the average of a group leaves out who was not asked."""
        record = self._record(score_function=5, score_speed=2)
        self.assertEqual(record.satisfaction, 3.5)
        self._record()
        [(average,)] = self.FollowUp._read_group([("profile_id", "=", self.hongda.id)], [], ["satisfaction:avg"])
        self.assertEqual(average, 3.5)
        for score in (-1, 6):
            with self.assertRaises(ValidationError):
                record.score_service = score

    def test_nothing_is_done_in_the_future(self):
        """T5: a minute of a fast clock is accepted, tomorrow is not."""
        now = fields.Datetime.now()
        self._record(done_at=now + timedelta(minutes=1))
        with self.assertRaises(ValidationError):
            self._record(done_at=now + timedelta(days=1))

    def test_deal_and_people_are_the_customer_s(self):
        """T5: neither the deal nor the person of another customer."""
        other_deal = self.env["crm.lead"].create({
            "name": "Shelves", "type": "opportunity", "partner_id": self.stranger.partner_id.id, "user_id": self.rep.id})
        with self.assertRaises(ValidationError):
            self._record(lead_id=other_deal.id)
        with self.assertRaises(ValidationError):
            self._record(contact_ids=self._people(self.stranger, "Zhao").ids)

    def test_content_is_asked_of_people_not_of_imports(self):
        """T5: the form demands content; history may lack it."""
        with Form(self.FollowUp, "sales_full_cycle.sfc_follow_up_view_form_quick") as form:
            form.profile_id = self.hongda
            with self.assertRaises(AssertionError):
                form.save()
            form.content = TALK
        self.assertFalse(self.FollowUp.with_context(sfc_import=True).create({"profile_id": self.hongda.id}).content)

    def test_quick_entry_from_a_deal(self):
        """Choosing the deal fills customer and person; another customer takes them out again."""
        with Form(self.FollowUp, "sales_full_cycle.sfc_follow_up_view_form_quick") as form:
            form.lead_id = self.deal
            self.assertEqual(form.profile_id, self.hongda)
            self.assertEqual(form.contact_ids.ids, self.wang.ids)
            form.profile_id = self._customer("Second", self.rep)
            self.assertFalse(form.lead_id)
            self.assertFalse(form.contact_ids.ids)
            form.lead_id = self.deal
            form.content = TALK
        self.assertRecordValues(form.record, [{"profile_id": self.hongda.id, "contact_ids": self.wang.ids, "lead_id": self.deal.id}])

    # === DEEP CONTACT === #

    def test_deep_contact(self):
        """D7: call, visit or online meeting, with somebody who has a decision role, with at least 20 characters noted."""
        self._role(self.wang)
        self.assertTrue(self._record().is_deep)
        self.assertTrue(self._record(contact_ids=(self.wang | self.li).ids, method="online").is_deep)
        self.assertTrue(self._record(content="x" * 20).is_deep)
        self.assertFalse(self._record(content="  " + "x" * 19 + "\n\n").is_deep)
        self.assertFalse(self._record(contact_ids=self.li.ids).is_deep)
        self.assertFalse(self._record(contact_ids=[]).is_deep)
        for method in ("wechat", "email", "survey"):
            self.assertFalse(self._record(method=method).is_deep, method)

    def test_a_role_at_another_customer_is_none_here(self):
        """D7: the person must have the role at that customer."""
        self.env["sfc.decision.role"].create({"profile_id": self.stranger.id, "contact_id": self.stranger.partner_id.id})
        self.assertFalse(self._record(contact_ids=[]).is_deep)

    def test_a_role_entered_later_makes_the_talk_deep(self):
        """D7: the person turns out to decide; a role that ends later changes nothing."""
        record = self._record()
        self.assertFalse(record.is_deep)
        role = self._role(self.wang)
        self.assertTrue(record.is_deep)
        self.assertEqual(role.last_contacted_on, self.hongda._local_date(record.done_at))
        role.unlink()
        self.assertTrue(record.is_deep)

    def test_the_plan_of_a_talk_is_not_what_was_said(self):
        """D7: finishing a call without a word of feedback is a record, and not a deep one."""
        self._role(self.wang)
        activity = self._activity(summary="Call Mr Wang about the year's plan")
        activity.action_feedback()
        self.assertRecordValues(self._records_of(activity), [{"content": activity.summary, "is_deep": False, "contact_ids": self.wang.ids}])

    # === LAST CONTACT === #

    def test_last_contact_of_each_person(self):
        """S2.8: the newest record with the person, as a date where the company is."""
        role, other = self._role(self.wang), self._role(self.li, "user")
        self._record(done_at=datetime(2026, 1, 5, 2))
        self._record(done_at=datetime(2026, 1, 31, 17), contact_ids=(self.wang | self.li).ids)  # 1 February in Shanghai
        self._record(done_at=datetime(2026, 1, 20, 2), contact_ids=self.li.ids)
        self.assertEqual((role | other).mapped("last_contacted_on"), [date(2026, 2, 1)] * 2)

    def test_last_contact_follows_corrections(self):
        """S2.8: date, people, archived and back."""
        role = self._role(self.wang)
        first, last = self._record(done_at=datetime(2026, 1, 5, 2)), self._record(done_at=datetime(2026, 1, 9, 2))
        last.done_at = datetime(2026, 1, 8, 2)
        self.assertEqual(role.last_contacted_on, date(2026, 1, 8))
        last.active = False
        self.assertEqual(role.last_contacted_on, date(2026, 1, 5))
        last.active = True
        self.assertEqual(role.last_contacted_on, date(2026, 1, 8))
        last.contact_ids = self.li
        self.assertEqual(role.last_contacted_on, date(2026, 1, 5))
        first.contact_ids = False
        self.assertFalse(role.last_contacted_on)

    def test_cadence_is_told(self):
        """S2.11: each change of what was done, when or with whom reaches the customer's rhythm; a typing error in the next step does not."""
        told = []
        self.patch(self.registry["sfc.customer.profile"], "_refresh_cadence", lambda profiles: told.append(profiles))
        record = self._record()
        self.assertEqual(told, [self.hongda])
        record.content = "Other words"
        self.assertEqual(len(told), 2)
        record.next_step = "Send the offer"
        self.assertEqual(len(told), 2)
        record.write({"profile_id": self._customer("Second", self.rep).id, "contact_ids": False})
        self.assertEqual(told[-1], self.hongda | record.profile_id)

    # === NEXT STEP === #

    def test_next_step_becomes_an_activity(self):
        """P4: on the deal when there is one, for who does it; a correction moves the same activity."""
        record = self._record(lead_id=self.deal.id, next_step="Send the offer", next_date="2031-05-05")
        activity = record.next_activity_id
        self.assertRecordValues(activity, [{
            "res_model": "crm.lead", "res_id": self.deal.id, "user_id": self.rep.id, "summary": "Send the offer", "date_deadline": date(2031, 5, 5)}])
        record.write({"next_date": "2031-05-09", "next_user_id": self.other_rep.id})
        self.assertEqual(record.next_activity_id, activity)
        self.assertRecordValues(activity, [{"user_id": self.other_rep.id, "date_deadline": date(2031, 5, 9)}])
        record.lead_id = False
        self.assertRecordValues(activity, [{"res_model": "sfc.customer.profile", "res_id": self.hongda.id}])
        record.next_step = False
        self.assertFalse(activity.exists())
        record.next_step = "Call again"
        self.assertEqual(self.hongda.activity_ids, record.next_activity_id)

    def test_next_step_of_a_wrong_record_goes_and_a_done_one_stays_done(self):
        """P4: nobody is reminded of a record that was archived; what was done is not planned again."""
        record = self._record(next_step="Send the offer", next_date="2031-05-05")
        activity = record.next_activity_id
        record.action_archive()
        self.assertFalse(activity.exists())
        record.action_unarchive()
        activity = record.next_activity_id
        self.assertTrue(activity.active)
        activity.with_user(self.rep).action_feedback("Sent")
        record.next_date = "2031-06-06"
        self.assertFalse(self.hongda.activity_ids)
        self.assertEqual(activity.date_deadline, date(2031, 5, 5))

    def test_step_without_date_is_no_activity(self):
        """P4: an activity needs a day."""
        self.assertFalse(self._record(next_step="Some day").next_activity_id)

    def test_record_on_a_deal_meets_the_first_contact(self):
        """D9: the promise of a first contact is kept by a record too."""
        self.assertFalse(self.deal.first_contact_at)
        self._record(lead_id=self.deal.id)
        self.assertTrue(self.deal.first_contact_at)

    # === IMPORT === #

    def test_import_keeps_who_and_when_and_starts_nothing(self):
        """P11, ahead 14: person and date of the file, last contact follows, no activity, no promise touched."""
        role = self._role(self.wang)
        record = self.FollowUp.with_context(sfc_import=True).create(self._vals(
            user_id=self.other_rep.id, author_id=self.other_rep.id, done_at="2024-03-01 02:00:00", lead_id=self.deal.id, next_step="Call",
            next_date="2024-04-01", grade_id=self.env.ref("sales_full_cycle.grade_b").id))
        self.assertRecordValues(record, [{
            "user_id": self.other_rep.id, "author_id": self.rep.id, "done_at": datetime(2024, 3, 1, 2), "next_activity_id": False,
            "grade_id": self.env.ref("sales_full_cycle.grade_b").id}])
        self.assertFalse(self.deal.first_contact_at)
        self.assertEqual(role.last_contacted_on, date(2024, 3, 1))
        by_manager = self.FollowUp.with_user(self.manager).with_context(sfc_import=True).create(self._vals(author_id=self.other_rep.id))
        self.assertEqual(by_manager.author_id, self.other_rep)

    # === RIGHTS === #

    def test_only_who_did_or_entered_it_corrects_it(self):
        """T5: not a colleague, not the leader, not the manager; they add a note."""
        self.hongda.user_id = False  # anybody may see the customer
        record = self._record()
        for user in (self.other_rep, self.leader, self.manager):
            with self.assertRaises(UserError) as refusal:
                record.with_user(user).content = "Something else"
            self.assertIn("chatter", str(refusal.exception))
            record.with_user(user).message_post(body="I was there too")
        record.content = "Right"
        entered = self._record(self.leader, user_id=self.rep.id)
        entered.with_user(self.rep).content = "By who did it"
        entered.with_user(self.leader).content = "By who entered it"

    def test_nobody_deletes(self):
        """T5: a wrong record is archived by its author, nothing is lost; nor does a customer with records go."""
        record = self._record()
        for user in (self.rep, self.leader, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                record.with_user(user).unlink()
        with self.assertRaises(UserError):
            record.with_user(self.manager).action_archive()
        record.action_archive()
        self.assertFalse(record.active)

    def test_corrections_leave_a_trace(self):
        """T5: what was written before can be read in the chatter, with the people, kind and method."""
        record = self._record().with_context(tracking_disable=False)
        self.env.flush_all()
        self.cr.flush()
        record.write({"content": "New text", "method": "visit", "kind": "need", "contact_ids": self.li.ids, "done_at": "2026-01-05 02:00:00"})
        self.env.flush_all()
        self.cr.flush()
        values = record.sudo().message_ids.tracking_value_ids
        told = {value.field_id.name: value for value in values}
        self.assertEqual(set(told), {"content", "method", "kind", "contact_ids", "done_at"})
        self.assertEqual((told["content"].old_value_text, told["content"].new_value_text), (TALK, "New text"))
        self.assertEqual((told["contact_ids"].old_value_char, told["contact_ids"].new_value_char), tuple((self.wang | self.li).mapped("display_name")))
        self.assertEqual((told["method"].old_value_char, told["method"].new_value_char), ("Call", "Visit"))

    def test_nobody_writes_about_a_customer_that_he_does_not_see(self):
        """P14: neither a new record, nor by moving one's own to the customer or deal of a colleague."""
        with self.assertRaises(AccessError):
            self._record(profile_id=self.stranger.id, contact_ids=[])
        record = self._record()
        with self.assertRaises(AccessError):
            record.write({"profile_id": self.stranger.id, "contact_ids": False})
        hidden = self.env["crm.lead"].create({
            "name": "Hidden", "type": "opportunity", "partner_id": self.hongda.partner_id.id, "user_id": self.other_rep.id})
        with self.assertRaises(AccessError):
            record.lead_id = hidden
        with self.assertRaises(AccessError):
            self.FollowUp.with_user(self.clerk).create(self._vals())

    def test_nobody_writes_in_another_s_name(self):
        """T5: but the leader for a colleague, and the manager."""
        with self.assertRaises(UserError):
            self._record(user_id=self.other_rep.id)
        with self.assertRaises(UserError):
            self._record().user_id = self.other_rep
        for boss in (self.leader, self.manager):
            self.assertRecordValues(self._record(boss, user_id=self.rep.id), [{"user_id": self.rep.id, "author_id": boss.id}])

    def test_own_records_stay_visible_when_the_customer_changes_hands(self):
        """P14: history stays with who made it."""
        record = self._record()
        self.hongda.user_id = self.other_rep
        self.deal.user_id = self.other_rep
        self.assertIn(record, self.FollowUp.search([]))
        self.assertIn(record, self.FollowUp.with_user(self.other_rep).search([]))
        third = self.manager.copy({"login": "third", "group_ids": [Command.set(self.rep.group_ids.ids)]})
        self.assertNotIn(record, self.FollowUp.with_user(third).search([]))

    # === MERGES === #

    def test_merging_customers_keeps_the_records(self):
        """T5: records of both, archived ones too, with their grade; last contacts follow."""
        second = self._customer("Hongda Co", self.rep)
        self._grade(second, "b")
        [zhao] = self._people(second, "Zhao")
        role = self._role(zhao, profile=second)
        record = self._record(profile_id=second.id, contact_ids=zhao.ids, done_at=datetime(2026, 1, 5, 2))
        archived = self._record(profile_id=second.id, contact_ids=[])
        archived.action_archive()
        told = []
        self.patch(self.registry["sfc.customer.profile"], "_refresh_cadence", lambda profiles: told.append(profiles))
        self.env["base.partner.merge.automatic.wizard"].with_context(tracking_disable=True)._merge(
            (self.hongda | second).partner_id.ids, self.hongda.partner_id)
        self.assertEqual((record | archived).profile_id, self.hongda)
        self.assertIn(self.hongda, told)
        self.assertEqual((record | archived).partner_id, self.hongda.partner_id)
        self.assertEqual(record.grade_id.code, "B")
        self.assertEqual((role.profile_id, role.last_contacted_on), (self.hongda, date(2026, 1, 5)))

    def test_merging_people_keeps_the_last_contact(self):
        """S2.8: two entries of one person: the later date."""
        role = self._role(self.wang)
        self._record(done_at=datetime(2026, 1, 5, 2))
        self._record(done_at=datetime(2026, 1, 9, 2), contact_ids=self.li.ids)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.wang | self.li).ids, self.wang)
        self.assertEqual(role.last_contacted_on, date(2026, 1, 9))

    def test_merging_deals_keeps_the_records(self):
        """T5: the records of the deal that goes are those of the deal that stays."""
        double = self.deal.copy()
        record = self._record(lead_id=double.id)
        (self.deal | double).with_user(self.manager).merge_opportunity()
        self.assertEqual(record.lead_id, (self.deal | double).exists())

    # === BATCHES === #

    def test_queries_do_not_grow_with_the_batch(self):
        """Design section 10: writing records costs a fixed number of queries."""
        customers = [self._customer(f"Customer {number}", self.rep) for number in range(24)]
        for customer in customers:
            [person] = self._people(customer, "Person")
            self._role(person, profile=customer)

        def cost(profiles):
            vals_list = [self._vals(
                profile_id=profile.id, contact_ids=profile.partner_id.child_ids.ids, next_step="Send", next_date="2031-05-05") for profile in profiles]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.FollowUp.create(vals_list)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(self.hongda)
        self.assertEqual(cost(customers[:4]), cost(customers[4:]))


@tagged("post_install", "-at_install")
class TestFollowUpActivities(FollowUpCase):
    """Finished activities write the record (S2.7): nobody types twice."""

    def test_call_on_a_deal(self):
        """The feedback becomes the content, by who marked it, with the person of the deal; one record."""
        activity = self._activity()
        activity.action_feedback(TALK)
        record = self._records_of(activity)
        self.assertRecordValues(record, [{
            "profile_id": self.hongda.id, "lead_id": self.deal.id, "contact_ids": self.wang.ids, "method": "call", "content": TALK,
            "user_id": self.rep.id, "author_id": self.rep.id, "kind": "daily"}])
        activity.action_feedback("Once more")
        self.assertEqual(self._records_of(activity), record)

    def test_by_whom_it_was_marked(self):
        """A colleague who finishes the activity did it."""
        activity = self._activity()
        activity.with_user(self.manager).action_feedback(TALK)
        self.assertEqual(self._records_of(activity).user_id, self.manager)

    def test_types(self):
        """Call, meeting and visit are contacts; a to-do and an e-mail are none."""
        expected = {
            "mail.mail_activity_data_call": "call", "mail.mail_activity_data_meeting": "visit", "sales_full_cycle.mail_activity_type_visit": "visit",
            "mail.mail_activity_data_todo": None, "mail.mail_activity_data_email": None}
        for xml_id, method in expected.items():
            activity = self._activity(activity_type_id=self.env.ref(xml_id).id)
            activity.action_feedback(TALK)
            self.assertEqual(self._records_of(activity).mapped("method"), [method] if method else [], xml_id)

    def test_call_on_a_customer_sheet(self):
        """The person to contact is whom the activity names; one of another company is left out."""
        activity = self._activity(self.hongda, follow_up_contact_id=self.li.id)
        activity.action_feedback(TALK)
        self.assertRecordValues(self._records_of(activity), [{"profile_id": self.hongda.id, "contact_ids": self.li.ids, "lead_id": False}])
        activity = self._activity(self.hongda, follow_up_contact_id=self.stranger.partner_id.id)
        activity.action_feedback(TALK)
        self.assertFalse(self._records_of(activity).contact_ids)

    def test_call_on_contacts(self):
        """A person or a company with a customer sheet, or with a deal from before; any other contact writes nothing."""
        for partner, people in ((self.wang, self.wang), (self.hongda.partner_id, self.env["res.partner"])):
            activity = self._activity(partner)
            activity.action_feedback(TALK)
            self.assertRecordValues(self._records_of(activity), [{"profile_id": self.hongda.id, "contact_ids": people.ids}])
        company = self.env["res.partner"].create({"name": "Unknown", "is_company": True})
        activity = self._activity(company)
        activity.action_feedback(TALK)
        self.assertFalse(self._records_of(activity))
        deal = self.env["crm.lead"].create({"name": "Old", "type": "opportunity", "partner_id": company.id, "user_id": self.rep.id})
        deal.customer_profile_id.unlink()
        self.assertFalse(company.customer_profile_ids)
        activity = self._activity(company)
        activity.action_feedback(TALK)
        self.assertEqual(self._records_of(activity).partner_id, company)

    def test_call_on_a_lead_or_a_deal_without_customer(self):
        """There is no customer yet: nothing is written, the activity is done all the same."""
        deal = self.env["crm.lead"].create({"name": "Nobody yet", "type": "opportunity", "user_id": self.rep.id})
        for document in (self._lead(user_id=self.rep.id), deal):
            activity = self._activity(document)
            activity.action_feedback(TALK)
            self.assertFalse(self._records_of(activity))
            self.assertFalse(activity.active)

    def test_by_a_person_who_may_not_see_the_customer(self):
        """An activity that was given to a colleague is his to finish, and his contact."""
        activity = self._activity(self.hongda, self.other_rep)
        activity.action_feedback(TALK)
        record = self._records_of(activity)
        self.assertEqual(record.user_id, self.other_rep)
        record.with_user(self.other_rep).content = "He may correct it"

    def test_escalation_is_no_contact(self):
        """P4: finishing the notice of a late promise is not a talk with the customer."""
        lead = self._high_lead()
        activity = self._activity(sfc_clock_id=self._clock(lead, "assign").id)
        activity.action_feedback(TALK)
        self.assertFalse(self._records_of(activity))

    def test_online_meeting_with_its_attendees(self):
        """S2.7: a meeting with a link is an online meeting, and whoever was invited from the customer was there."""
        def meeting(**values):
            event = self.env["calendar.event"].create({
                "name": "Benches", "start": "2026-01-05 02:00:00", "stop": "2026-01-05 03:00:00", "user_id": self.rep.id,
                "partner_ids": [Command.set((self.li | self.rep.partner_id).ids)], **values})
            activity = self._activity(activity_type_id=self.env.ref("mail.mail_activity_data_meeting").id, calendar_event_id=event.id)
            activity.action_feedback(TALK)
            return self._records_of(activity)

        self.assertRecordValues(meeting(videocall_location="https://meet.example.com/1"), [{"method": "online", "contact_ids": self.li.ids}])
        self.assertRecordValues(meeting(), [{"method": "visit", "contact_ids": self.li.ids}])

    def test_record_from_an_activity(self):
        """The dialog is filled; saving it finishes the activity with the content, and writes one record."""
        activity = self._activity(activity_type_id=self.env.ref("sales_full_cycle.mail_activity_type_visit").id)
        action = activity.action_record_follow_up()
        with Form(self.FollowUp.with_context(**action["context"]), "sales_full_cycle.sfc_follow_up_view_form_quick") as form:
            self.assertEqual((form.profile_id, form.lead_id, form.method), (self.hongda, self.deal, "visit"))
            self.assertEqual(form.contact_ids.ids, self.wang.ids)
            self.assertEqual(form.activity_summary, activity.summary)
            form.content = TALK
        self.assertEqual(self._records_of(activity), form.record)
        self.assertFalse(activity.active)
        self.assertEqual(activity.feedback, TALK)

    def test_record_from_a_to_do(self):
        """Whatever the type: who records it talked to the customer, and chooses how."""
        activity = self._activity(activity_type_id=self.env.ref("mail.mail_activity_data_todo").id)
        with Form(self.FollowUp.with_context(**activity.action_record_follow_up()["context"])) as form:
            form.method, form.content = "wechat", TALK
        self.assertEqual(self._records_of(activity), form.record)
        self.assertFalse(activity.active)

    def test_record_from_an_activity_without_customer(self):
        """The refusal says what to do; a contact without a sheet gets one, since somebody asked for it."""
        with self.assertRaises(UserError):
            self._activity(self._lead(user_id=self.rep.id)).action_record_follow_up()
        company = self.env["res.partner"].create({"name": "New one", "is_company": True})
        action = self._activity(company).action_record_follow_up()
        self.assertEqual(action["context"]["default_profile_id"], company.customer_profile_ids.id)
        self.assertEqual(company.customer_profile_ids.user_id, self.rep)

    def test_record_of_a_colleague_s_activity(self):
        """Rights: neither the dialog nor the record for an activity that one may not write."""
        activity = self._activity(self.stranger, self.other_rep)
        with self.assertRaises(AccessError):
            activity.with_user(self.rep).action_record_follow_up()
        with self.assertRaises(AccessError):
            self._record(activity_id=activity.id)
        with self.assertRaises(AccessError):
            self._activity(self.hongda, self.clerk).action_record_follow_up()

    def test_new_follow_up_from_customer_and_deal(self):
        """The dialog knows where it was opened; a deal without customer says what is missing."""
        context = self.hongda.with_user(self.rep).action_new_follow_up()["context"]
        self.assertEqual(context, {"default_profile_id": self.hongda.id})
        context = self.deal.with_user(self.rep).action_new_follow_up()["context"]
        self.assertEqual(context, {
            "default_profile_id": self.hongda.id, "default_lead_id": self.deal.id, "default_contact_ids": self.wang.ids})
        with self.assertRaises(UserError):
            self.env["crm.lead"].create({"name": "Nobody yet", "type": "opportunity"}).action_new_follow_up()

    def test_records_behind_the_counter(self):
        """The count of customer and deal is what the button opens."""
        self._record(lead_id=self.deal.id)
        self._record()
        for document, count in ((self.hongda, 2), (self.deal, 1)):
            document = document.with_user(self.rep)
            self.assertEqual(document.follow_up_count, count)
            self.assertEqual(self.FollowUp.search_count(document.action_open_follow_ups()["domain"]), count)

    def test_search_filters(self):
        """This week begins on Monday where the user is."""
        self.rep.tz = "Asia/Shanghai"
        monday = self._record(done_at="2026-03-01 17:00:00")
        sunday = self._record(done_at="2026-03-01 15:00:00")
        with at("2026-03-04 02:00"):
            found = self.FollowUp.with_context(tz="Asia/Shanghai").search(
                [("done_at", ">=", "today =monday"), ("done_at", "<", "today =monday +7d")])
        self.assertIn(monday, found)
        self.assertNotIn(sunday, found)

    def test_queries_do_not_grow_with_the_activities(self):
        """Design section 10: what records add to finishing activities is a fixed number of queries."""
        deals = self.env["crm.lead"].create([{
            "name": f"Deal {number}", "type": "opportunity", "partner_id": self._people(self.hongda, f"Person {number}").id, "user_id": self.rep.id,
        } for number in range(24)])

        def cost(deals, activity_type):
            activities = self.env["mail.activity"].union(*(self._activity(deal, activity_type_id=activity_type.id) for deal in deals))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            activities.with_user(self.rep).action_feedback(TALK)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        todo = self.env.ref("mail.mail_activity_data_todo")
        cost(self.deal, self.call), cost(self.deal, todo)
        added = [cost(part, self.call) - cost(part, todo) for part in (deals[:4], deals[4:])]
        self.assertEqual(*added)
