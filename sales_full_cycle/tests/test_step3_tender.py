import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SalesCase, at


class TenderCase(SalesCase):
    """A deal of the salesperson `rep`, in a company that works in Shanghai; the bid is due on 2026-06-30 at 09:30 there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.engineer = new_test_user(cls.env, "sfc_engineer", "base.group_user", lang="en_US")
        cls.reader = new_test_user(cls.env, "sfc_all_leads", "sales_team.group_sale_salesman_all_leads", lang="en_US")
        (cls.rep | cls.engineer | cls.leader | cls.manager).notification_type = "inbox"
        cls.customer = cls.env["res.partner"].create({"name": "City Transport", "is_company": True})
        cls.deal = cls._deal()
        cls.price = cls.env.ref("sales_full_cycle.reason_tender_price")

    @classmethod
    def _deal(cls, **values):
        return cls.env["crm.lead"].create({
            "type": "opportunity", "name": "Bus displays", "partner_id": cls.customer.id, "user_id": cls.rep.id, "team_id": cls.team.id, **values})

    @classmethod
    def _tender(cls, user=None, deal=None, **values):
        return cls.env["sfc.tender"].with_user(user or cls.rep).create({
            "lead_id": (deal or cls.deal).id, "bid_deadline": "2026-06-30 01:30:00", "opening_at": "2026-06-30 02:00:00", **values})

    @classmethod
    def _line(cls, tender, key):
        name = cls.env.ref(f"sales_full_cycle.tender_checklist_{key}").name
        return tender.task_ids.filtered(lambda line: line.name == name)

    @classmethod
    def _activities(cls, tender, active_test=True):
        return cls.env["mail.activity"].sudo().with_context(active_test=active_test).search([("sfc_tender_id", "=", tender.id)])

    @classmethod
    def _activity(cls, line):
        return cls.env["mail.activity"].sudo().search([("sfc_tender_task_id", "=", line.id)])

    @classmethod
    def _deadline_activity(cls, tender, fname):
        return cls.env["mail.activity"].sudo().with_context(active_test=False).search([("sfc_tender_id", "=", tender.id), ("sfc_tender_deadline", "=", fname)])

    def _run(self, cron, moment):
        with at(moment), self.enter_registry_test_mode():
            self.env.ref(f"sales_full_cycle.ir_cron_tender_{cron}").method_direct_trigger()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestTenderWorkspace(TenderCase):
    """S0.11, T4b, ahead 12: one workspace a deal, with our line among the bidders."""

    def test_the_button_on_the_deal_makes_it_once(self):
        deal = self.deal.with_user(self.rep)
        action = deal.action_create_tender()
        tender = self.env["sfc.tender"].browse(action["res_id"])
        self.assertRegex(tender.number, r"^ZB\d{4}-\d{4}$")
        self.assertEqual((deal.tender_id, deal.origin_type, tender.issuer_id, tender.commercial_user_id), (tender, "tender", self.customer, self.rep))
        self.assertEqual(deal.action_create_tender()["res_id"], tender.id)
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._tender()

    def test_only_open_deals_have_one(self):
        lead = self._lead(user_id=self.rep.id)
        with self.assertRaises(UserError):
            lead.with_user(self.rep).action_create_tender()
        with self.assertRaises(ValidationError):
            self._tender(deal=lead)
        self.deal.action_set_lost()
        with self.assertRaises(UserError):
            self.deal.with_user(self.rep).action_create_tender()

    def test_exactly_one_bidder_is_us_and_our_offer_is_his(self):
        tender = self._tender(our_offer=100)
        us = tender.bidder_ids
        self.assertEqual((len(us), us.is_us, us.price, us.name), (1, True, 100, self.company.name))
        us.price = 90
        self.assertEqual(tender.our_offer, 90)
        tender.our_offer = 80
        self.assertEqual((us.price, len(tender.bidder_ids)), (80, 1))
        with self.assertRaises(UserError):
            us.unlink()
        with self.assertRaises(UserError):
            us.is_us = False
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["sfc.tender.bidder"].create({"tender_id": tender.id, "name": "Also us", "is_us": True})

    def test_ranks_follow_the_scores_unless_typed(self):
        tender = self._tender(bidder_ids=[(0, 0, {"name": name, "score": score}) for name, score in (("Alpha", 90), ("Beta", 95), ("Gamma", 99))])
        us, alpha, beta, gamma = tender.bidder_ids.sorted(lambda bidder: (not bidder.is_us, bidder.id))
        self.assertEqual([us.rank, alpha.rank, beta.rank, gamma.rank], [0, 3, 2, 1])
        gamma.disqualified = True
        self.assertEqual([alpha.rank, beta.rank, gamma.rank], [2, 1, 0])
        alpha.rank = 1
        beta.score = 97
        self.assertEqual(alpha.rank, 1, "a published rank stays")
        alpha.rank = 0
        self.assertEqual(alpha.rank, 2)

    def test_state_follows_the_facts(self):
        tender = self._tender()
        self.assertEqual(tender.state, "preparing")
        tender.action_submitted()
        self.assertEqual(tender.state, "submitted")
        with self.assertRaises(UserError):
            tender.action_submitted()
        tender.bidder_ids.score = 80
        self.assertEqual(tender.state, "opened")
        tender._record_result("won", self.price)
        self.assertEqual(tender.state, "decided")
        tender.action_reopen()
        self.assertEqual(tender.state, "opened")

    def test_deadlines_in_the_wrong_order_are_named_together(self):
        with self.assertRaises(ValidationError) as refused:
            self._tender(document_deadline="2026-07-01 01:00:00", opening_at="2026-06-01 01:00:00")
        self.assertIn("Documents until", str(refused.exception))
        self.assertIn("opened before", str(refused.exception))

    def test_next_deadline_and_days_left(self):
        """18:00 UTC is the next day in Shanghai."""
        tender = self._tender(document_deadline="2026-06-10 09:00:00")
        for moment, deadline, days in (
                ("2026-06-04 18:00", "Documents until", 5), ("2026-06-10 10:00", "Bid deadline", 20), ("2026-07-02 00:00", "Bid deadline", -2)):
            with at(moment):
                tender.invalidate_recordset()
                self.assertEqual((tender.next_deadline_name, tender.days_left), (deadline, days))
        tender.action_submitted()
        self.assertEqual(tender.next_deadline_name, "Opening")

    def test_deposit_comes_back_after_the_contract_else_after_the_opening(self):
        """D20."""
        tender = self._tender()
        self.assertEqual(tender.deposit_return_due, fields.Date.to_date("2026-08-14"))
        tender.contract_date = "2026-07-20"
        self.assertEqual(tender.deposit_return_due, fields.Date.to_date("2026-07-25"))
        tender.write({"budget": 1000, "deposit_amount": 20})
        self.assertFalse(tender.deposit_is_high)
        tender.deposit_amount = 21
        self.assertTrue(tender.deposit_is_high)

    def test_the_form_makes_a_complete_workspace(self):
        with Form(self.env["sfc.tender"].with_user(self.rep)) as form:
            form.lead_id = self.deal
            form.bid_deadline = "2026-06-30 01:30:00"
            form.our_offer = 500
        tender = form.record
        self.assertEqual((tender.our_offer, tender.state, len(tender.task_ids)), (500, "preparing", 17))

    def test_merged_deals_keep_the_workspace(self):
        tender = self._tender()
        other = self._deal(name="Bus displays again")
        other._merge_dependences(self.deal)
        self.assertEqual((tender.lead_id, tender.user_id), (other, self.rep))
        self._tender(deal=self.deal)
        with self.assertRaises(UserError):
            other._merge_dependences(self.deal)

    def test_it_goes_with_its_deal(self):
        tender = self._tender()
        activities = self._activities(tender)
        self.assertTrue(activities)
        self.deal.unlink()
        self.assertFalse(tender.exists() or activities.exists())


@tagged("post_install", "-at_install")
class TestTenderResult(TenderCase):
    """T4b, D20: result with its reason; the deal is never closed silently."""

    def _result(self, tender, user=None, **values):
        wizard = self.env["sfc.tender.result"].with_user(user or self.rep).with_context(**tender.with_user(user or self.rep).action_record_result()["context"])
        return wizard.create({"result": "lost", "reason_id": self.price.id, **values}).action_apply()

    def test_not_won_offers_the_dialog_of_the_deal(self):
        tender = self._tender()
        action = self._result(tender)
        self.assertEqual((tender.state, tender.result, self.deal.won_status), ("decided", "lost", "pending"))
        self.assertEqual(action["res_model"], "crm.lead.lost")
        dialog = self.env["crm.lead.lost"].with_user(self.rep).with_context(**action["context"]).create({})
        self.assertEqual((dialog.lead_ids, dialog.lost_reason_id), (self.deal, self.env.ref("sales_full_cycle.lost_reason_tender_not_won")))
        dialog.action_lost_reason_apply()
        self.assertEqual(self.deal.won_status, "lost")
        with self.assertRaises(UserError):
            tender.action_mark_deal_lost()

    def test_won_suggests_the_next_step(self):
        tender = self._tender()
        self.assertEqual(self._result(tender, result="won")["type"], "ir.actions.act_window_close")
        self.assertEqual(self.deal.won_status, "pending")
        self.assertIn("contract", tender.next_step)
        with self.assertRaises(UserError):
            tender.action_mark_deal_lost()
        tender.action_mark_deal_won()
        self.assertEqual(self.deal.won_status, "won")
        self.assertFalse(tender.next_step)

    def test_a_failed_tender_leaves_the_deal_open(self):
        tender = self._tender()
        self._result(tender, result="failed", reason_id=False)
        self.assertIn("put out again", tender.next_step)
        with self.assertRaises(UserError):
            tender.action_mark_deal_lost()

    def test_withdrawn_names_no_reason_for_the_deal(self):
        self.assertFalse(self._result(self._tender(), result="withdrawn", reason_id=False)["context"]["default_lost_reason_id"])

    def test_a_result_says_why(self):
        tender = self._tender()
        for values in ({"result": "won"}, {"result": "lost"}, {"result": "void"},
                       {"result": "lost", "result_reason_id": self.env.ref("sales_full_cycle.reason_override_strategic_project").id}):
            with self.assertRaises(ValidationError):
                tender.write(values)

    def test_who_records_it(self):
        tender = self._tender(tech_user_id=self.engineer.id)
        for user in (self.rep, self.engineer, self.leader, self.manager):
            tender.with_user(user).write({"result": "lost", "result_reason_id": self.price.id})
            tender.with_user(user).action_reopen()
        for user in (self.reader,):
            self.assertFalse(tender.with_user(user).may_decide)
            with self.assertRaises(AccessError):
                tender.with_user(user).action_record_result()
            with self.assertRaises(AccessError):
                tender.with_user(user).write({"result": "withdrawn"})
            with self.assertRaises(AccessError):
                tender.with_user(user).commercial_user_id = user
            with self.assertRaises(AccessError):
                self.env["sfc.tender.result"].with_user(user).create({"tender_id": tender.id, "result": "withdrawn"}).action_apply()
        with self.assertRaises(AccessError):
            self._tender(user=self.reader, deal=self._deal(), result="withdrawn")


@tagged("post_install", "-at_install")
class TestTenderRights(TenderCase):
    """As the deal, and for whoever is named on the tender."""

    def test_who_sees_it(self):
        tender = self._tender()
        for user in (self.rep, self.leader, self.manager, self.reader):
            self.assertEqual(self.env["sfc.tender"].with_user(user).search([("id", "=", tender.id)]), tender)
        for user in (self.other_rep, self.engineer):
            self.assertFalse(self.env["sfc.tender"].with_user(user).search([("id", "=", tender.id)]))
            for lines in (tender.bidder_ids, tender.task_ids):
                with self.assertRaises(AccessError):
                    lines.with_user(user).read(["display_name"])

    def test_nobody_makes_one_for_a_deal_of_somebody_else(self):
        with self.assertRaises(AccessError):
            self._tender(user=self.other_rep)
        with self.assertRaises(AccessError):
            self.env["sfc.tender"].with_user(self.other_rep).with_context(default_lead_id=self.deal.id).create({})
        with self.assertRaises(AccessError):
            self.deal.with_user(self.other_rep).action_create_tender()

    def test_who_does_a_line_sees_the_tender_and_changes_that_line_alone(self):
        tender = self._tender()
        line = self._line(tender, "void_clauses")
        line.user_id = self.engineer
        tender.with_user(self.engineer).read(["number", "name", "bid_deadline"])
        line.with_user(self.engineer).done = True
        with self.assertRaises(AccessError):
            self._line(tender, "price").with_user(self.engineer).done = True
        with self.assertRaises(AccessError):
            tender.with_user(self.engineer).budget = 1

    def test_named_leads_work_on_it(self):
        tender = self._tender(tech_user_id=self.engineer.id)
        tender.with_user(self.engineer).qualification = "Certificates"
        self.env["sfc.tender.question"].with_user(self.engineer).create({"tender_id": tender.id, "question": "Which voltage?"})

    def test_it_stays_with_its_deal_and_number(self):
        tender, other = self._tender(number="ZB1999-0001"), self._deal()
        self.assertNotEqual(tender.number, "ZB1999-0001")
        for vals in ({"lead_id": other.id}, {"number": "ZB1999-0002"}):
            with self.assertRaises(UserError):
                tender.write(vals)

    def test_another_company_does_not_see_it(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.company_ids |= other
        tender = self._tender(deal=self._deal(company_id=self.company.id))
        found = self.env["sfc.tender"].with_user(self.manager).with_context(allowed_company_ids=other.ids).search([("id", "=", tender.id)])
        self.assertFalse(found)


@tagged("post_install", "-at_install")
class TestTenderChecklist(TenderCase):
    """D20, ahead 12: each open line has exactly one activity for its owner, moved and finished together."""

    def test_lines_owners_and_dates(self):
        tender = self._tender(tech_user_id=self.engineer.id)
        self.assertEqual(len(tender.task_ids), 17)
        for key, user, day in (("documents", self.rep, "2026-06-10"), ("decision", self.leader, "2026-06-12"), ("questions", self.engineer, "2026-06-18"),
                               ("void_clauses", self.rep, "2026-06-14"), ("hand_in", self.rep, "2026-06-30"), ("award", self.rep, "2026-07-03"),
                               ("deposit_back", self.rep, "2026-08-14")):
            line = self._line(tender, key)
            self.assertEqual((line.user_id, line.due_date), (user, fields.Date.to_date(day)), key)
            activity = self._activity(line)
            self.assertEqual((len(activity), activity.user_id, activity.date_deadline, activity.summary), (1, user, line.due_date, line.name))

    def test_no_dates_no_activities(self):
        tender = self._tender(bid_deadline=False, opening_at=False)
        self.assertFalse(self._activities(tender))
        self.assertIn("bid deadline", tender.next_step)
        tender.bid_deadline = "2026-06-30 01:30:00"
        self.assertEqual(len(self._activities(tender)), 18, "17 lines and the bid deadline")

    def test_a_moved_deadline_moves_them(self):
        tender = self._tender()
        before = self._activities(tender)
        tender.write({"bid_deadline": "2026-07-10 01:30:00", "opening_at": "2026-07-10 02:00:00"})
        self.assertEqual(self._activities(tender), before)
        self.assertEqual(self._activity(self._line(tender, "documents")).date_deadline, fields.Date.to_date("2026-06-20"))
        self.assertEqual(self._deadline_activity(tender, "bid_deadline").date_deadline, fields.Date.to_date("2026-07-10"))

    def test_done_on_the_checklist_is_done_as_activity(self):
        tender = self._tender()
        line = self._line(tender, "documents")
        activity = self._activity(line)
        line.write({"done": True, "remark": "Bought for 500"})
        self.assertFalse(activity.active)
        self.assertEqual((line.done_user_id, line.is_open, activity.feedback), (self.rep, False, "Bought for 500"))
        line.done = False
        self.assertEqual(len(self._activity(line)), 1)
        self.assertFalse(line.done_on)

    def test_done_as_activity_is_done_on_the_checklist(self):
        tender = self._tender(tech_user_id=self.engineer.id)
        line = self._line(tender, "technical")
        self._activity(line).with_user(self.engineer).action_feedback("Ready")
        self.assertEqual((line.done, line.remark, line.done_user_id), (True, "Ready", self.engineer))
        self.assertFalse(self._activity(line))

    def test_the_activity_is_neither_cancelled_nor_postponed_alone(self):
        tender = self._tender()
        activity = self._activity(self._line(tender, "documents")).with_user(self.rep).sudo(False)
        with self.assertRaises(UserError):
            activity.unlink()
        with self.assertRaises(UserError):
            activity.date_deadline = "2026-12-31"
        self._line(tender, "documents").unlink()
        self.assertFalse(activity.exists())

    def test_who_takes_the_activity_has_the_line(self):
        tender = self._tender()
        line = self._line(tender, "documents")
        self._activity(line).with_user(self.leader).sudo(False).user_id = self.leader
        self.assertEqual(line.user_id, self.leader)
        tender.opening_place = "Room 2"
        tender.bid_deadline = "2026-06-29 01:30:00"
        self.assertEqual(self._activity(line).user_id, self.leader)

    def test_other_people_of_the_deal_take_their_lines(self):
        tender = self._tender()
        tender.tech_user_id = self.engineer
        self.assertEqual(self._line(tender, "technical").user_id, self.engineer)
        mine = self._line(tender, "documents")
        mine.user_id = self.leader
        self.deal.user_id = self.other_rep
        self.assertEqual((mine.user_id, self._line(tender, "reading").user_id, tender.commercial_user_id), (self.leader, self.other_rep, self.other_rep))
        self.assertEqual(self._activity(self._line(tender, "reading")).user_id, self.other_rep)
        self.assertEqual(self._deadline_activity(tender, "bid_deadline").user_id, self.other_rep)

    def test_a_handover_takes_them_along(self):
        """Ahead 15: also what one does for a colleague's tender."""
        tender = self._tender(tech_user_id=self.other_rep.id)
        line = self._line(tender, "technical")
        self.other_rep.active = False
        self.assertEqual((line.user_id, self._activity(line).user_id), (self.leader, self.leader))

    def test_a_result_ends_what_prepares_the_bid(self):
        tender = self._tender(deposit_paid_on="2026-06-20")
        tender._record_result("withdrawn")
        self.assertEqual(self._activities(tender).sfc_tender_task_id, self._line(tender, "deposit_back"))
        tender.deposit_returned_on = "2026-07-30"
        self.assertFalse(self._activities(tender))
        self.assertTrue(self._line(tender, "deposit_back").done)

    def test_a_lost_deal_still_wants_its_deposit(self):
        tender = self._tender()
        self.deal.action_set_lost()
        self.assertEqual(self._activities(tender).sfc_tender_task_id, self._line(tender, "deposit_back"))
        self.deal.action_restore()
        self.assertEqual(len(self._activities(tender)), 18)

    def test_many_tenders_cost_a_fixed_number_of_queries(self):
        def queries(count):
            deals = self.env["crm.lead"].union(*(self._deal(name=f"D{n}") for n in range(count)))
            tenders = self.env["sfc.tender"].create([{"lead_id": deal.id, "bid_deadline": "2026-06-30 01:30:00"} for deal in deals])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            tenders._sync_activities()
            self.env.flush_all()
            return self.cr.sql_log_count - before
        queries(1)
        few, many = queries(2), queries(12)
        self.assertLessEqual(many - few, 5)

    def test_the_checklist_is_data(self):
        self.env.ref("sales_full_cycle.tender_checklist_price").active = False
        self.env["sfc.tender.checklist.template"].with_user(self.manager).create({"name": "Visit the depot", "days_before": 9})
        with self.assertRaises(AccessError):
            self.env["sfc.tender.checklist.template"].with_user(self.rep).create({"name": "X"})
        names = self._tender().task_ids.mapped("name")
        self.assertIn("Visit the depot", names)
        self.assertNotIn("Release the price", names)


