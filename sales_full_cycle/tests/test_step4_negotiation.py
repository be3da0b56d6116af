from ast import literal_eval
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCase


class NegotiationCase(CustomerCase):
    """A deal of the salesperson with a proposal that was given to the customer, a floor, and a contact of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._graded("A").partner_id
        cls.contact = cls.env["res.partner"].create({"name": "Ms Wang", "parent_id": cls.customer.id, "email": "wang@example.com"})
        cls.product = cls.env["product.product"].create({"name": "Bench", "taxes_id": False})
        cls.deal = cls._deal()
        cls.proposal = cls._proposal()
        cls.expert = new_test_user(cls.env, "sfc_expert", "base.group_user", lang="en_US", email="expert@example.com")

    @classmethod
    def _deal(cls, floor=True, **values):
        deal = cls.env["crm.lead"].with_user(cls.rep).create({
            "type": "opportunity", "name": "Test benches", "partner_id": cls.customer.id, "user_id": cls.rep.id, "team_id": cls.team.id,
            "need_function": "12 of them", "need_service": "An answer within a day", "budget_max": 1000, "purchase_date": "2030-01-01",
            "no_decider_reason": "no contact before the tender", **values})
        if floor:
            cls.env["sfc.negotiation.floor"].sudo().create({"lead_id": deal.id, "asked_discount": 12, "asked_lead_days": 45})
        return deal

    @classmethod
    def _proposal(cls, **values):
        """Approved, submitted, and the customer decides one day."""
        cls._evaluated(cls.deal)
        order = cls.env["sale.order"].with_user(cls.rep).create({
            "partner_id": cls.customer.id, "opportunity_id": cls.deal.id, "user_id": cls.rep.id, "team_id": cls.team.id, "delivery_lead_days": 30,
            "payment_term_id": cls.env.ref("account.account_payment_term_30days").id, "no_value_service": True, "no_success_case": True,
            "order_line": [Command.create({"product_id": cls.product.id, "price_unit": 1000, "discount": 10})], **values})
        order.solution_line_ids.solution = "Bench of type A"
        order.action_submit_for_approval()
        for approval in order.sudo().approval_ids.sorted("sequence"):
            approval.with_user(cls.leader if cls.leader in approval.reviewer_ids else cls.manager).action_approve()
        order._submit_proposal("paper", cls.contact, documents=[])
        order.decision_date = "2030-01-01"
        return order

    @classmethod
    def _round(cls, deal=None, user=None):
        """Started as the button does."""
        deal = (deal or cls.deal).with_user(user or cls.rep)
        action = deal.action_new_negotiation()
        assert action["res_model"] == "sfc.negotiation", action
        return cls.env["sfc.negotiation"].with_user(user or cls.rep).browse(action["res_id"])

    @classmethod
    def _talk(cls, negotiation):
        """Price is agreed, payment stays open with the salesperson."""
        lines = {line.topic: line for line in negotiation.line_ids}
        lines["price"].write({"customer_position": "850", "outcome": "agreed", "result": "880 with training"})
        lines["payment"].write({"customer_position": "90 days <net>", "responsible_id": cls.rep.id, "due_date": "2030-01-05"})
        lines["delivery"].outcome = "dropped"
        negotiation.customer_attendee_ids = cls.contact

    @classmethod
    def _confirmed(cls, **options):
        negotiation = cls._round(**options)
        cls._talk(negotiation)
        negotiation.action_confirm()
        return negotiation

    @classmethod
    def _collaborator(cls, user, role="technical"):
        return cls.env["sfc.collaborator"].with_user(cls.rep).create({"lead_id": cls.deal.id, "user_id": user.id, "role": role})

    def _activities(self, negotiation):
        return self.env["mail.activity"].with_context(active_test=False).search([("sfc_negotiation_line_id", "in", negotiation.line_ids.ids)])


@tagged("post_install", "-at_install")
class TestNegotiation(NegotiationCase):
    """S4.1, S4.3-S4.6, S0.3, D11, D15: rounds from preparation to frozen minutes."""

    # === START === #

    def test_a_first_round_knows_what_deal_and_proposal_know(self):
        """S4.1, S4.3, S4.4, S4.5: nothing is typed twice."""
        self.env["sfc.objection"].with_user(self.rep).create({"lead_id": self.deal.id, "kind": "price", "text": "Dearer than the others."})
        negotiation = self._round()
        self.assertRegex(negotiation.number, r"^JY20\d\d-\d{4}$")
        self.assertEqual((negotiation.round, negotiation.state, negotiation.partner_id), (1, "draft", self.customer))
        self.assertEqual((negotiation.sale_order_id, negotiation.user_id, negotiation.attendee_ids), (self.proposal, self.rep, self.rep))
        self.assertEqual(negotiation.service_needs, "An answer within a day")
        self.assertEqual(negotiation.concerns, "Price: Dearer than the others.")
        positions = {line.topic: line.our_position for line in negotiation.line_ids}
        self.assertEqual(list(positions), ["price", "payment", "delivery", "breach", "warranty", "other"])
        self.assertIn("900.00", positions["price"])
        self.assertIn("10 %", positions["price"])
        self.assertEqual(positions["payment"], self.proposal.payment_term_id.name)
        self.assertIn("30", positions["delivery"])
        self.assertFalse(positions["breach"])
        self.assertEqual(len(negotiation.option_ids), 6)
        self.assertEqual(set(negotiation.option_ids.mapped("kind")), {"instalments", "bundle", "service", "delivery", "other"})

    def test_a_draft_is_opened_instead_of_a_second_one(self):
        negotiation = self._round()
        self.assertEqual(self._round(), negotiation)
        self.assertEqual(self._round(user=self.leader), negotiation)

    def test_rounds_count_per_deal_in_one_batch(self):
        """S4.6: also for several deals at once, and in a fixed number of queries."""
        other = self._deal(name="Other")
        rounds = self.env["sfc.negotiation"].create([{"lead_id": deal.id} for deal in (self.deal, other, self.deal, other, other)])
        self.assertEqual(rounds.mapped("round"), [1, 1, 2, 2, 3])
        self.assertEqual(len(set(rounds.mapped("number"))), 5)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.env["sfc.negotiation"].create({"lead_id": self.deal.id, "round": 2}).flush_recordset()

    def test_queries_do_not_grow_with_the_batch(self):
        deals = self.env["crm.lead"].concat(*(self._deal(name=f"Deal {number}") for number in range(10)))

        def queries(batch):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["sfc.negotiation"].create([{"lead_id": deal.id, "user_id": self.rep.id, "line_ids": [Command.create({})]} for deal in batch])
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(deals[:2])
        self.assertEqual(queries(deals[2:4]), queries(deals[4:]))

    def test_a_closed_deal_is_not_negotiated(self):
        self.deal.action_set_lost()
        with self.assertRaisesRegex(UserError, "open deal"):
            self.deal.action_new_negotiation()
        lead = self._lead(user_id=self.rep.id)
        with self.assertRaisesRegex(UserError, "open deal"):
            lead.action_new_negotiation()
        with self.assertRaisesRegex(ValidationError, "Convert the lead"):
            self.env["sfc.negotiation"].create({"lead_id": lead.id})

    def test_a_proposal_of_another_deal_is_refused(self):
        other = self._deal(name="Other")
        with self.assertRaisesRegex(ValidationError, "does not belong"):
            self._round(other).sale_order_id = self.proposal

    # === PREPARED === #

    def test_without_a_floor_a_reason_is_asked_for_once(self):
        """S4.2, D11: a warning, one sentence, and the leader sees it."""
        deal = self._deal(floor=False)
        action = deal.action_new_negotiation()
        self.assertEqual(action["res_model"], "sfc.negotiation.start")
        wizard = self.env["sfc.negotiation.start"].with_user(self.rep).with_context(**action["context"]).create({"reason": "the customer comes today"})
        self.assertEqual(wizard.missing, "no negotiation floor")
        negotiation = self.env["sfc.negotiation"].browse(wizard.action_start()["res_id"])
        self.assertEqual((negotiation.lead_id, negotiation.round), (deal, 1))
        override = deal.sudo().gate_override_ids
        self.assertEqual((override.reason, override.severity, override.user_id, override.missing),
                         ("the customer comes today", "soft", self.rep, "no negotiation floor"))
        negotiation.with_user(self.rep).action_cancel("not today")
        self.assertEqual(deal.action_new_negotiation()["res_model"], "sfc.negotiation.start", "the cancelled one does not count")

    def test_api_meets_the_same_warning(self):
        """S0.3: the button is no way around it, nor is the interface."""
        deal = self._deal(floor=False)
        rounds = self.env["sfc.negotiation"].with_user(self.rep)
        with self.assertRaisesRegex(UserError, "(?s)Test benches: no negotiation floor; no fallback option"), self.env.cr.savepoint():
            rounds.create({"lead_id": deal.id})
        rounds.with_context(sfc_gate_reason="history").create({"lead_id": deal.id})
        self.assertEqual(len(deal.sudo().gate_override_ids), 1)
        rounds.create({"lead_id": deal.id})
        self.assertEqual(len(deal.sudo().gate_override_ids), 1, "the second round asks for nothing")

    def test_an_empty_library_leaves_no_option(self):
        self.env["sfc.negotiation.option.template"].search([]).active = False
        self.assertEqual(self.deal._negotiation_gaps(), ["no fallback option"])

    def test_stage_gates_over_the_negotiation(self):
        """D11: floor and one option before negotiating, minutes before the contract; for many deals in a fixed number of queries."""
        deals = self.deal | self._deal(floor=False, name="Second")
        checks = deals._gate_checks()
        prepared = getattr(deals.sudo(), checks["negotiation_prepared"][1])
        minutes = getattr(deals.sudo(), checks["minutes_confirmed"][1])
        self.assertEqual({deal.name: gap for deal, gap in prepared(0).items()}, {
            "Test benches": "no fallback option", "Second": "no negotiation floor, no fallback option"})
        self.assertEqual(set(minutes(0).values()), {"no minutes of a negotiation"})
        negotiation = self._round()
        self.assertEqual(list(prepared(0)), deals[1].ids and [deals[1]])
        self.assertIn("not confirmed", minutes(0)[self.deal])
        self._talk(negotiation)
        negotiation.action_confirm()
        self.assertNotIn(self.deal, minutes(0))
        gates = self.env["sfc.stage.gate"]._handbook_gates()
        self.assertEqual({gates["won_prepared"].check, gates["won_minutes"].check}, {"negotiation_prepared", "minutes_confirmed"})

    # === CONFIRM === #

    def test_all_that_is_missing_is_said_at_once(self):
        """S4.6."""
        negotiation = self._round()
        lines = {line.topic: line for line in negotiation.line_ids}
        lines["price"].outcome = "agreed"
        negotiation.start = fields.Datetime.now() + timedelta(days=1)
        with self.assertRaises(UserError) as refused:
            negotiation.action_confirm()
        for part in ("who was there for the customer", "lies in the future", "Price is agreed", "Payment is open", "Delivery standard is open"):
            self.assertIn(part, str(refused.exception))
        self.assertNotIn("Breach", str(refused.exception), "what nobody talked about needs nothing")
        empty = self.env["sfc.negotiation"].with_user(self.rep).create({"lead_id": self.deal.id})
        with self.assertRaisesRegex(UserError, "at least one topic"):
            empty.action_confirm()

    def test_confirmed_minutes_are_noted_and_what_is_open_is_an_activity(self):
        """S4.6: once, on the deal, for whoever is responsible, until the due date."""
        self._collaborator(self.expert)
        negotiation = self._round()
        self._talk(negotiation)
        lines = {line.topic: line for line in negotiation.line_ids}
        lines["warranty"].write({"customer_position": "36 months", "responsible_id": self.expert.id, "due_date": "2030-02-01"})
        negotiation.action_confirm()
        self.assertEqual((negotiation.state, negotiation.confirmed_by_id), ("confirmed", self.rep))
        self.assertTrue(negotiation.confirmed_at and negotiation.start)
        self.assertEqual(negotiation.line_ids.mapped("topic"), ["price", "payment", "delivery", "warranty"], "nothing was said about the others")
        activities = self._activities(negotiation).sorted("date_deadline")
        self.assertEqual(activities.user_id, self.rep | self.expert)
        self.assertEqual(activities.mapped("date_deadline"), [fields.Date.to_date("2030-01-05"), fields.Date.to_date("2030-02-01")])
        self.assertEqual({(activity.res_model, activity.res_id) for activity in activities}, {("crm.lead", self.deal.id)})
        self.assertIn("Payment", activities[0].summary)
        self.assertIn("90 days &lt;net&gt;<br>", activities[0].note)
        with self.assertRaisesRegex(UserError, "confirmed or cancelled already"):
            negotiation.action_confirm()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            activities[0].copy({"sfc_negotiation_line_id": activities[0].sfc_negotiation_line_id.id}).flush_recordset()

    def test_confirmed_minutes_are_frozen_for_everybody(self):
        """S4.6: the round, its topics and its options; also for a sales manager."""
        negotiation = self._confirmed()
        for user in (self.rep, self.leader, self.manager):
            minutes = negotiation.with_user(user)
            attacks = [
                lambda minutes=minutes: minutes.write({"agreed_text": "something else"}),
                lambda minutes=minutes: minutes.write({"line_ids": [Command.clear()]}),
                lambda minutes=minutes: minutes.write({"state": "draft"}),
                lambda minutes=minutes: minutes.write({"attendee_ids": [Command.clear()]}),
                lambda minutes=minutes: minutes.line_ids[0].write({"result": "700"}),
                lambda minutes=minutes: minutes.line_ids[0].unlink(),
                lambda minutes=minutes: minutes.line_ids.create({"negotiation_id": minutes.id, "topic": "other", "result": "free spare parts"}),
                lambda minutes=minutes: minutes.option_ids[0].write({"description": "free"}),
                lambda minutes=minutes: minutes.option_ids[0].unlink(),
                lambda minutes=minutes: minutes.option_ids.create({"negotiation_id": minutes.id, "name": "another"}),
                lambda minutes=minutes: minutes.action_cancel("a mistake"),
            ]
            for place, attack in enumerate(attacks):
                with self.subTest(user=user.login, attack=place), self.assertRaises(UserError), self.env.cr.savepoint():
                    attack()
        with self.assertRaisesRegex(UserError, "Only drafts can be deleted"):
            negotiation.with_user(self.manager).unlink()
        self.deal.sudo().partner_id = self._company()
        self.assertEqual(negotiation.partner_id, self.customer, "whom it was confirmed with")
        negotiation.message_post(body="Talk goes on.")
        negotiation.activity_schedule("mail.mail_activity_data_todo", user_id=self.rep.id)

    def test_a_deal_with_confirmed_minutes_is_not_deleted(self):
        negotiation = self._confirmed()
        with self.assertRaisesRegex(UserError, negotiation.number):
            self.deal.with_user(self.manager).unlink()
        other = self._deal(name="Other")
        draft = self._round(other)
        other.with_user(self.manager).unlink()
        self.assertFalse(draft.exists())

    def test_a_topic_stays_in_its_round(self):
        """Nor does a topic or an option get into frozen minutes from a draft, or out of it."""
        confirmed, draft = self._confirmed(), self._round()
        for records in (draft.line_ids, draft.option_ids):
            with self.assertRaises(UserError):
                records[0].negotiation_id = confirmed
        with self.assertRaises(UserError):
            confirmed.line_ids[0].negotiation_id = draft

    def test_what_the_system_keeps_cannot_be_claimed(self):
        values = {"number": "JY1", "round": 7, "state": "confirmed", "confirmed_by_id": self.manager.id, "cancel_reason": "x"}
        rounds = self.env["sfc.negotiation"].with_user(self.rep)
        defaults = {f"default_{fname}": value for fname, value in values.items()}
        deal = {"lead_id": self.deal.id}
        for negotiation in (self._round(), rounds.create({**deal, **values}), rounds.with_context(**defaults).create(deal)):
            self.assertNotEqual((negotiation.number, negotiation.round), ("JY1", 7))
            self.assertEqual((negotiation.state, negotiation.confirmed_by_id, negotiation.cancel_reason), ("draft", self.env["res.users"], False))
            for fname, value in {**values, "lead_id": self._deal(name="Other").id}.items():
                with self.assertRaises(UserError):
                    negotiation.write({fname: value})
        option = self._round(self._deal(name="Third")).option_ids[0]
        with self.assertRaisesRegex(UserError, "by its button"):
            option.sale_order_id = self.proposal

    # === CANCEL, NEXT ROUND === #

    def test_a_round_is_cancelled_with_a_reason(self):
        negotiation = self._round()
        action = negotiation.action_cancel()
        wizard = self.env[action["res_model"]].with_user(self.rep).with_context(**action["context"]).create({"reason": "decided by phone"})
        wizard.action_apply()
        self.assertEqual((negotiation.state, negotiation.cancel_reason), ("cancelled", "decided by phone"))
        with self.assertRaises(UserError):
            negotiation.key_demands = "x"
        self.assertEqual(self._round().round, 2)

    def test_the_next_round_takes_up_what_is_open(self):
        """S4.6: open topics with positions, responsible and due; the activity of the last round is done when it is settled."""
        first = self._confirmed()
        first.option_ids[0].action_make_quotation()
        second = self.env["sfc.negotiation"].with_user(self.rep).browse(first.action_new_round()["res_id"])
        self.assertEqual(second.round, 2)
        self.assertEqual(second.line_ids.mapped("topic"), ["payment"])
        line = second.line_ids
        self.assertEqual((line.customer_position, line.responsible_id, line.due_date), ("90 days <net>", self.rep, fields.Date.to_date("2030-01-05")))
        self.assertEqual(line.sudo().previous_line_id, first.line_ids.filtered(lambda line: line.topic == "payment"))
        self.assertEqual((second.customer_attendee_ids, second.service_needs), (self.contact, "An answer within a day"))
        self.assertEqual(len(second.option_ids), 5, "the one that became a quotation is used")
        with self.assertRaisesRegex(UserError, "still a draft"):
            second.action_new_round()
        line.write({"outcome": "agreed", "result": "60 days"})
        [activity] = self._activities(first)
        self.assertTrue(activity.active)
        second.action_confirm()
        self.assertFalse(activity.active)
        self.assertIn(second.number, activity.feedback)
        self.assertFalse(self._activities(second))

    # === OPTION -> QUOTATION === #

    def test_an_option_becomes_a_quotation_once(self):
        """S4.3: a copy of what is negotiated about, unapproved, with the option's payment term."""
        negotiation = self._round()
        option = negotiation.option_ids.filtered(lambda option: option.kind == "instalments")
        option.payment_term_id = self.env.ref("account.account_payment_term_15days")
        action = option.action_make_quotation()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual((action["res_model"], order), ("sale.order", option.sale_order_id))
        self.assertEqual((order.opportunity_id, order.partner_id, order.amount_total), (self.deal, self.customer, 900))
        self.assertEqual(order.payment_term_id, option.payment_term_id)
        self.assertFalse(order.proposal_released)
        self.assertEqual(self.deal.current_proposal_id, order)
        self.assertIn(option.name, order.message_ids[0].body)
        self.assertNotIn(option.description, order.note or "", "the option is internal")
        self.assertEqual(option.action_make_quotation()["res_id"], order.id)
        bundle = negotiation.option_ids.filtered(lambda option: option.kind == "bundle")
        other = self.env["sale.order"].browse(bundle.action_make_quotation()["res_id"])
        self.assertNotEqual(other, order)
        self.assertEqual(other.payment_term_id, self.proposal.payment_term_id, "of what is negotiated about, not of the last option")

    def test_options_of_frozen_and_cancelled_rounds(self):
        """An option is taken up after the minutes too; not of a round that did not take place, nor without a proposal."""
        negotiation = self._confirmed()
        self.assertTrue(negotiation.option_ids[0].action_make_quotation()["res_id"])
        deal = self._deal(name="Without proposal")
        draft = self._round(deal)
        with self.assertRaisesRegex(UserError, "choose the proposal"):
            draft.option_ids[0].action_make_quotation()
        second = self._round()
        second.action_cancel("no need")
        with self.assertRaisesRegex(UserError, "takes place"):
            second.option_ids[0].action_make_quotation()

    # === PEOPLE === #

    def test_who_is_invited_is_told_once(self):
        """S4.4: managers and experts; who does not see the deal has to be a collaborator first."""
        negotiation = self._round()
        with self.assertRaisesRegex(UserError, "sfc_expert.*collaborator of the deal first"), self.env.cr.savepoint():
            negotiation.attendee_ids = self.rep | self.expert
        with self.assertRaisesRegex(UserError, "collaborator of the deal first"), self.env.cr.savepoint():
            negotiation.line_ids[0].responsible_id = self.other_rep
        with self.assertRaisesRegex(UserError, "collaborator of the deal first"), self.env.cr.savepoint():
            negotiation.user_id = self.other_rep
        self._collaborator(self.expert, "finance")
        told = self.env["mail.message"].search([("model", "=", "sfc.negotiation"), ("res_id", "=", negotiation.id)])
        negotiation.attendee_ids = self.rep | self.expert | self.manager
        negotiation.attendee_ids = self.rep | self.expert | self.manager
        new = self.env["mail.message"].search([("model", "=", "sfc.negotiation"), ("res_id", "=", negotiation.id)]) - told
        self.assertEqual(new.filtered("subject").partner_ids, self.expert.partner_id | self.manager.partner_id)
        self.assertEqual(len(new.filtered("subject")), 2)
        self.assertTrue(negotiation.with_user(self.expert).has_access("read"), "who sat at the table reads the minutes")

    def test_who_reads_and_who_writes(self):
        """S4.4, design.md section 8: owner, leader, manager, who leads the round; colleagues read by their role."""
        negotiation = self._round()
        option = negotiation.option_ids[0]
        technical, finance = self.expert, new_test_user(self.env, "sfc_finance", "base.group_user")
        self._collaborator(technical)
        self._collaborator(finance, "finance")
        self._collaborator(self.other_rep, "sales")
        stranger = new_test_user(self.env, "sfc_stranger", "sales_team.group_sale_salesman")
        legal = new_test_user(self.env, "sfc_lawyer", "sales_full_cycle.group_sfc_legal")
        legal_rep = new_test_user(self.env, "sfc_legal_rep", "sales_full_cycle.group_sfc_legal,sales_team.group_sale_salesman")

        def rights(user):
            return tuple(
                "".join(operation[0] for operation in ("read", "write") if record.with_user(user).has_access(operation))
                for record in (negotiation, negotiation.line_ids[0], option))

        self.assertEqual(rights(self.rep), ("rw", "rw", "rw"))
        self.assertEqual(rights(self.leader), ("rw", "rw", "rw"))
        self.assertEqual(rights(self.manager), ("rw", "rw", "rw"))
        self.assertEqual(rights(technical), ("r", "r", ""))
        self.assertEqual(rights(finance), ("", "", ""))
        self.assertEqual(rights(self.other_rep), ("r", "r", "r"))
        self.assertEqual(rights(stranger), ("", "", ""))
        self.assertEqual(rights(self.clerk), ("", "", ""))
        # legal reads the minutes of contracts that it was asked about
        self.assertEqual(rights(legal), ("", "", ""))
        self.assertEqual(rights(legal_rep), ("", "", ""))
        negotiation.user_id = self.other_rep
        self.assertEqual(rights(self.other_rep), ("rw", "rw", "rw"))
        for user in (technical, stranger, self.clerk, legal):
            for method in ("action_confirm", "action_cancel", "action_new_round", "action_schedule_meeting"):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(negotiation.with_user(user), method)()
            with self.assertRaises(AccessError):
                option.with_user(user).action_make_quotation()

    def test_nobody_starts_a_round_about_the_deal_of_another(self):
        """Leading the round oneself opens no door: neither a stranger nor a collaborator."""
        for role in (None, "sales"):
            if role:
                self._collaborator(self.other_rep, role)
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    self.deal.with_user(self.other_rep).action_new_negotiation()
                with self.assertRaises(AccessError):
                    self.env["sfc.negotiation"].with_user(self.other_rep).create({"lead_id": self.deal.id, "user_id": self.other_rep.id})
        self.assertEqual(self._round(user=self.leader).user_id, self.rep)

    def test_the_form_opens_for_those_who_read(self):
        """S0.12: colleagues without a sales role."""
        self._collaborator(self.expert)
        negotiation = self._round()
        form = Form(negotiation.with_user(self.expert))
        self.assertFalse(form.can_edit)
        self.assertTrue(Form(negotiation).can_edit)
        Form(self.deal.with_user(self.expert))
        action = self.deal.with_user(self.expert).action_open_negotiations()
        self.assertEqual(self.env["sfc.negotiation"].with_user(self.expert).search(action["domain"]), negotiation)
        self.assertEqual(self.proposal.action_open_negotiations()["domain"], action["domain"])

    # === MEETING === #

    def test_the_meeting_has_both_sides_and_its_date_is_the_rounds(self):
        """S4.4: scheduled from the round; moved in the calendar or on the round, both agree."""
        negotiation = self._round()
        negotiation.customer_attendee_ids = self.contact
        action = negotiation.action_schedule_meeting()
        form = Form(self.env["calendar.event"].with_user(self.rep).with_context(**action["context"]))
        form.start, form.stop, form.location = "2030-03-01 01:00:00", "2030-03-01 03:00:00", "Shanghai"
        event = form.save()
        self.assertEqual((event.sfc_negotiation_id, event.opportunity_id), (negotiation, self.deal))
        self.assertEqual(event.partner_ids, self.rep.partner_id | self.contact)
        self.assertEqual((negotiation.calendar_event_id, negotiation.location), (event, "Shanghai"))
        self.assertEqual(negotiation.start, fields.Datetime.to_datetime("2030-03-01 01:00:00"))
        self.assertEqual(negotiation.action_schedule_meeting()["res_id"], event.id)
        event.write({"start": "2030-03-02 01:00:00", "stop": "2030-03-02 03:00:00"})
        self.assertEqual(negotiation.start, fields.Datetime.to_datetime("2030-03-02 01:00:00"))
        negotiation.start = "2030-03-03 01:00:00"
        self.assertEqual((event.start, event.stop), tuple(map(fields.Datetime.to_datetime, ("2030-03-03 01:00:00", "2030-03-03 03:00:00"))))
        negotiation.attendee_ids = self.rep | self.manager
        self.assertIn(self.manager.partner_id, event.partner_ids)
        event.unlink()
        self.assertFalse(negotiation.calendar_event_id)

    def test_confirmed_minutes_do_not_move_with_a_meeting(self):
        negotiation = self._round()
        now = fields.Datetime.now().replace(microsecond=0)
        event = self.env["calendar.event"].with_user(self.rep).create({
            "name": "Talk", "start": now - timedelta(hours=2), "stop": now - timedelta(hours=1), "sfc_negotiation_id": negotiation.id})
        self._talk(negotiation)
        negotiation.action_confirm()
        event.start = now + timedelta(days=3)
        self.assertEqual(negotiation.start, now - timedelta(hours=2))
        with self.assertRaisesRegex(UserError, "stay as they are"):
            event.copy().sfc_negotiation_id = negotiation

    def test_a_stranger_plans_no_meeting(self):
        negotiation = self._round()
        with self.assertRaises(AccessError):
            self.env["calendar.event"].with_user(self.other_rep).create({
                "name": "x", "start": "2030-01-01", "stop": "2030-01-01", "sfc_negotiation_id": negotiation.id})

    # === THE DEAL === #

    def test_the_deal_says_what_is_next(self):
        """S0.3: negotiate while the decision is awaited, confirm the minutes, then ask for the decision."""
        self.assertEqual((self.deal.next_action, self.deal.next_button), ("negotiate", "Start a round"))
        negotiation = self.env["sfc.negotiation"].with_user(self.rep).browse(self.deal.action_next_thing()["res_id"])
        self.assertEqual((self.deal.next_action, self.deal.next_button), ("minutes", "Open the minutes"))
        self.assertIn("round 1", self.deal.next_thing)
        self.assertIn("Payment is open", self.deal.next_missing)
        self.assertEqual(self.deal.action_next_thing()["res_id"], negotiation.id)
        negotiation.start = fields.Datetime.now() + timedelta(days=2)
        self.assertIn("is on", self.deal.next_thing)
        negotiation.start = fields.Datetime.now() - timedelta(days=2)
        self._talk(negotiation)
        negotiation.action_confirm()
        self.assertEqual(self.deal.next_action, "negotiate")
        self.assertIn("Payment", self.deal.next_missing)
        self.proposal.decision_date = fields.Date.today()
        self.assertEqual(self.deal.next_action, "ask_decision")
        draft = self._round()
        self.assertEqual(self.deal.next_action, "minutes")
        self.proposal.action_confirm()
        self.assertEqual(self.deal.next_action, "win", "an open round blocks no deal that is won")
        self.assertEqual(draft.state, "draft")

    def test_the_deal_is_negotiating_while_there_is_a_round(self):
        """design.md section 4: a cancelled or deleted round is none."""
        self.assertEqual(self.deal.cycle_step, "proposed")
        negotiation = self._round()
        self.assertEqual(self.deal.cycle_step, "negotiating")
        negotiation.action_cancel("not needed")
        self.assertEqual(self.deal.cycle_step, "proposed")
        negotiation = self._round()
        self.assertEqual(self.deal.cycle_step, "negotiating")
        negotiation.with_user(self.manager).unlink()
        self.assertEqual(self.deal.cycle_step, "proposed")

    def test_an_open_round_follows_the_deal(self):
        """ahead 15: to the new owner, with what is open; not the one that a colleague leads, nor confirmed minutes."""
        first = self._confirmed()
        draft = self._round()
        self.deal.with_user(self.manager).user_id = self.other_rep
        self.assertEqual((draft.user_id, draft.attendee_ids, draft.line_ids.responsible_id), (self.other_rep, self.other_rep, self.other_rep))
        self.assertEqual((first.user_id, first.attendee_ids, first.line_ids.responsible_id), (self.rep, self.rep, self.rep))
        draft.with_user(self.manager).user_id = self.manager
        self.deal.with_user(self.manager).user_id = self.rep
        self.assertEqual(draft.user_id, self.manager)
        self.assertIn("sfc.negotiation", self.env["sfc.handover.engine"]._work_models())

    def test_the_handover_takes_activities_of_minutes_along(self):
        """ahead 15."""
        negotiation = self._confirmed()
        engine = self.env["sfc.handover.engine"]
        engine._hand_over(self.other_rep, engine._work_with(self.customer.with_env(self.env).sudo().env["sfc.customer.profile"].search([
            ("partner_id", "=", self.customer.id)])), "moved to the north")
        self.assertEqual(self.deal.user_id, self.other_rep)
        self.assertEqual(self._activities(negotiation).user_id, self.other_rep)

    def test_rounds_of_merged_deals_count_on(self):
        first = self._confirmed()
        other = self._deal(name="The same")
        second = self._round(other)
        deals = (self.deal | other).with_user(self.manager)
        merged = deals.merge_opportunity()
        self.assertEqual(set((first | second).lead_id), set(merged))
        self.assertEqual(sorted((first | second).mapped("round")), [1, 2])

    # === VIEWS === #

    def test_lists_and_filters(self):
        """screens.md: my open rounds first; at most ten columns; every filter can be used."""
        first = self._confirmed()
        draft = self._round()
        rounds = self.env["sfc.negotiation"].with_user(self.rep)
        arch, _view = rounds._get_view(self.env.ref("sales_full_cycle.sfc_negotiation_view_list").id, "list")
        self.assertLessEqual(len([node for node in arch.iterfind("field") if node.get("optional") is None]), 10)
        search, _view = rounds._get_view(self.env.ref("sales_full_cycle.sfc_negotiation_view_search").id, "search")
        domains = {node.get("name"): node.get("domain") for node in search.iter("filter") if node.get("domain")}
        found = {name: rounds.search(literal_eval(domain.replace("uid", str(self.rep.id)))) for name, domain in domains.items()}
        self.assertEqual(found["draft"], draft)
        self.assertEqual(found["open_items"], first)
        self.assertEqual(found["mine"], first | draft)
        self.assertEqual(found["my_team"], first | draft)
        self.assertEqual(found["this_week"], first)

    def test_managers_keep_the_library(self):
        """D15."""
        template = self.env["sfc.negotiation.option.template"]
        template.with_user(self.manager).create({"name": "Deferred payment"})
        self.assertEqual(len(self._round().option_ids), 7)
        with self.assertRaises(AccessError):
            template.with_user(self.leader).create({"name": "x"})
        plan = self.env.ref("sales_full_cycle.plan_negotiation")
        self.assertEqual(len(plan.template_ids), 7)

    def test_a_round_of_another_company_takes_its_own_options(self):
        """design.md section 8: options, numbers and rounds are those of the deal's company."""
        other = self.env["res.company"].create({"name": "Second company"})
        template = self.env["sfc.negotiation.option.template"]
        template.create([{"name": "Ours", "company_id": self.env.company.id}, {"name": "Theirs", "company_id": other.id}])
        self.manager.company_ids |= other
        deal = self.env["crm.lead"].create({
            "name": "Theirs", "type": "opportunity", "partner_id": self.customer.id, "company_id": other.id, "user_id": self.manager.id, "team_id": False})
        manager = deal.with_user(self.manager).with_context(allowed_company_ids=[self.env.company.id, other.id], sfc_gate_reason="no floor yet")
        theirs = self.env["sfc.negotiation"].browse(manager.action_new_negotiation()["res_id"])
        self.assertEqual(theirs.company_id, other)
        self.assertTrue(theirs.number.endswith("-0001"))
        self.assertIn("Theirs", theirs.option_ids.mapped("name"))
        self.assertNotIn("Ours", theirs.option_ids.mapped("name"))
        self.assertFalse(theirs.with_user(self.leader).has_access("read"))
