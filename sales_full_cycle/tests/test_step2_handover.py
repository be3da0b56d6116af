from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .test_step2_pool import PoolCase


class HandoverCase(PoolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = new_test_user(cls.env, "sfc_stranger", "sales_team.group_sale_salesman", lang="en_US", notification_type="inbox")
        cls.other_leader = new_test_user(cls.env, "sfc_west", "sales_full_cycle.group_sfc_team_leader", lang="en_US", notification_type="inbox")
        cls.other_team = cls.env["crm.team"].create({
            "name": "West", "user_id": cls.other_leader.id, "use_leads": True, "member_ids": [(6, 0, [cls.stranger.id])]})

    @classmethod
    def _wizard(cls, user, receivers=None, **values):
        receivers = cls.other_rep if receivers is None else receivers
        return cls.env["sfc.handover"].with_user(user).create({"receiver_ids": [(6, 0, receivers.ids)], "note": "On leave until May", **values})

    @classmethod
    def _hand_over(cls, user, receivers=None, profiles=None, leads=None, **values):
        values.update({fname: [(6, 0, records.ids)] for fname, records in (("profile_ids", profiles), ("lead_ids", leads)) if records})
        cls._wizard(user, receivers, **values).action_hand_over()

    @classmethod
    def _activity(cls, document, user=None, **values):
        return document.activity_schedule("mail.mail_activity_data_call", user_id=(user or cls.rep).id, **values)


@tagged("post_install", "-at_install")
class TestHandoverWithoutLoss(HandoverCase):
    """Ahead 15: open deals, activities, clocks and cadence change hands; assignment times and history stay."""

    def test_everything_of_a_person(self):
        customer, foreign = self._customer(), self._customer("Foreign", owner=self.other_rep)
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": customer.partner_id.id})
        deal, lead, lost, won = self._deal(customer), self._lead(user_id=self.rep.id), self._deal(customer), self._deal(customer)
        lost.action_set_lost()
        won.action_set_won()
        documents = customer, contact, deal, lead, foreign
        activities = self.env["mail.activity"].union(*(self._activity(document) for document in documents))
        colleagues = self._activity(deal, user=self.leader)
        done = self._activity(deal)
        done.action_done()
        self._hand_over(self.manager, from_user_id=self.rep.id)
        self.assertEqual((customer | foreign).user_id, self.other_rep)
        self.assertEqual((deal | lead).user_id, self.other_rep)
        self.assertEqual((lost | won).user_id, self.rep, "what is over is history")
        self.assertEqual(activities.user_id, self.other_rep)
        self.assertEqual((colleagues.user_id, done.user_id), (self.leader, self.rep))

    def test_the_first_assignment_of_a_deal_is_kept(self):
        deal = self._deal(self._customer())
        day = fields.Datetime.to_datetime("2026-01-05 08:00:00")
        deal.date_open = day
        self._hand_over(self.leader, leads=deal)
        deal.invalidate_recordset()
        self.assertEqual((deal.user_id, deal.date_open), (self.other_rep, day))
        log = self.env["sfc.assignment.log"].search([("lead_id", "=", deal.id)])
        self.assertEqual((log.kind, log.from_user_id, log.to_user_id, log.note, log.user_id), (
            "handover", self.rep, self.other_rep, "On leave until May", self.leader))

    def test_promises_run_on(self):
        """The same clock, with its start and deadline; the contact that was made stays made."""
        lead, contacted = self._high_lead(user_id=self.rep.id), self._high_lead(user_id=self.rep.id)
        contacted.activity_ids.with_user(self.rep).action_feedback("He wants 12.")
        clock = self._clock(lead, "first_contact")
        before = clock.started_at, clock.deadline, clock.warn_at
        planned = lead.activity_ids
        self._hand_over(self.leader, leads=lead | contacted)
        self.assertEqual((clock.state, clock.user_id, clock.started_at, clock.deadline, clock.warn_at), ("running", self.other_rep, *before))
        self.assertEqual(self._clock(lead, "first_contact"), clock)
        self.assertEqual(lead.sla_deadline, clock.deadline)
        self.assertEqual((lead.activity_ids, planned.user_id), (planned, self.other_rep))
        self.assertTrue(contacted.first_contact_at)
        self.assertEqual(self._clock(contacted, "first_contact").state, "met")

    def test_a_client_cannot_pretend_a_handover(self):
        """The context comes from outside: whoever merely writes the owner starts the promise anew."""
        lead = self._high_lead(user_id=self.rep.id)
        lead.with_user(self.leader).with_context(sfc_handover=True).user_id = self.other_rep
        clock = self._clock(lead, "first_contact")
        self.assertEqual(self.env["sfc.sla.clock"].search_count([("lead_id", "=", lead.id), ("key", "=", "first_contact")]), 2)
        self.assertEqual(clock.user_id, self.other_rep)

    def test_a_customer_keeps_its_rhythm_and_its_first_owner(self):
        customer = self._customer()
        self._contact(customer, days_ago=7)
        self._age(customer, 20)
        customer._refresh_cadence()
        first, owed = customer.first_assigned_at, customer.next_follow_up_date
        self.assertTrue(owed)
        due = self._activity(customer, date_deadline=self.today)
        self._hand_over(self.leader, profiles=customer)
        self.assertEqual(customer.next_follow_up_date, owed)
        self.assertEqual((due.user_id, due.date_deadline), (self.other_rep, self.today))
        self.assertEqual((customer.first_user_id, customer.first_assigned_at), (self.rep, first))
        self.assertEqual([(log.kind, log.to_user_id) for log in self._log(customer)], [("assigned", self.rep), ("handover", self.other_rep)])
        self.assertEqual(customer.pool_due_on, self.today + timedelta(days=90), "the new owner has the whole idle time")

    def test_one_note_a_document_and_one_message_a_receiver(self):
        """Also where tracking and followers are on, as in daily life."""
        customers = (self._customer("One") | self._customer("Two")).with_context(tracking_disable=False)
        deals = self._deal(customers[0]) | self._deal(customers[1])
        self.env.flush_all()
        last = self.env["mail.message"].search([], order="id desc", limit=1).id
        wizard = self._wizard(self.leader, profile_ids=[(6, 0, customers.ids)])
        wizard.with_context(tracking_disable=False).action_hand_over()
        self.env.flush_all()
        self.cr.precommit.run()
        new = self.env["mail.message"].search([("id", ">", last)])
        notes = new.filtered(lambda message: message.model in ("crm.lead", "sfc.customer.profile"))
        self.assertEqual(sorted((note.model, note.res_id) for note in notes), sorted(
            (document._name, document.id) for documents in (customers, deals) for document in documents))
        for note in notes:
            self.assertIn("sfc_rep", note.body)
            self.assertIn("On leave until May", note.body)
        message = new - notes
        self.assertEqual(message.partner_ids, self.other_rep.partner_id)
        self.assertIn("2 customers, 2 deals", message.subject)
        self.assertIn("On leave until May", message.body)
        self.assertIn(self.other_rep.partner_id, customers[0].message_partner_ids)

    def test_the_text_of_a_note_is_text(self):
        customer = self._customer()
        self._hand_over(self.leader, profiles=customer, note="<b>bold</b>")
        self.assertIn("&lt;b&gt;", customer.message_ids[0].body)
        self.assertIn("&lt;b&gt;", self._messages(self.other_rep)[0].body)

    def test_the_deal_goes_to_a_team_of_the_receiver(self):
        staying, leaving = self._deal(self._customer("One")), self._deal(self._customer("Two"))
        clock_lead = self._high_lead(user_id=self.rep.id)
        self._hand_over(self.leader, leads=staying)
        self.assertEqual(staying.team_id, self.team)
        self._hand_over(self.leader, self.stranger, leads=leaving | clock_lead)
        self.assertEqual((leaving.team_id, clock_lead.team_id), (self.other_team, self.other_team))
        self.assertEqual(self._clock(clock_lead, "first_contact").team_id, self.other_team, "its new leader hears when it is late")

    def test_options(self):
        customer = self._customer()
        deal = self._deal(customer)
        on_customer, on_deal = self._activity(customer), self._activity(deal)
        self._hand_over(self.leader, profiles=customer, move_deals=False, move_activities=False)
        self.assertEqual((customer.user_id, deal.user_id, on_customer.user_id), (self.other_rep, self.rep, self.rep))
        self._hand_over(self.leader, from_user_id=self.rep.id, move_customers=False)
        self.assertEqual((deal.user_id, on_deal.user_id), (self.other_rep, self.other_rep))

    def test_a_pooled_customer_is_assigned(self):
        customer = self._customer()
        deal = self._deal(customer)
        call = self._activity(customer, automated=False)
        customer.sudo()._pool_return()
        self._hand_over(self.leader, profiles=customer)
        self.assertEqual((customer.user_id, customer.in_pool, deal.user_id, call.user_id), (self.other_rep, False, self.other_rep, self.other_rep))

    def test_several_receivers_get_whole_customers_evenly(self):
        customers = self.env["sfc.customer.profile"].union(*(self._customer(f"N{n}") for n in range(4)))
        deals = self.env["crm.lead"].union(*(self._deal(customer) for customer in [*customers, *customers]))
        self._hand_over(self.manager, self.other_rep | self.stranger, from_user_id=self.rep.id)
        for receiver in (self.other_rep, self.stranger):
            self.assertEqual(len(customers.filtered(lambda customer, to=receiver: customer.user_id == to)), 2)
            self.assertEqual(len(deals.filtered(lambda deal, to=receiver: deal.user_id == to)), 4)
            self.assertEqual(len(self._messages(receiver)), 1)
        for deal in deals:
            self.assertEqual(deal.user_id, deal.customer_profile_id.user_id)

    def test_the_dialog_says_what_is_moved(self):
        customer = self._customer()
        self._activity(self._deal(customer))
        with Form(self.env["sfc.handover"].with_user(self.leader)) as form:
            form.from_user_id = self.rep
            self.assertEqual(form.summary, "1 customers, 1 leads and deals, 1 activities")
            form.move_activities = False
            self.assertEqual(form.summary, "1 customers, 1 leads and deals, 0 activities")
            form.receiver_ids.add(self.other_rep)
            form.note = "Leave"
        form.record.action_hand_over()
        self.assertEqual(customer.user_id, self.other_rep)

    def test_from_the_lists_and_the_user(self):
        customer = self._customer()
        for model, records, fname in (("sfc.customer.profile", customer, "profile_ids"), ("crm.lead", self._deal(customer), "lead_ids")):
            form = Form(self.env["sfc.handover"].with_user(self.leader).with_context(active_model=model, active_ids=records.ids))
            self.assertEqual(form[fname].ids, records.ids)
        self.manager.group_ids |= self.env.ref("base.group_erp_manager")
        arch = self.env["res.users"].with_user(self.manager).get_view(self.env.ref("base.view_users_form").id)["arch"]
        self.assertIn("default_from_user_id", arch)

    def test_a_large_handover_costs_a_fixed_number_of_queries(self):
        """Ten customers with a deal and an activity each, and forty of them."""
        def queries(count):
            giver = new_test_user(self.env, f"sfc_giver_{count}", "sales_team.group_sale_salesman")
            self.team.member_ids |= giver
            customers = self.env["sfc.customer.profile"].union(*(self._customer(f"Q{count}-{n}", owner=giver) for n in range(count)))
            for customer in customers:
                self._activity(self._deal(customer, owner=giver), user=giver)
            wizard = self._wizard(self.manager, self.stranger, from_user_id=giver.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            wizard.with_context(tracking_disable=False).action_hand_over()
            self.env.flush_all()
            self.assertEqual(customers.user_id, self.stranger)
            return self.cr.sql_log_count - before
        queries(2), queries(3)
        self.assertAlmostEqual(queries(10), queries(40), delta=4)


@tagged("post_install", "-at_install")
class TestHandoverRights(HandoverCase):
    """P14: one's own, those of the teams one leads, all for a sales manager."""

    def test_owners_give_their_own_to_their_team_and_its_leader(self):
        for receiver in (self.other_rep, self.leader):
            customer = self._customer(receiver.name)
            deal = self._deal(customer)
            self._hand_over(self.rep, receiver, profiles=customer)
            self.assertEqual((customer.user_id, deal.user_id), (receiver, receiver))

    def test_owners_do_not_give_to_other_teams(self):
        customer = self._customer()
        with self.assertRaises(AccessError):
            self._hand_over(self.rep, self.stranger, profiles=customer)
        self._hand_over(self.leader, self.stranger, profiles=customer)
        self.assertEqual(customer.user_id, self.stranger)

    def test_nobody_gives_what_is_a_colleagues(self):
        customer = self._customer()
        deal = self._deal(customer)
        reads_all = new_test_user(self.env, "sfc_reads_all", "sales_team.group_sale_salesman_all_leads")
        for user in (self.other_rep, self.stranger, self.other_leader, reads_all):
            with self.assertRaises(AccessError):
                self._hand_over(user, self.other_rep, profiles=customer)
            with self.assertRaises(AccessError):
                self._hand_over(user, self.other_rep, leads=deal)
        for user in (self.other_rep, reads_all):
            with self.assertRaises(AccessError):
                self._hand_over(user, self.other_rep, from_user_id=self.rep.id)
        with self.assertRaises(UserError):
            self._hand_over(self.other_leader, self.stranger, from_user_id=self.rep.id)
        with self.assertRaises(AccessError):
            self._hand_over(self.clerk, self.other_rep, from_user_id=self.rep.id)
        self.assertEqual((customer | deal.customer_profile_id).user_id, self.rep)

    def test_a_leader_gives_what_is_in_the_own_team_of_a_person(self):
        inside, outside = self._deal(self._customer("In")), self._deal(self._customer("Out"), team_id=self.other_team.id)
        outside.customer_profile_id.team_id = self.other_team
        self._hand_over(self.leader, from_user_id=self.rep.id)
        self.assertEqual((inside.user_id, outside.user_id), (self.other_rep, self.rep))
        self.assertEqual(outside.customer_profile_id.user_id, self.rep)
        self._hand_over(self.manager, from_user_id=self.rep.id)
        self.assertEqual(outside.user_id, self.other_rep)

    def test_a_salesperson_takes_nothing_from_the_pool_by_handing_over(self):
        with self.assertRaises(AccessError):
            self._hand_over(self.rep, self.other_rep, profiles=self._pooled())

    def test_receivers_are_active_salespeople_of_the_company(self):
        customer = self._customer()
        archived = new_test_user(self.env, "sfc_gone", "sales_team.group_sale_salesman")
        archived.active = False
        abroad = self.env["res.company"].create({"name": "Second"})
        elsewhere = new_test_user(
            self.env, "sfc_abroad", "sales_team.group_sale_salesman", company_id=abroad.id, company_ids=[(6, 0, abroad.ids)])
        for receiver in (self.clerk, archived, elsewhere, self.env["res.users"]):
            with self.assertRaises(UserError):
                self._hand_over(self.manager, receiver, profiles=customer)
        self.assertEqual(customer.user_id, self.rep)

    def test_a_note_is_required(self):
        with self.assertRaises(UserError):
            self._hand_over(self.leader, profiles=self._customer(), note="  ")

    def test_nothing_to_move_is_said(self):
        with self.assertRaises(UserError):
            self._hand_over(self.manager, self.other_rep, from_user_id=self.stranger.id)


@tagged("post_install", "-at_install")
class TestArchivedUser(HandoverCase):
    """Ahead 15: nobody's work stays with somebody who has left."""

    def test_to_the_leader_of_each_records_team(self):
        customer = self._customer()
        deal = self._deal(customer)
        west = self._deal(self._customer("West", owner=self.stranger), team_id=self.other_team.id)
        lead = self._high_lead(user_id=self.rep.id).with_env(self.env)
        clock = self._clock(lead, "first_contact")
        deadline = clock.deadline
        activities = self._activity(deal) | self._activity(customer) | self._activity(customer.partner_id)
        in_the_west = self._activity(west)
        self.rep.action_archive()
        self.assertFalse(self.rep.active)
        self.assertEqual((customer.user_id, deal.user_id, lead.user_id), (self.leader, self.leader, self.leader))
        self.assertEqual((west.user_id, west.customer_profile_id.user_id), (self.other_leader, self.stranger))
        self.assertEqual((activities.exists(), activities.user_id), (activities, self.leader), "Odoo would delete them")
        self.assertEqual(in_the_west.user_id, self.other_leader)
        self.assertEqual((clock.user_id, clock.deadline, clock.state), (self.leader, deadline, "running"))
        self.assertIn(f"{self.rep.name} was archived", self._log(customer)[-1].note)
        self.assertEqual(len(self._messages(self.leader)), 1)

    def test_also_when_the_field_is_written(self):
        customer = self._customer()
        self.rep.active = False
        self.assertEqual(customer.user_id, self.leader)

    def test_a_leader_who_leaves_hands_over_to_a_manager(self):
        customer, deal = self._customer(owner=self.leader), self._deal(self._customer("Two"), owner=self.leader)
        self.leader.action_archive()
        self.assertEqual((customer.user_id, deal.user_id), (self.manager, self.manager))

    def test_two_who_leave_together_do_not_inherit_from_each_other(self):
        customer = self._customer()
        (self.leader | self.rep).action_archive()
        self.assertEqual(customer.user_id, self.manager)

    def test_each_company_has_its_own_successor(self):
        """The leader has no access to the second company; its sales manager has."""
        second = self.env["res.company"].create({"name": "Second"})
        self.rep.company_ids |= second
        boss = new_test_user(self.env, "sfc_boss", "sales_team.group_sale_manager", company_id=second.id, company_ids=[(6, 0, second.ids)])
        here, there = self._customer("Here"), self._customer("There", company_id=second.id, team_id=self.team.id)
        self.rep.action_archive()
        self.assertEqual((here.user_id, there.user_id), (self.leader, boss))

    def test_whoever_may_not_archive_changes_nothing(self):
        customer = self._customer()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.rep.with_user(self.other_rep).action_archive()
        self.env.invalidate_all()
        self.assertEqual(customer.user_id, self.rep)

    def test_without_sales_work_it_costs_one_query(self):
        self.env.flush_all()
        self.assertTrue(self.clerk.active)
        with self.assertQueryCount(1):
            self.clerk._hand_over_sales_work()

    def test_without_a_successor_it_stays(self):
        customer = self._customer()
        self.team.user_id = False
        self.env.ref("sales_team.group_sale_manager").user_ids = [(5,)]
        self.rep.action_archive()
        self.assertEqual(customer.user_id, self.rep)

    def test_an_unarchived_user_starts_empty(self):
        customer = self._customer()
        self.rep.action_archive()
        self.rep.action_unarchive()
        self.assertEqual(customer.user_id, self.leader)