@tagged("post_install", "-at_install")
class TestTenderDeadlines(TenderCase):
    """D20: warnings 5, 3 and 1 days before; a deposit that does not come back raises one alert, ever."""

    def _warnings(self, tender):
        return self.env["mail.message"].search([("model", "=", "sfc.tender"), ("res_id", "=", tender.id), ("message_type", "=", "user_notification")])

    def test_warned_five_three_and_one_days_before_and_once_each(self):
        tender = self._tender(tech_user_id=self.engineer.id)
        seen = []
        for moment in ("24 12:00", "25 01:00", "25 12:00", "26 01:00", "27 01:00", "28 01:00", "29 01:00", "30 00:30", "30 03:00"):
            self._run("warn", f"2026-06-{moment}")
            seen.append(len(self._warnings(tender)))
        self.assertEqual(seen, [0, 1, 1, 1, 2, 2, 3, 3, 3])
        self.assertEqual(self._warnings(tender)[0].notified_partner_ids, (self.rep | self.engineer).partner_id)
        self.assertIn("Bid deadline", self._warnings(tender)[0].body)

    def test_a_moved_deadline_is_warned_of_anew(self):
        tender = self._tender()
        self._run("warn", "2026-06-29 01:00")
        tender.write({"bid_deadline": "2026-07-10 01:30:00", "opening_at": False})
        self._run("warn", "2026-07-04 01:00")
        self.assertEqual(len(self._warnings(tender)), 1)
        self._run("warn", "2026-07-05 01:00")
        self.assertEqual(len(self._warnings(tender)), 2)

    def test_nobody_is_warned_of_what_is_over(self):
        tender = self._tender(document_deadline="2026-06-29 01:00:00", clarification_deadline="2026-06-29 01:00:00")
        tender.action_submitted()
        self._run("warn", "2026-06-28 00:00")
        [warning] = self._warnings(tender)
        self.assertIn("Opening", warning.body)
        self.assertNotIn("Bid deadline", warning.body)
        other = self._tender(deal=self._deal())
        other.lead_id.action_set_lost()
        self._run("warn", "2026-06-29 00:00")
        self.assertFalse(self._warnings(other))

    def test_batches_reach_all(self):
        tenders = self.env["sfc.tender"].union(*(self._tender(deal=self._deal()) for _n in range(5)))
        with at("2026-06-29 01:00"):
            found = [self.env["sfc.tender"]._warn_next(2) for _round in range(4)]
        self.assertEqual(found, [2, 2, 1, 0])
        self.assertEqual([len(self._warnings(tender)) for tender in tenders], [1] * 5)

    def test_a_claimed_warning_is_not_given_twice(self):
        """What a second worker finds: nothing."""
        self._tender()
        with at("2026-06-29 01:00"):
            self.assertEqual(len(self.env["sfc.tender"]._claim_warnings(10)), 1)
            self.assertFalse(self.env["sfc.tender"]._claim_warnings(10))

    def test_deadlines_are_activities_of_the_owner(self):
        tender = self._tender(document_deadline="2026-06-10 09:00:00")
        activity = self._deadline_activity(tender, "document_deadline")
        self.assertEqual((activity.user_id, activity.date_deadline, activity.summary), (self.rep, fields.Date.to_date("2026-06-10"), "Documents until"))
        activity.with_user(self.rep).action_feedback("Bought")
        tender.document_deadline = "2026-06-12 09:00:00"
        self.assertEqual(len(self._deadline_activity(tender, "document_deadline")), 1, "what is done stays done")
        tender.action_submitted()
        self.assertFalse(self._deadline_activity(tender, "bid_deadline"))
        self.assertTrue(self._deadline_activity(tender, "opening_at").active)

    def test_a_late_deposit_is_told_once_ever(self):
        tender = self._tender(deposit_amount=5000, deposit_paid_on="2026-06-20")
        unpaid = self._tender(deal=self._deal(), deposit_amount=5000)
        self._run("deposit", "2026-08-14 10:00")
        self.assertFalse(self._deadline_activity(tender, "deposit_return_due"), "it may still come today")
        self._run("deposit", "2026-08-14 17:00")
        alert = self._deadline_activity(tender, "deposit_return_due")
        self.assertEqual((alert.user_id, alert.date_deadline), (self.rep, fields.Date.to_date("2026-08-14")))
        self.assertIn("5,000", alert.note)
        alert.sudo().unlink()
        for day in ("2026-08-15 10:00", "2026-09-15 10:00"):
            self._run("deposit", day)
        self.assertFalse(self._deadline_activity(tender, "deposit_return_due"))
        self.assertFalse(self._deadline_activity(unpaid, "deposit_return_due"))

    def test_the_alert_is_unique_in_the_database(self):
        tender = self._tender(deposit_amount=5000, deposit_paid_on="2026-06-20")
        self._run("deposit", "2026-09-01 10:00")
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            tender.sudo()._alert_deposit()

    def test_the_alert_ends_when_the_deposit_is_back(self):
        tender = self._tender(deposit_amount=5000, deposit_paid_on="2026-06-20")
        self._run("deposit", "2026-09-01 10:00")
        tender.deposit_returned_on = "2026-09-02"
        self.assertFalse(self._deadline_activity(tender, "deposit_return_due").active)

    def test_many_late_deposits_in_batches(self):
        tenders = self.env["sfc.tender"].union(*(self._tender(deal=self._deal(), deposit_amount=1, deposit_paid_on="2026-06-20") for _n in range(5)))
        with at("2026-09-01 10:00"):
            found = [self.env["sfc.tender"]._alert_next(2) for _round in range(4)]
        self.assertEqual(found, [2, 2, 1, 0])
        self.assertEqual([len(self._deadline_activity(tender, "deposit_return_due")) for tender in tenders], [1] * 5)


@tagged("post_install", "-at_install")
class TestTenderPool(TenderCase):
    """P14: an open tender keeps the customer from the pool."""

    def test_an_open_tender_protects(self):
        profile = self.deal.customer_profile_id
        self.assertFalse(profile.is_pool_protected)
        tender = self._tender()
        self.deal.origin_type = "new"  # the workspace counts, whatever the deal says
        profile.invalidate_recordset()
        self.assertTrue(profile.is_pool_protected)
        tender._record_result("lost", self.price)
        profile.invalidate_recordset()
        self.assertFalse(profile.is_pool_protected)

    def test_that_of_a_lost_deal_does_not(self):
        self._tender()
        self.deal.action_set_lost()
        profile = self.deal.customer_profile_id
        profile.invalidate_recordset()
        self.assertFalse(profile.is_pool_protected)
