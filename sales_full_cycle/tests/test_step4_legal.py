import json
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.step4_contract.sfc_contract_approval import ORDER
from .test_step3_approval import ApprovalCase

LEGAL = "sales_full_cycle.group_sfc_legal"


class LegalCase(ApprovalCase):
    """Contracts of the salesperson `rep` from approved proposals; `legal` reviews them and has no other right."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.legal = new_test_user(cls.env, "sfc_legal", LEGAL, lang="en_US", email="legal@example.com")
        cls.env.ref(LEGAL).user_ids = [Command.set(cls.legal.ids)]
        cls.clauses_reason = cls.env.ref("sales_full_cycle.reason_refusal_clauses")
        cls.goods = cls.env.ref("sales_full_cycle.contract_type_goods")
        cls.env.ref("sales_full_cycle.approval_rule_contract_large").amount_from = 1_000_000
        cls.env.ref("sales_full_cycle.promise_legal_large").document_amount_from = 1_000_000

    @classmethod
    def _contract(cls, order=None, user=None, **values):
        """A draft with three clauses and one instalment, as the button of the proposal makes it for its author."""
        order = order or cls._approved()
        user = user or cls.rep
        return cls.env["sfc.contract"].with_user(user).sudo().create({
            "name": "Test benches", "type_id": cls.goods.id, "lead_id": cls.deal.id, "sale_order_id": order.id, "partner_id": cls.customer.id,
            "user_id": cls.rep.id, "date_start": "2026-01-01",
            "clause_ids": [Command.create(vals) for vals in (
                {"name": "Subject", "kind": "ours", "body": "Two test benches."}, {"name": "Price", "kind": "payment", "body": "As in the offer."},
                {"name": "Disputes", "kind": "other", "body": "Courts of the seller."})],
            "milestone_ids": [Command.create({"name": "All of it", "trigger": "signature", "percent": 100, "amount": order.amount_total})],
            **values}).sudo(False)

    @classmethod
    def _in_review(cls, **values):
        contract = cls._contract(**values)
        contract.action_submit_for_approval()
        return contract

    @classmethod
    def _answered(cls, contract, user=None):
        """The contract, its checklist answered by legal."""
        contract.check_ids.with_user(user or cls.legal).action_yes()
        return contract

    @classmethod
    def _reviewed(cls, **values):
        """Approved by legal."""
        contract = cls._answered(cls._in_review(**values))
        contract.with_user(cls.legal).action_approve_document()
        return contract

    @classmethod
    def _review_activities(cls, contract):
        return cls.env["mail.activity"].search([
            ("res_model", "=", "sfc.contract"), ("res_id", "=", contract.id), ("sfc_approval_id", "!=", False)])


@tagged("post_install", "-at_install")
class TestLegalReview(LegalCase):
    def test_legal_approves(self):
        """Submit, one activity for legal, judge, answer, approve: the contract may be sent (S4.7, R.2)."""
        contract = self._in_review()
        self.assertEqual((contract.state, contract.approval_state), ("legal_review", "pending"))
        self.assertEqual(self._review_activities(contract).user_id, self.legal)
        self.assertEqual(len(contract.check_ids), 14)
        self.assertEqual(contract.compliance_open, 14)
        mine = contract.with_user(self.legal)
        self.assertTrue(mine.approval_can_decide)
        mine.clause_ids[0].action_pass()
        self._answered(contract)
        mine.action_approve_document()
        self.assertEqual((contract.state, contract.approval_state, contract.compliance_open), ("approved", "approved", 0))
        self.assertTrue(contract._approval_is_current())
        self.assertEqual(contract.clause_ids.mapped("verdict"), ["pass"] * 3, "who approves lets pass what nobody objected to")
        self.assertEqual(contract.clause_ids.verdict_by_id, self.legal)
        self.assertFalse(self._review_activities(contract))

    def test_submission_gaps(self):
        """Only complete contracts come to legal, and all that is missing is said at once (S4.7)."""
        order = self._approved()
        contract = self._contract(order, clause_ids=[])
        order.with_user(self.rep).order_line.product_uom_qty = 3
        with self.assertRaises(UserError) as caught:
            contract.action_submit_for_approval()
        self.assertIn("no clauses", str(caught.exception))
        self.assertIn("not approved as it stands", str(caught.exception))
        contract = self._contract(clause_ids=[Command.create({"name": "Place", "body": "Delivered to {warehouse}."})])
        with self.assertRaisesRegex(UserError, "warehouse"):
            contract.action_submit_for_approval()
        self.patch(type(contract), "_payment_plan_gaps", lambda self: ["The instalments do not add up."])
        with self.assertRaisesRegex(UserError, "add up"):
            self._contract().action_submit_for_approval()

    def test_nothing_is_signed_without_a_rule(self):
        """Legal approval is a hard gate: a company without a rule is told to have one, nothing passes by itself (D11)."""
        self.env.ref("sales_full_cycle.approval_rule_contract").active = False
        with self.assertRaisesRegex(UserError, "No approval rule"):
            self._contract().action_submit_for_approval()

    def test_who_may_submit(self):
        """The salesperson submits and withdraws, not a colleague, not legal (S4.7)."""
        contract = self._contract()
        for user in (self.other_rep, self.legal, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).action_submit_for_approval()
        contract.action_submit_for_approval()
        with self.assertRaises(UserError):
            contract.action_submit_for_approval()
        for user in (self.other_rep, self.legal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).action_withdraw_approval()
        contract.action_withdraw_approval()
        self.assertEqual((contract.state, contract.approval_state), ("draft", "none"))
        self.assertFalse(self._review_activities(contract))

    def test_who_may_decide(self):
        """Reviewers alone decide: not the author, not a manager who was not asked, not who has no right at all (P1)."""
        contract = self._answered(self._in_review())
        for user in (self.rep, self.other_rep, self.leader, self.manager, self.clerk, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.approval_ids.with_user(user).action_approve()
            with self.subTest(user=user.login), self.assertRaises(UserError):
                contract.with_user(user).action_refuse_document()
        self.assertEqual(contract.state, "legal_review")

    def test_state_is_not_written(self):
        """Neither salesperson nor legal writes approval or status (P1)."""
        contract = self._in_review()
        for user, vals in ((self.rep, {"approval_state": "approved"}), (self.legal, {"approval_state": "approved"}), (self.legal, {"name": "Mine"})):
            with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                contract.with_user(user).write(vals)

    def test_verdicts_block(self):
        """Objections, open points and a no without remark: all in one message; a remark settles a no (D16)."""
        contract = self._in_review()
        mine = contract.with_user(self.legal)
        mine.clause_ids[1].action_ask_change()
        mine.clause_ids[2].action_reject()
        mine.check_ids[1:].action_yes()
        mine.check_ids[1].action_no()
        with self.assertRaises(UserError) as caught:
            mine.action_approve_document()
        for words in ("Price", "Change", "Disputes", "Reject", mine.check_ids[0].name, f"{mine.check_ids[1].name}”: no needs a remark"):
            self.assertIn(words, str(caught.exception))
        self.assertEqual(contract.state, "legal_review")
        mine.check_ids[0].action_not_applicable()
        mine.check_ids[1].remark = "   "
        with self.assertRaisesRegex(UserError, "needs a remark"):
            mine.action_approve_document()
        mine.check_ids[1].remark = "Insured instead"
        mine.clause_ids.action_pass()
        mine.action_approve_document()
        self.assertEqual(contract.state, "approved")

    def test_returned_with_comments(self):
        """Return with comments: reason, the comments of the clauses in the note, told to the salesperson; the contract is a draft again (S4.7)."""
        contract = self._in_review()
        mine = contract.with_user(self.legal)
        mine.clause_ids[2].action_reject()
        dialog = mine.action_refuse_document()
        wizard = self.env["sfc.approval.refusal"].with_user(self.legal).with_context(**dialog["context"]).create({"reason_id": self.clauses_reason.id})
        with self.assertRaisesRegex(UserError, "write a comment"):
            wizard.action_apply()
        mine.clause_ids[2].comment = "Arbitration in Shanghai, please"
        mine.clause_ids[0].write({"verdict": "pass", "comment": "Fine"})
        dialog = mine.action_refuse_document()
        form = Form(self.env["sfc.approval.refusal"].with_user(self.legal).with_context(**dialog["context"]))
        self.assertEqual(form.reason_id, self.clauses_reason)
        self.assertIn("Arbitration in Shanghai", form.note)
        form.note = f"See below.\n{form.note}"
        form.save().action_apply()
        self.assertEqual((contract.state, contract.approval_state), ("draft", "refused"))
        self.assertEqual(contract.approval_ids.note.count("Arbitration in Shanghai"), 1)
        message = contract.message_ids[0]
        self.assertIn("Arbitration in Shanghai", message.body)
        self.assertIn(self.rep.partner_id, message.partner_ids)

    def test_comments_are_collected_by_the_server(self):
        """Also who refuses by API, or elsewhere, sends the comments along (S4.7)."""
        contract = self._in_review()
        contract.clause_ids[0].with_user(self.legal).write({"verdict": "change", "comment": "Three benches"})
        contract.approval_ids.with_user(self.legal).action_refuse(self.clauses_reason, "Please revise")
        self.assertEqual(contract.approval_ids.note, "Please revise\nSubject (Change): Three benches")

    def test_second_round(self):
        """Changed clauses are judged anew, the others keep their verdict, answers stay; the version counts (S4.7)."""
        contract = self._in_review()
        mine = contract.with_user(self.legal)
        mine.clause_ids[:2].action_pass()
        mine.clause_ids[2].write({"verdict": "change", "comment": "Arbitration"})
        mine.check_ids[:5].action_yes()
        contract.approval_ids.with_user(self.legal).action_refuse(self.clauses_reason)
        contract.clause_ids[1].body = "As in the offer, plus freight."
        contract.clause_ids[2].body = "Arbitration in Shanghai."
        self.assertEqual(contract.clause_ids[2].comment, "Arbitration", "the salesperson reads what was asked until the next submission")
        contract.action_submit_for_approval()
        self.assertEqual(contract.clause_ids.mapped("verdict"), ["pass", False, False])
        self.assertEqual((contract.clause_ids[2].comment, contract.clause_ids[2].previous_comment), (False, "Arbitration"))
        self.assertEqual(len(contract.check_ids), 14)
        self.assertEqual(contract.compliance_open, 9)
        pending = self._pending(contract)
        self.assertEqual(pending.submission, 2)
        self.assertIn("plus freight", str(pending.with_user(self.legal).difference))
        self._answered(contract)
        mine.action_approve_document()
        self.assertEqual(contract.state, "approved")

    def test_an_objection_that_was_not_met_stays(self):
        """A clause that comes back unchanged keeps its objection: legal takes it back or returns the contract again (S4.7)."""
        contract = self._in_review()
        contract.clause_ids[0].with_user(self.legal).write({"verdict": "change", "comment": "Three benches"})
        contract.approval_ids.with_user(self.legal).action_refuse(self.clauses_reason)
        contract.action_submit_for_approval()
        self.assertEqual(contract.clause_ids[0].verdict, "change")
        self._answered(contract)
        with self.assertRaisesRegex(UserError, "Subject"):
            contract.with_user(self.legal).action_approve_document()

    def test_verdicts_are_the_reviewers(self):
        """Neither salesperson nor manager judges clauses or answers the checklist, nor legal outside a review; nobody claims somebody else's name (P1)."""
        contract = self._contract()
        with self.assertRaises(UserError):
            contract.clause_ids[0].with_user(self.legal).verdict = "pass"
        contract.action_submit_for_approval()
        for user in (self.rep, self.leader, self.manager):
            for record, vals in (
                    (contract.clause_ids[0], {"verdict": "pass"}), (contract.clause_ids[0], {"comment": "Fine"}), (contract.check_ids[0], {"answer": "yes"}),
                    (contract.check_ids[0], {"remark": "Fine"})):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(AccessError):
                    record.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            contract.with_user(self.rep).write({"clause_ids": [Command.update(contract.clause_ids[0].id, {"verdict": "pass"})]})
        with self.assertRaises(UserError):
            contract.with_user(self.rep).write({"clause_ids": [Command.create({"name": "More", "body": "More", "verdict": "pass"})]})
        mine = contract.with_user(self.legal)
        for record, vals in (
                (mine.clause_ids[0], {"verdict_by_id": self.manager.id}), (mine.clause_ids[0], {"previous_comment": "x"}),
                (mine.check_ids[0], {"answered_by_id": self.manager.id}), (mine.check_ids[0], {"contract_id": contract.id})):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                record.write(vals)
        mine.clause_ids[0].action_pass()
        self._answered(contract)
        self.assertEqual(contract.check_ids.answered_by_id, self.legal)
        mine.action_approve_document()
        for record, vals in ((mine.clause_ids[0], {"verdict": "reject"}), (mine.check_ids[0], {"answer": "no"})):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.write(vals)

    def test_legal_does_not_write_the_contract(self):
        """Legal judges the words and does not rewrite them; the checklist neither grows nor shrinks by hand (S4.7)."""
        contract = self._in_review()
        mine = contract.with_user(self.legal)
        for vals in ({"body": "Nothing."}, {"name": "Other"}, {"kind": "other"}, {"verdict": "pass", "body": "Nothing."}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                mine.clause_ids[0].write(vals)
        with self.assertRaises(AccessError):
            self.env["sfc.contract.clause"].with_user(self.legal).create({"contract_id": contract.id, "name": "New", "body": "New"})
        with self.assertRaises(AccessError):
            mine.clause_ids[0].unlink()
        with self.assertRaises(AccessError):
            mine.check_ids[0].unlink()
        with self.assertRaises(UserError):
            self.env["sfc.contract.check"].with_user(self.rep).create({
                "contract_id": contract.id, "item_id": self.env.ref("sales_full_cycle.compliance_tax").id})

    def test_author_with_the_legal_group(self):
        """Four eyes: who wrote the contract does not review it, also with the group; the managers do (P1)."""
        self.rep.group_ids |= self.env.ref(LEGAL)
        self.env.ref(LEGAL).user_ids = [Command.set(self.rep.ids)]
        contract = self._in_review()
        self.assertEqual(self._pending(contract).reviewer_ids, self.manager)
        with self.assertRaises(AccessError):
            contract.clause_ids[0].with_user(self.rep).action_pass()
        self._answered(contract, self.manager)
        contract.with_user(self.manager).action_approve_document()
        self.assertEqual(contract.state, "approved")


@tagged("post_install", "-at_install")
class TestLegalContent(LegalCase):
    def _assert_outdated(self, change, words=None):
        """After approval, and while it waits."""
        contract = self._reviewed()
        change(contract)
        self.assertEqual((contract.approval_state, contract.state), ("outdated", "draft"))
        self.assertFalse(contract._approval_is_current())
        if words:
            self.assertIn(words, str(contract.approval_difference))
        contract = self._in_review()
        change(contract)
        self.assertEqual((contract.approval_state, contract.state), ("outdated", "draft"))
        self.assertFalse(self._review_activities(contract))
        with self.assertRaises(UserError):
            contract.with_user(self.legal).action_approve_document()

    def test_clauses(self):
        """Every change of a clause makes the approval out of date (S4.7, P1)."""
        def rewrite(contract):
            contract.clause_ids[0].with_user(self.rep).body = "Three test benches."

        self._assert_outdated(rewrite, "Three test benches.")
        self._assert_outdated(lambda contract: contract.clause_ids[0].with_user(self.rep).unlink(), "Two test benches.")
        more = [Command.create({"name": "More", "body": "Gifts."})]
        self._assert_outdated(lambda contract: contract.with_user(self.rep).write({"clause_ids": more}), "Gifts.")
        self._assert_outdated(lambda contract: contract.clause_ids[0].with_user(self.rep).write({"sequence": 99}), "Order of the lines")

    def test_head(self):
        self._assert_outdated(lambda contract: contract.with_user(self.rep).write({"date_end": "2030-01-01"}), "2030")

    def test_payment_plan(self):
        def split(contract):
            contract.milestone_ids.write({"percent": 50, "amount": contract.amount_total / 2})
            contract.milestone_ids.copy({"contract_id": contract.id})

        self._assert_outdated(split)
        self._assert_outdated(lambda contract: contract.milestone_ids.write({"due_days": 90}), "90")
        self._assert_outdated(lambda contract: contract.milestone_ids.unlink())

    def test_order(self):
        """A change of the order changes the contract, told in the words of the order (S4.7, S3.11)."""
        self._assert_outdated(lambda contract: contract.sale_order_id.order_line.with_user(self.rep).write({"product_uom_qty": 3}), "Quantity")
        self._assert_outdated(lambda contract: contract.sale_order_id.with_user(self.rep).write({"note": "Without warranty"}), "Without warranty")

    def test_verdicts_are_no_content(self):
        contract = self._in_review()
        contract.clause_ids.with_user(self.legal).write({"verdict": "pass", "comment": "Fine"})
        self.assertEqual(contract.approval_state, "pending")

    def test_changed_back(self):
        """The very words that were approved are approved: no second review (S4.7)."""
        contract = self._reviewed()
        words = contract.clause_ids[0].body
        contract.clause_ids[0].with_user(self.rep).body = "Three."
        contract.clause_ids[0].with_user(self.rep).body = words
        self.assertEqual((contract.approval_state, contract.state), ("approved", "approved"))

    def test_what_is_signed_stands(self):
        """After the signature the approval is history: invoices and deliveries do not make it out of date (P8)."""
        contract = self._reviewed()
        contract.sudo()._move("signed")
        contract.milestone_ids.sudo().due_days = 30
        contract.sudo().user_id = self.other_rep
        self.assertEqual((contract.approval_state, contract.state), ("approved", "signed"))

    def test_cancelled(self):
        """Nobody reviews what was cancelled (P2)."""
        contract = self._in_review()
        contract.sudo()._move("cancelled")
        self.assertFalse(self._review_activities(contract))
        self.assertEqual((contract.approval_ids.state, contract.approval_state), ("withdrawn", "none"))

    def test_content(self):
        """Head, clauses, instalments and the order; nothing of the floor (S4.7, ahead 5)."""
        contract = self._contract()
        if "floor" in self.env["sfc.approval.rule"]._fields["kind"].get_values(self.env):
            self.env["sfc.negotiation.floor"].sudo().create({"lead_id": self.deal.id})
        content = contract._approval_canonical()
        for key in ("partner_id", "type_id", "date_start", "amount_total", "clause_ids", "milestone_ids", f"{ORDER}order_line", f"{ORDER}amount_total"):
            self.assertIn(key, content)
        self.assertFalse([key for key in content if "floor" in key])
        self.assertNotIn("floor", json.dumps(content))


@tagged("post_install", "-at_install")
class TestLegalRules(LegalCase):
    def test_large_contract(self):
        """From the amount of D10 on the sales manager approves after legal, and legal has more time (D9)."""
        self.large_rule.active = False
        contract = self._answered(self._in_review(order=self._approved(quantity=1500)))
        self.assertEqual(contract.approval_ids.sorted("rank").mapped("state"), ["pending", "waiting"])
        self.assertEqual(self._pending(contract).sla_clock_ids.key, "legal_large")
        contract.with_user(self.legal).action_approve_document()
        self.assertEqual(contract.state, "legal_review")
        self.assertEqual(self._pending(contract).reviewer_ids, self.manager)
        self.assertFalse(self._pending(contract).sla_clock_ids, "the promise is legal's")
        contract.with_user(self.manager).action_approve_document()
        self.assertEqual(contract.state, "approved")

    def test_large_contract_refused_by_the_manager(self):
        self.large_rule.active = False
        contract = self._answered(self._in_review(order=self._approved(quantity=1500)))
        contract.with_user(self.legal).action_approve_document()
        contract.approval_ids.filtered(lambda approval: approval.state == "pending").with_user(self.manager).action_refuse(self.price_reason, "Margin")
        self.assertEqual((contract.state, contract.approval_state), ("draft", "refused"))

    def test_promise(self):
        """16 working hours; late: another legal reviewer is told, then the manager; stopped by the decision (D9)."""
        contract = self._in_review()
        clock = self._pending(contract).sla_clock_ids
        self.assertEqual((clock.key, clock.user_id), ("legal", self.legal))
        self.assertEqual(clock._recipient("legal"), self.manager, "the only legal reviewer is not told about himself")
        second = new_test_user(self.env, "sfc_legal2", LEGAL)
        self.assertEqual(clock._recipient("legal"), second)
        self._let_time_pass(clock, days=30)
        late = self.env["mail.activity"].search([("sfc_clock_id", "=", clock.id)])
        self.assertEqual(late.user_id, second)
        self._answered(contract).with_user(self.legal).action_approve_document()
        self.assertTrue(clock.stopped_at)

    def test_reviewers_by_type(self):
        """A rule may be for some contract types only (S4.7)."""
        expert = new_test_user(self.env, "sfc_legal_software", LEGAL)
        software = self.env.ref("sales_full_cycle.contract_type_software")
        usual = self.env.ref("sales_full_cycle.approval_rule_contract")
        usual.contract_type_ids = self.goods
        rule = usual.copy({"name": "Software", "reviewer_kind": "user", "reviewer_user_id": expert.id, "contract_type_ids": [Command.set(software.ids)]})
        self.assertIn(software.name, rule.condition)
        self.env.ref(LEGAL).user_ids = [Command.set(self.legal.ids)]
        expert.group_ids |= self.env.ref(LEGAL)
        usual.write({"reviewer_kind": "user", "reviewer_user_id": self.legal.id})
        self.assertEqual(self._pending(self._in_review()).reviewer_ids, self.legal)
        self.assertEqual(self._pending(self._in_review(type_id=software.id)).reviewer_ids, expert)

    def test_absent_legal(self):
        """Who is away is represented, also by a salesperson: he may judge and answer as long as it waits for him, and write nothing else (P2)."""
        self.legal.write({"approval_delegate_id": self.other_rep.id, "approval_absent_until": fields.Date.today() + timedelta(days=3)})
        contract = self._in_review()
        self.assertEqual(self._pending(contract).reviewer_ids, self.other_rep)
        theirs = contract.with_user(self.other_rep)
        theirs.clause_ids[0].action_pass()
        with self.assertRaises(AccessError):
            theirs.clause_ids[0].body = "Nothing."
        with self.assertRaises(AccessError):
            theirs.name = "Mine"
        self._answered(contract, self.other_rep)
        theirs.action_approve_document()
        self.assertEqual(contract.state, "approved")

    def test_no_legal_reviewer(self):
        """Without anybody in legal the sales managers review: nothing waits for nobody (P2)."""
        self.env.ref(LEGAL).user_ids = [Command.clear()]
        self.assertEqual(self._pending(self._in_review()).reviewer_ids, self.manager)

    def test_compliance_items_by_type(self):
        """Points may be for some contract types, or for another company; new ones come with the next submission (D16)."""
        software = self.env.ref("sales_full_cycle.contract_type_software")
        Item = self.env["sfc.compliance.item"]
        for_software, everywhere, elsewhere = Item.create([
            {"name": "Source code", "type_ids": [Command.set(software.ids)]}, {"name": "Export control"},
            {"name": "Other company", "company_id": self.env["res.company"].create({"name": "Other"}).id}])
        contract = self._in_review()
        self.assertIn(everywhere, contract.check_ids.item_id)
        self.assertNotIn(for_software, contract.check_ids.item_id)
        self.assertNotIn(elsewhere, contract.check_ids.item_id)
        contract.action_withdraw_approval()
        later = Item.create({"name": "Sanctions"})
        contract.action_submit_for_approval()
        self.assertIn(later, contract.check_ids.item_id)

    def test_compliance_item_in_use(self):
        """What was answered is not given another meaning; a point that nobody answered yet may be corrected (D16)."""
        item, unused = self.env["sfc.compliance.item"].with_user(self.legal).create([{"name": "Export control"}, {"name": "Sanctons"}])
        unused.sudo().active = False
        self._in_review()
        with self.assertRaisesRegex(UserError, "archive"):
            item.name = "Import control"
        item.active = False
        unused.name = "Sanctions"

    def _amendment(self):
        contract = self._reviewed()
        contract.sudo()._move("signed")
        return self._contract(
            self._approved(), parent_id=contract.id, type_id=self.env.ref("sales_full_cycle.contract_type_amendment").id)

    def test_amendment(self):
        """Amendments have a rule of their own (D10)."""
        amendment = self._amendment()
        amendment.action_submit_for_approval()
        self.assertEqual((amendment.approval_ids.kind, amendment.state), ("amendment", "legal_review"))

    def test_amendment_of_dates_may_skip_legal(self):
        """Only where the company says so, only for dates and contacts, and it is said on the amendment; a change of more asks legal (D10)."""
        amendment = self._amendment()
        only_dates = True
        self.patch(type(amendment), "_changes_only_dates", lambda self: only_dates)
        self.env.company.amendment_skip_legal = True
        with self.assertRaises(AccessError):
            amendment.with_user(self.legal).action_submit_for_approval()
        amendment.action_submit_for_approval()
        self.assertEqual((amendment.state, amendment.approval_state), ("approved", "approved"))
        self.assertTrue(amendment._approval_is_current())
        self.assertFalse(amendment.approval_ids)
        self.assertIn("without legal review", amendment.message_ids[0].body)
        amendment.clause_ids[0].body = "Three test benches."
        only_dates = False
        self.assertEqual(amendment.state, "draft")
        amendment.action_submit_for_approval()
        self.assertEqual(amendment.state, "legal_review")

    def test_amendment_as_its_button_makes_it(self):
        """An amendment without order and with the words of the library changes dates only; items make it legal's (D10, P8)."""
        contract = self._reviewed()
        contract.sudo()._move("signed")
        self.env.company.amendment_skip_legal = True
        amendment = self.env["sfc.contract"].with_user(self.rep).browse(contract.action_new_amendment()["res_id"])
        amendment.date_end = "2030-01-01"
        amendment.action_submit_for_approval()
        self.assertEqual((amendment.state, amendment._approval_is_current()), ("approved", True))
        amendment.clause_ids[0].source = "And a gift."
        self.assertEqual((amendment.state, amendment.approval_state), ("draft", "outdated"))
        amendment.action_submit_for_approval()
        self.assertEqual((amendment.state, amendment.approval_ids.kind), ("legal_review", "amendment"))

    def test_skipping_is_off_by_default(self):
        amendment = self._amendment()
        self.patch(type(amendment), "_changes_only_dates", lambda self: True)
        amendment.action_submit_for_approval()
        self.assertEqual(amendment.state, "legal_review")

    def test_a_contract_never_skips_legal(self):
        contract = self._contract()
        self.patch(type(contract), "_changes_only_dates", lambda self: True)
        self.env.company.amendment_skip_legal = True
        contract.action_submit_for_approval()
        self.assertEqual(contract.state, "legal_review")

    def test_submissions_in_one_go(self):
        """The checklist of several contracts costs the same queries as that of one."""
        def count(contracts):
            contracts.sudo()._make_checks()
            contracts.check_ids.sudo().unlink()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            contracts.sudo()._make_checks()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        one = self._contract()
        some = self.env["sfc.contract"].union(*(self._contract() for _number in range(4)))
        self.assertLessEqual(count(some), count(one) + 1)


@tagged("post_install", "-at_install")
class TestLegalUser(LegalCase, HttpCase):
    """A user with nothing but the group does the whole job (R.2)."""

    def test_job_from_the_activity_menu(self):
        """Activity, contract, verdicts, checklist, question, decision: all with that one group."""
        contract = self._in_review()
        groups = self.env["res.users"].with_user(self.legal)._get_activity_groups()
        self.assertEqual([group["total_count"] for group in groups if group["model"] == "sfc.contract"], [1])
        activity = self._review_activities(contract).with_user(self.legal)
        self.assertEqual(activity.activity_category, "sfc_approval")
        approval = activity.sfc_approval_id
        question = approval.action_open_question()
        self.env["sfc.approval.question"].with_user(self.legal).with_context(**question["context"]).create({"question": "Who signs?"}).action_apply()
        self.assertIn("Who signs?", contract.message_ids[0].body)
        contract.with_user(self.legal).message_post(body="I look at it today.")
        contract.clause_ids[0].with_user(self.legal).write({"verdict": "change", "comment": "Three"})
        dialog = approval.action_open_refusal()
        self.env["sfc.approval.refusal"].with_user(self.legal).with_context(**dialog["context"]).create({}).action_apply()
        self.assertEqual((contract.state, contract.approval_state), ("draft", "refused"))
        contract.clause_ids[0].body = "Three test benches."
        contract.action_submit_for_approval()
        activity = self._review_activities(contract).with_user(self.legal)
        contract.with_user(self.legal).action_pass_rest()
        self._answered(contract)
        activity.sfc_approval_id.action_approve()
        self.assertEqual(contract.state, "approved")

    def test_what_legal_sees(self):
        """Contracts from their first submission on; no draft that nobody submitted, no pipeline, no order, no floor (R.2, S4.2)."""
        contract = self._contract()
        mine = contract.with_user(self.legal)
        self.assertFalse(mine.has_access("read"))
        self.assertNotIn(contract, self.env["sfc.contract"].with_user(self.legal).search([]))
        contract.action_submit_for_approval()
        self.assertTrue(mine.has_access("read"))
        for records in (mine.clause_ids, mine.check_ids, mine.milestone_ids, mine.approval_ids, mine.approval_ids.sla_clock_ids):
            self.assertTrue(records, records)
            records.check_access("read")
        self.assertIn("Test bench", mine.order_text)
        contract.approval_ids.with_user(self.legal).action_refuse(self.clauses_reason)
        self.assertTrue(mine.has_access("read"), "what was returned can still be looked at")
        for model in ("crm.lead", "sale.order", "sale.order.line", "sfc.negotiation.floor", "sfc.negotiation.option", "sfc.evaluation"):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.legal).has_access("read"))
        proposal = self._submitted()
        self.assertFalse(proposal.approval_ids.with_user(self.legal).has_access("read"))

    def test_other_companies(self):
        """Contracts of companies that legal does not work for stay away."""
        contract = self._in_review()
        other = self.env["res.company"].create({"name": "Other"})
        self.legal.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(contract.with_user(self.legal).has_access("read"))
        self.assertFalse(contract.approval_ids.with_user(self.legal).has_access("read"))
        self.assertFalse(contract.check_ids[:1].with_user(self.legal).has_access("read"))

    def test_minutes(self):
        """Confirmed minutes of deals whose contract came to legal, no other (S4.6, R.2)."""
        minutes = self.env["sfc.negotiation"].sudo().create({"lead_id": self.deal.id, "user_id": self.rep.id})
        minutes.flush_recordset()
        mine = minutes.with_user(self.legal)
        contract = self._contract()
        self.env.cr.execute("UPDATE sfc_negotiation SET state = 'confirmed' WHERE id = %s", (minutes.id,))
        minutes.invalidate_recordset()
        self.assertFalse(mine.has_access("read"))
        contract.action_submit_for_approval()
        self.assertTrue(mine.has_access("read"))
        self.env.cr.execute("UPDATE sfc_negotiation SET state = 'draft' WHERE id = %s", (minutes.id,))
        minutes.invalidate_recordset()
        self.assertFalse(mine.has_access("read"))

    def test_menus(self):
        """My reviews and the contracts; no pipeline (R.2)."""
        menus = self.env["ir.ui.menu"].with_user(self.legal).search([("parent_id", "child_of", self.env.ref("sales_full_cycle.menu_root").id)])
        ids = {name: self.env.ref(f"sales_full_cycle.{name}") for name in ("menu_my_reviews", "menu_contracts", "menu_step3", "menu_step1", "menu_overview")}
        shown = self.env["ir.ui.menu"].with_user(self.legal)._visible_menu_ids()
        self.assertEqual(
            {name: menu.id in shown for name, menu in ids.items()},
            {"menu_my_reviews": True, "menu_contracts": True, "menu_step3": False, "menu_step1": False, "menu_overview": False})
        self.assertTrue(menus)

    def test_my_reviews(self):
        """The list has what the decision needs, first what is due first; a click opens the contract (screens.md)."""
        contract = self._in_review()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.sfc_approval_action_reviews")
        approvals = self.env["sfc.approval"].with_user(self.legal)
        views = approvals.get_views([*action["views"], (action["search_view_id"][0], "search")])
        self.assertIn('action="action_open_document"', views["views"]["list"]["arch"])
        [row] = approvals.search_read(
            [("contract_id", "!=", False), ("can_decide", "=", True)],
            ["sla_time_left", "document_name", "partner_id", "amount", "contract_type_id", "submission", "user_id", "compliance_open"])
        self.assertEqual((row["contract_type_id"][0], row["submission"], row["user_id"][0]), (self.goods.id, 1, self.rep.id))
        self.assertEqual((row["compliance_open"], row["amount"]), (14, contract.amount_total))
        self.assertTrue(row["sla_time_left"])
        self.assertEqual(approvals.browse(row["id"]).action_open_document()["res_model"], "sfc.contract")

    def _rpc(self, model, method, *args, **kwargs):
        reply = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}", headers={"Content-Type": "application/json"},
            data=json.dumps({"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}})).json()
        return reply.get("result"), reply.get("error", {}).get("data", {}).get("name")

    def _specification(self, view, model):
        """What the browser reads for a form: its fields, and those of its lists."""
        fields_of = {name: list(info["fields"]) for name, info in view["models"].items()}
        relations = {name: info.get("relation") for name, info in view["models"][model]["fields"].items()}
        types = {name: info["type"] for name, info in view["models"][model]["fields"].items()}
        specification = {}
        for name in fields_of[model]:
            if types[name] in ("one2many", "many2many"):
                lines = fields_of.get(relations[name], [])
                specification[name] = {"fields": {
                    line: {} for line in lines if view["models"][relations[name]]["fields"][line]["type"] not in ("one2many", "many2many")}}
            elif types[name] == "many2one":
                specification[name] = {"fields": {"display_name": {}}}
            else:
                specification[name] = {}
        return specification

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_browser(self):
        """The contract's form opens with all that it shows; deal, order and floor are refused over the wire (R.2)."""
        contract = self._in_review()
        self.authenticate("sfc_legal", "sfc_legal")
        for model, record in (("sfc.contract", contract), ("sfc.approval", contract.approval_ids)):
            views, error = self._rpc(model, "get_views", views=[[False, view] for view in ("form", "list", "kanban", "search")], options={})
            self.assertFalse(error, model)
            rows, error = self._rpc(model, "web_read", record.ids, specification=self._specification(views, model))
            self.assertFalse(error, model)
            self.assertEqual(rows[0]["id"], record.id)
        for model, record in (
                ("crm.lead", self.deal), ("sale.order", contract.sale_order_id), ("sale.order.line", contract.sale_order_id.order_line)):
            with self.subTest(model=model):
                self.assertEqual(self._rpc(model, "read", record.ids, ["display_name"])[1], "odoo.exceptions.AccessError")
        self.assertEqual(self._rpc("sfc.negotiation.floor", "search_read", [], [])[1], "odoo.exceptions.AccessError")
        self.assertEqual(self._rpc("sfc.contract.clause", "write", contract.clause_ids[0].ids, {"body": "x"})[1], "odoo.exceptions.AccessError")
        self.assertFalse(self._rpc("sfc.contract.clause", "action_pass", contract.clause_ids[0].ids)[1])
        self.assertEqual(contract.clause_ids[0].verdict, "pass")

    def test_forms_of_others(self):
        """The form with the review opens for everybody who may read the contract."""
        contract = self._reviewed()
        for user in (self.rep, self.leader, self.manager, new_test_user(self.env, "sfc_finance", "account.group_account_invoice")):
            with self.subTest(user=user.login):
                Form(contract.with_user(user))
        Form(contract.with_user(self.legal))
