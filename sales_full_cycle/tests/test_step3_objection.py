from datetime import timedelta

from markupsafe import Markup
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCase, at

NOW = "2026-03-02 10:00"


class ObjectionCase(CustomerCase):
    """A deal of the salesperson with a proposal and a contact of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._company()
        cls.contact = cls.env["res.partner"].create({"name": "Ms Wang", "parent_id": cls.customer.id, "email": "wang@example.com"})
        cls.deal = cls._deal()
        cls.proposal = cls.env["sale.order"].create({"partner_id": cls.customer.id, "opportunity_id": cls.deal.id, "user_id": cls.rep.id})

    @classmethod
    def _deal(cls, **values):
        return cls.env["crm.lead"].create({
            "name": "Test benches", "type": "opportunity", "partner_id": cls.contact.id, "user_id": cls.rep.id, "team_id": cls.team.id, **values})

    @classmethod
    def _objection(cls, user=None, **values):
        return cls.env["sfc.objection"].with_user(user or cls.rep).create({
            "lead_id": cls.deal.id, "kind": "price", "text": "Twenty percent dearer than the others.", **values})

    @classmethod
    def _collaborator(cls, user, role="technical", **values):
        return cls.env["sfc.collaborator"].with_user(cls.rep).create({"lead_id": cls.deal.id, "user_id": user.id, "role": role, **values})

    @classmethod
    def _answer(cls, objection, user=None, **values):
        objection = objection.with_user(user or cls.rep)
        objection.write({"answer_mode": "oral", "answer": "The price contains two years of service.", **values})
        objection.action_answer()

    def _promise(self, objection):
        return self.env["sfc.sla.clock"].search([("objection_id", "=", objection.id)], order="id desc", limit=1)


@tagged("post_install", "-at_install")
class TestObjection(ObjectionCase):
    """S3.12-S3.14, D9: objections are logged by type and answered within 24 hours of being raised."""

    # === THE RECORD === #

    def test_quick_form_has_at_most_eight_fields_and_knows_owner_and_customer(self):
        """S3.12: owner, customer and number come by themselves."""
        action = self.deal.with_user(self.rep).action_new_objection()
        form = Form(self.env["sfc.objection"].with_user(self.rep).with_context(**action["context"]), view="sales_full_cycle.sfc_objection_view_form_quick")
        form.kind = "function"
        form.text = "Does it measure torque?"
        objection = form.save()
        self.assertEqual(objection.lead_id, self.deal)
        self.assertEqual(objection.partner_id, self.customer)
        self.assertEqual(objection.contact_id, self.contact)
        self.assertEqual(objection.user_id, self.rep)
        self.assertEqual(objection.state, "open")
        self.assertRegex(objection.number, r"^YY20\d\d-\d{4}$")
        arch = self.env.ref("sales_full_cycle.sfc_objection_view_form_quick").arch
        self.assertLessEqual(arch.count("<field") - arch.count('invisible="1"'), 8)

    def test_each_company_counts_its_own_objections(self):
        """D21: numbers per company and year."""
        other = self.env["res.company"].create({"name": "Second company"})
        theirs = self.env["crm.lead"].create({"name": "Theirs", "type": "opportunity", "company_id": other.id, "user_id": False, "team_id": False})
        first = self._objection(user=self.env.user)
        second, third = self.env["sfc.objection"].create([
            {"lead_id": theirs.id, "text": "Too slow."}, {"lead_id": theirs.id, "text": "Too loud."}])
        self.assertEqual((second.company_id, first.company_id), (other, self.env.company))
        self.assertTrue(second.number.endswith("-0001"))
        self.assertTrue(third.number.endswith("-0002"))
        fourth = self._objection(user=self.env.user)
        self.assertEqual(int(fourth.number[-4:]), int(first.number[-4:]) + 1)

    def test_a_proposal_tells_the_deal_and_must_belong_to_it(self):
        """S3.12."""
        objection = self.env["sfc.objection"].with_user(self.rep).create({"sale_order_id": self.proposal.id, "text": "Why two years?"})
        self.assertEqual(objection.lead_id, self.deal)
        with self.assertRaises(ValidationError):
            objection.lead_id = self._deal(name="Another")

    def test_what_the_system_keeps_cannot_be_claimed(self):
        """S3.13: an answer is noted by the button, not by writing a status."""
        objection = self._objection(state="closed", answered_by_id=self.manager.id, number="YY1")
        self.assertEqual(objection.state, "open")
        self.assertFalse(objection.answered_by_id)
        self.assertNotEqual(objection.number, "YY1")
        claimed = self.env["sfc.objection"].with_user(self.rep).with_context(default_state="closed").create({"lead_id": self.deal.id, "text": "x"})
        self.assertEqual(claimed.state, "open")
        for vals in ({"state": "answered"}, {"answered_by_id": self.rep.id}, {"number": "YY2"}, {"reaction": "resolved"}):
            with self.assertRaises(UserError):
                objection.write(vals)

    def test_dates_that_cannot_be_are_refused(self):
        """S3.13: neither raised nor answered in the future, nor answered before it was raised."""
        objection = self._objection(raised_at=fields.Datetime.now() - timedelta(hours=3))
        with self.assertRaises(ValidationError):
            objection.raised_at = fields.Datetime.now() + timedelta(hours=1)
        with self.assertRaises(ValidationError):
            objection.answered_at = fields.Datetime.now() + timedelta(hours=1)
        with self.assertRaises(ValidationError):
            objection.answered_at = objection.raised_at - timedelta(minutes=1)

    # === THE PROMISE === #

    def test_the_clock_runs_from_when_the_customer_raised_it(self):
        """D9: 24 h from raised_at, warning after 16 h."""
        with at(NOW):
            raised = fields.Datetime.now() - timedelta(hours=5)
            objection = self._objection(raised_at=raised)
            clock = self._promise(objection)
            self.assertEqual(clock.started_at, raised)
            self.assertEqual(clock.deadline, raised + timedelta(hours=24))
            self.assertEqual(clock.warn_at, raised + timedelta(hours=16))
            self.assertEqual(clock.user_id, self.rep)
            self.assertEqual(objection.sla_deadline, clock.deadline)
            objection.raised_at = raised - timedelta(hours=1)
            self.assertEqual(clock.state, "cancelled")
            self.assertEqual(objection.sla_deadline, raised + timedelta(hours=23))

    def test_warning_then_leader_then_manager(self):
        """D9: the leader learns of a late one, the manager 12 hours later."""
        objection = self._objection()
        clock = self._promise(objection)
        self._let_time_pass(clock, hours=17)
        self.assertEqual(objection.sla_state, "warned")
        self._let_time_pass(clock, hours=8)
        self.assertEqual(objection.sla_state, "breached")
        escalation = self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)])
        self.assertEqual((escalation.user_id, escalation.res_model, escalation.res_id), (self.leader, "sfc.objection", objection.id))
        self._let_time_pass(clock, hours=12)
        self.assertTrue(clock.escalated)

    def test_an_answer_in_time_meets_the_promise(self):
        """S3.13: written or oral."""
        objection = self._objection()
        self._answer(objection)
        self.assertEqual(objection.state, "answered")
        self.assertEqual(objection.answered_by_id, self.rep)
        self.assertEqual(self._promise(objection).state, "met")
        self.assertFalse(objection.sla_deadline)

    def test_an_answer_noted_after_the_deadline_counts_when_it_was_given(self):
        """S3.13: the clock stops at answered_at; given in time is in time, given late is late."""
        raised = fields.Datetime.now() - timedelta(hours=30)
        for hours, state in ((20, "met"), (26, "breached")):
            objection = self._objection(raised_at=raised)
            clock = self._promise(objection)
            self._let_time_pass(clock, hours=0)
            self.assertEqual(clock.state, "breached")
            self._answer(objection, answered_at=raised + timedelta(hours=hours))
            self.assertEqual(clock.state, state)
            self.assertEqual(clock.stopped_at, raised + timedelta(hours=hours))

    def test_answered_on_the_spot(self):
        """S3.13: objection and oral answer are entered together."""
        raised = fields.Datetime.now() - timedelta(hours=2)
        objection = self._objection(raised_at=raised, answer_mode="oral", answer="Yes, it does.", answered_at=raised + timedelta(minutes=5))
        self.assertEqual(objection.state, "answered")
        self.assertEqual(self._promise(objection).state, "met")

    def test_an_answer_names_all_that_is_missing(self):
        """S3.13: all gaps in one message."""
        objection = self._objection(kind=False)
        with self.assertRaises(UserError) as refused:
            objection.action_answer()
        for label in ("Type", "Answered", "Answer"):
            self.assertIn(label, str(refused.exception))
        self._answer(objection, kind="price")
        with self.assertRaises(UserError):
            objection.action_answer()
        with self.assertRaises(UserError):
            objection.answer = "Something else"

    def test_reopened_it_is_owed_again_and_the_first_answer_stays_in_the_history(self):
        """S3.13: the customer is not satisfied."""
        objection = self._objection(raised_at=fields.Datetime.now() - timedelta(hours=40))
        with self.assertRaises(UserError):
            objection.action_reopen()
        self._answer(objection)
        objection.action_reopen()
        clock = self._promise(objection)
        self.assertEqual((objection.state, objection.reaction, objection.answer), ("open", "still_open", False))
        self.assertEqual((clock.state, clock.started_at), ("running", objection.reopened_at))
        self.assertIn("two years of service", " ".join(objection.message_ids.mapped("body")))
        with self.assertRaises(ValidationError):
            objection.answered_at = objection.reopened_at - timedelta(hours=1)
        self._answer(objection, answered_at=False)
        objection.action_resolved()
        self.assertEqual((objection.state, objection.reaction), ("closed", "resolved"))

    def test_a_lost_deal_owes_no_answer(self):
        """D9: promises are owed for deals that are alive."""
        objection = self._objection()
        self.deal.with_user(self.rep).action_set_lost()
        self.assertEqual(self._promise(objection).state, "cancelled")
        self.deal.with_user(self.rep).action_unarchive()
        self.assertEqual(self._promise(objection).state, "running")
        objection.action_archive()
        self.assertEqual(self._promise(objection).state, "cancelled")

    def test_the_new_owner_of_the_deal_answers(self):
        """S3.13: open objections and their promise go along; a colleague keeps what he has taken on."""
        self._collaborator(self.other_rep, "sales")
        first, second = self._objection(), self._objection(user_id=self.other_rep.id)
        new = new_test_user(self.env, "sfc_new_rep", "sales_team.group_sale_salesman")
        self.deal.with_user(self.leader).user_id = new
        self.assertEqual((first.sudo().user_id, second.sudo().user_id), (new, self.other_rep))
        self.assertEqual(self._promise(first).user_id, new)
        self.assertEqual(self._promise(second).user_id, self.other_rep)

    def test_merged_deals_keep_their_objections(self):
        """Pain of merges: nothing is lost."""
        objection = self._objection(sale_order_id=self.proposal.id)
        target = self._deal(name="Bigger", probability=90)
        merged = (self.deal | target).merge_opportunity(auto_unlink=False)
        self.assertEqual(objection.sudo().lead_id, merged)
        self.assertEqual(objection.sudo().sale_order_id.opportunity_id, merged)

    def test_many_objections_cost_as_many_queries_as_few(self):
        """No search in a loop, also with as many moments as objections."""
        now = fields.Datetime.now()

        def count(size):
            vals = [{"lead_id": self.deal.id, "text": "x", "raised_at": now - timedelta(minutes=minute + 1)} for minute in range(size)]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["sfc.objection"].create(vals)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        count(2)
        self.assertLessEqual(count(30), count(10) + 2)

    # === WHO === #

    def test_who_sees_and_who_answers(self):
        """S3.13: owner, collaborators, leader, manager; a stranger neither sees nor answers it."""
        technician = new_test_user(self.env, "sfc_tech", "base.group_user")
        self._collaborator(technician)
        for user in (self.rep, technician, self.leader, self.manager):
            self._answer(self._objection(), user=user)
        objection = self._objection()
        with self.assertRaises(AccessError):
            objection.with_user(self.other_rep).read(["text"])
        with self.assertRaises(AccessError):
            objection.with_user(self.other_rep).action_answer()
        with self.assertRaises(AccessError):
            self._objection(user=self.other_rep)
        with self.assertRaises(AccessError):
            self._objection(user=self.clerk)

    def test_somebody_who_only_shares_an_unowned_deal_does_not_answer(self):
        """S3.13: whoever sees an unassigned deal is not yet in charge of it."""
        self.deal.user_id = False
        objection = self._objection(user=self.leader)
        self.assertTrue(objection.with_user(self.other_rep).has_access("write"))
        with self.assertRaises(AccessError):
            self._answer(objection, user=self.other_rep)

    def test_the_owner_must_see_the_deal(self):
        """S3.13: nobody answers for what he cannot open."""
        objection = self._objection()
        with self.assertRaises(UserError):
            objection.user_id = self.other_rep
        self._collaborator(self.other_rep, "sales")
        objection.user_id = self.other_rep
        self.assertEqual(self._promise(objection).user_id, self.other_rep)

    def test_the_clock_is_as_visible_as_the_objection(self):
        """design.md section 5."""
        clock = self._promise(self._objection())
        for user, sees in ((self.rep, True), (self.other_rep, False), (self.leader, True), (self.manager, True)):
            self.assertEqual(bool(clock.with_user(user)._filtered_access("read")), sees, user.login)

    # === TECHNICAL SESSION === #

    def test_a_session_has_the_technical_people_and_is_an_activity_of_the_objection(self):
        """S3.14."""
        technician = new_test_user(self.env, "sfc_tech", "base.group_user")
        lawyer = new_test_user(self.env, "sfc_law", "base.group_user")
        self._collaborator(technician)
        self._collaborator(lawyer, "legal")
        objection = self._objection(contact_id=self.contact.id)
        context = objection.action_plan_session()["context"]
        event = Form(self.env["calendar.event"].with_user(self.rep).with_context(**context)).save()
        self.assertEqual(event.partner_ids, technician.partner_id | self.rep.partner_id | self.contact)
        self.assertEqual((event.sfc_objection_id, event.opportunity_id), (objection, self.deal))
        self.assertEqual(objection.session_ids, event)
        self.assertEqual(objection.session_count, 1)
        self.assertEqual(objection.activity_ids.calendar_event_id, event)
        self.assertEqual(objection.action_open_sessions()["domain"], [("sfc_objection_id", "=", objection.id)])

    def test_a_stranger_plans_no_session(self):
        """S3.14."""
        objection = self._objection()
        with self.assertRaises(AccessError):
            objection.with_user(self.other_rep).action_plan_session()
        with self.assertRaises(AccessError):
            self.env["calendar.event"].with_user(self.other_rep).create({
                "name": "Chat", "start": NOW + ":00", "stop": NOW + ":30", "sfc_objection_id": objection.id})

    # === COMMENT ON THE PORTAL === #

    def _comment(self, author=None, order=None, **values):
        return (order or self.proposal).with_user(self.env.ref("base.user_root")).message_post(
            body=Markup("<p>Can it be <b>cheaper</b>?</p>"), author_id=(author or self.contact).id, message_type="comment",
            subtype_xmlid="mail.mt_comment", **values)

    def test_a_comment_of_the_customer_becomes_an_objection_once(self):
        """S3.13: one click; the second one opens the first."""
        message = self._comment()
        message.sudo().date = fields.Datetime.now() - timedelta(hours=6)
        action = message.with_user(self.rep).action_make_objection()
        objection = self.env["sfc.objection"].browse(action["res_id"])
        self.assertEqual(action["res_model"], "sfc.objection")
        self.assertEqual((objection.sale_order_id, objection.lead_id, objection.contact_id), (self.proposal, self.deal, self.contact))
        self.assertEqual((objection.channel, objection.raised_at), ("portal", message.date))
        self.assertIn("cheaper", objection.text)
        self.assertNotIn("<", objection.text)
        self.assertEqual(self._promise(objection).started_at, message.date)
        self.assertEqual(message.with_user(self.manager).action_make_objection()["res_id"], objection.id)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._objection().sudo().message_id = message
            self.env.flush_all()

    def test_only_a_customers_comment_on_a_proposal_of_a_deal(self):
        """S3.13."""
        plain = self.env["sale.order"].create({"partner_id": self.customer.id, "user_id": self.rep.id})
        on_the_deal = self.deal.message_post(body="x", author_id=self.contact.id)
        for message in (self._comment(author=self.manager.partner_id), self._comment(order=plain), on_the_deal):
            with self.assertRaises(UserError):
                message.with_user(self.rep).action_make_objection()
        for user in (self.other_rep, self.clerk):
            with self.assertRaises(AccessError):
                self._comment().with_user(user).action_make_objection()

    # === ON DEAL AND PROPOSAL === #

    def test_deal_and_proposal_count_their_objections(self):
        """S3.12: smart buttons show open / all, and open them."""
        self._objection(sale_order_id=self.proposal.id)
        self._answer(self._objection())
        deal, proposal = self.deal.with_user(self.rep), self.proposal.with_user(self.rep)
        self.assertEqual((deal.open_objection_count, deal.objection_count), (1, 2))
        self.assertEqual((proposal.open_objection_count, proposal.objection_count), (1, 1))
        self.assertEqual(self.env["sfc.objection"].search_count(deal.action_open_objections()["domain"]), 2)
        self.assertEqual(proposal.action_new_objection()["context"]["default_sale_order_id"], self.proposal.id)
        plain = self.env["sale.order"].create({"partner_id": self.customer.id})
        with self.assertRaises(UserError):
            plain.action_new_objection()

    def test_list_is_by_time_left(self):
        """S3.13: the most urgent first, what owes nothing last."""
        late = self._objection(raised_at=fields.Datetime.now() - timedelta(hours=40))
        soon = self._objection(raised_at=fields.Datetime.now() - timedelta(hours=10))
        fresh, answered = self._objection(), self._objection()
        self._answer(answered)
        found = self.env["sfc.objection"].search([("lead_id", "=", self.deal.id)])
        self.assertEqual(found, late | soon | fresh | answered)
        self.assertEqual(found.ids, [late.id, soon.id, fresh.id, answered.id])
