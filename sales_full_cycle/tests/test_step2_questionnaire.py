import re

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_step2_decision_chain import ChainCase


class QuestionnaireCase(ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("sales_full_cycle.survey_needs")
        cls.questions = {
            name: cls.env.ref(f"sales_full_cycle.survey_needs_{name}")
            for name in ("function", "scope", "service", "budget", "date", "process", "competitors", "concern")}

    def _asked(self, document, *contacts):
        """The answers that an invitation makes, sent by the salesperson."""
        before = self.env["survey.user_input"].sudo().search([])
        wizard = self._wizard(document)
        wizard.partner_ids = self.env["res.partner"].union(*contacts)
        wizard.action_send()
        return self.env["survey.user_input"].sudo().search([]) - before

    def _wizard(self, document, user=None):
        document = document.with_user(user or self.rep)
        context = document.action_send_questionnaire()["context"]
        return self.env["sfc.need.invite"].with_user(user or self.rep).with_context(**context).create({})

    def _answer(self, answer, **texts):
        """What the respondent's browser sends, by question; the page's controller does just this."""
        answer = answer.with_user(self.env.ref("base.public_user")).sudo()
        answer._mark_in_progress()
        for name, question in self.questions.items():
            value, comment = texts.get(name, ""), None
            if isinstance(value, tuple):
                value, comment = value
            answer._save_lines(question.sudo(), value, comment)
        answer._mark_done()

    def _answer_all(self, answer, **more):
        tender = str(self.env.ref("sales_full_cycle.survey_needs_process_tender").id)
        self._answer(answer, **{
            "function": "Manual planning is late\nMust plan by the hour", "scope": "12 benches", "service": "Training", "budget": "480000",
            "date": "2026-06-30", "process": (tender, "IT evaluates, the board decides"), "competitors": "Siemens", "concern": "The date", **more})

    def _confirm(self, document, user=None):
        """The dialog that the button opens."""
        action = document.with_user(user or self.rep).action_confirm_answers()
        return self.env[action["res_model"]].with_user(user or self.rep).browse(action["res_id"])

    def _activities(self, document):
        return self.env["mail.activity"].sudo().search([("res_model", "=", document._name), ("res_id", "=", document.id), ("sfc_answer_id", "!=", False)])


@tagged("post_install", "-at_install")
class TestSending(QuestionnaireCase):
    """S2.7: the questionnaire is sent by a salesperson who has no right on surveys."""

    def test_it_is_shipped_as_one_page_by_invitation(self):
        """D8: eight questions on one page, no login, no public access."""
        self.assertRecordValues(self.survey, [{
            "access_mode": "token", "users_login_required": False, "questions_layout": "one_page", "question_count": 8, "is_attempts_limited": True}])
        self.assertEqual(set(self.survey.question_ids.mapped("sfc_need_field")), {
            "need_function", "need_service", "budget_max", "purchase_date", "decision_process", "competitors", False})
        self.assertEqual(self.questions["date"].constr_mandatory and self.questions["function"].constr_mandatory, True)

    def test_salespeople_have_no_right_on_surveys(self):
        for model in ("survey.survey", "survey.user_input", "survey.user_input.line", "survey.invite"):
            self.assertFalse(self.env[model].with_user(self.rep).has_access("read"), model)

    def test_sent_from_the_deal(self):
        customer = self._of_rep()
        deal = self._deal(customer)
        wang = self._person(customer, "Wang Li", email="wang@hongda.example")
        self._role(customer, contact_id=wang.id)
        wizard = self._wizard(deal)
        self.assertEqual((wizard.profile_id, wizard.lead_id, wizard.partner_ids), (customer, deal, wang), "the decision chain is proposed")
        answer = self._asked(deal, wang)
        self.assertRecordValues(answer, [{
            "survey_id": self.survey.id, "partner_id": wang.id, "sfc_lead_id": deal.id, "sfc_profile_id": customer.id, "state": "new"}])
        mail = self.env["mail.mail"].sudo().search([("recipient_ids", "in", wang.ids)])
        self.assertIn(answer.access_token, mail.body_html)
        self.assertEqual(mail.email_from, self.rep.email_formatted)
        self.assertIn("Wang Li", deal.message_ids[0].body)

    def test_sent_again_it_is_the_same_link_until_it_is_answered(self):
        customer = self._of_rep()
        deal = self._deal(customer)
        wang = self._person(customer, "Wang Li", email="wang@hongda.example")
        answer = self._asked(deal, wang)
        self.assertFalse(self._asked(deal, wang), "no second answer")
        self.assertTrue(self._asked(self._deal(customer), wang), "another deal, other answers")
        self._answer_all(answer)
        self.assertTrue(self._asked(deal, wang), "asked again after the answer")

    def test_a_link_for_wechat(self):
        customer = self._of_rep()
        wang = self._person(customer, "Wang Li")
        wizard = self._wizard(customer)
        self.assertFalse(wizard.partner_ids, "nobody has an e-mail address")
        with self.assertRaises(UserError):
            wizard.action_make_link()
        wizard.partner_ids = wang
        with self.assertRaises(UserError) as error:
            wizard.action_send()
        self.assertIn("Wang Li", str(error.exception))
        wizard.action_make_link()
        answer = self.env["survey.user_input"].sudo().search([("sfc_profile_id", "=", customer.id)])
        self.assertTrue(wizard.link.endswith(answer.get_start_url()), wizard.link)
        self.assertFalse(answer.sfc_lead_id)

    def test_filled_in_together(self):
        deal = self._deal(self._of_rep())
        action = deal.action_fill_in_questionnaire()
        answer = self.env["survey.user_input"].sudo().search([("sfc_lead_id", "=", deal.id)])
        self.assertEqual((action["url"], answer.partner_id), (answer.get_start_url(), self.rep.partner_id))
        self.assertEqual(deal.action_fill_in_questionnaire()["url"], action["url"], "what was begun goes on")

    def test_a_colleague_is_refused(self):
        customer = self._of_rep()
        deal = self._deal(customer)
        for document in (customer, deal):
            theirs = document.with_user(self.other_rep)
            for action in (theirs.action_send_questionnaire, theirs.action_fill_in_questionnaire, theirs.action_confirm_answers):
                with self.assertRaises(AccessError):
                    action()
        for name in ("action_send", "action_make_link"):
            wizard = self.env["sfc.need.invite"].with_user(self.other_rep).create({
                "profile_id": customer.id, "lead_id": deal.id, "partner_ids": [(6, 0, self._person(customer, email="w@example.com").ids)]})
            with self.assertRaises(AccessError):
                getattr(wizard, name)()

    def test_what_is_missing_is_said(self):
        deal = self.env["crm.lead"].with_user(self.rep).create({"type": "opportunity", "name": "Somebody", "user_id": self.rep.id})
        with self.assertRaises(UserError):
            deal.action_send_questionnaire()
        self.survey.active = False
        with self.assertRaises(UserError):
            self._deal(self._of_rep()).action_send_questionnaire()

    def test_a_budget_is_asked_with_a_number(self):
        with self.assertRaises(ValidationError):
            self.questions["service"].sfc_need_field = "budget_max"
        with self.assertRaises(ValidationError):
            self.questions["budget"].sfc_need_field = "purchase_date"
        self.questions["budget"].sfc_need_field = "need_service"

    def test_merged_customers_keep_their_answers(self):
        keep, gone = self._of_rep("Hongda"), self._of_rep("Hongda Ltd.")
        answer = self._asked(gone, self._person(gone, email="w@example.com"))
        keep.sudo()._absorb(gone.sudo())
        self.assertEqual(answer.sfc_profile_id, keep)


@tagged("post_install", "-at_install")
class TestConfirming(QuestionnaireCase):
    """S2.9, D8: answers are copied into the need fields on confirmation, once."""

    def setUp(self):
        super().setUp()
        self.customer = self._of_rep()
        self.wang = self._person(self.customer, "Wang Li", email="wang@hongda.example")

    def test_the_owner_is_asked_once_an_answer(self):
        deal = self._deal(self.customer)
        answer = self._asked(deal, self.wang)
        self.assertFalse(deal.waiting_answer_count)
        self._answer_all(answer)
        deal.invalidate_recordset(["waiting_answer_count"])
        self.assertEqual(deal.waiting_answer_count, 1)
        self.assertRecordValues(self._activities(deal), [{"user_id": self.rep.id, "summary": "Confirm the answers"}])
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            answer._ask_to_confirm()

    def test_chosen_answers_go_into_the_needs_of_the_deal(self):
        deal = self._deal(self.customer, need_service="Ask again", budget_max=100)
        self._answer_all(self._asked(deal, self.wang))
        wizard = self._confirm(deal)
        self.assertEqual(wizard.answered_by, "Wang Li")
        self.assertEqual(
            [(line.need_field, line.present, line.take) for line in wizard.line_ids],
            [("need_function", "", True), ("need_function", "", True), ("need_service", "Ask again", False),
             ("budget_max", wizard.line_ids[3].present, False), ("purchase_date", "", True), ("decision_process", "", True),
             ("competitors", "", True), (False, "", False)])
        self.assertIn("100", wizard.line_ids[3].present)
        wizard.write({"line_ids": [(1, wizard.line_ids[3].id, {"take": True}), (1, wizard.line_ids[6].id, {"take": False})]})
        wizard.action_confirm()
        self.assertRecordValues(deal, [{
            "need_function": "Manual planning is late\nMust plan by the hour\n12 benches", "need_service": "Ask again", "budget_max": 480_000,
            "decision_process": "Tender; IT evaluates, the board decides", "competitors": False, "needs_completeness": 100}])
        self.assertEqual(str(deal.purchase_date), "2026-06-30")
        self.assertFalse(self._activities(deal).filtered("active"), "the activity is done")
        self.assertFalse(deal.waiting_answer_count)

    def test_confirmation_writes_the_follow_up_record(self):
        """T5: kind need, method questionnaire, with all answers."""
        deal = self._deal(self.customer)
        self._answer_all(self._asked(deal, self.wang))
        self._confirm(deal).action_confirm()
        record = self.customer.follow_up_ids
        self.assertRecordValues(record, [{
            "kind": "need", "method": "survey", "lead_id": deal.id, "profile_id": self.customer.id, "user_id": self.rep.id, "contact_ids": self.wang.ids}])
        for text in ("Manual planning is late", "480,000", "Tender; IT evaluates", "The date", "What worries you most"):
            self.assertIn(text, record.content)

    def test_a_second_confirmation_is_refused(self):
        deal = self._deal(self.customer)
        self._answer_all(self._asked(deal, self.wang))
        first, second = self._confirm(deal), self._confirm(deal)
        first.action_confirm()
        deal.need_function = "Corrected by hand"
        for wizard in (first, second):
            with self.assertRaises(UserError) as error:
                wizard.action_confirm()
            self.assertIn(self.rep.name, str(error.exception))
        self.assertEqual((deal.need_function, len(self.customer.follow_up_ids)), ("Corrected by hand", 1))
        with self.assertRaises(UserError):
            deal.action_confirm_answers()

    def test_a_customer_without_deal_gets_one(self):
        answer = self._asked(self.customer, self.wang)
        self._answer_all(answer)
        self.assertEqual(self._activities(self.customer).user_id, self.rep)
        self._confirm(self.customer).action_confirm()
        deal = self.customer.lead_ids
        self.assertRecordValues(deal, [{"type": "opportunity", "user_id": self.rep.id, "budget_max": 480_000, "needs_completeness": 100}])
        self.assertEqual(self.customer.follow_up_ids.lead_id, deal)

    def test_nothing_taken_makes_no_deal(self):
        self._answer_all(self._asked(self.customer, self.wang))
        wizard = self._confirm(self.customer)
        wizard.line_ids.take = False
        wizard.action_confirm()
        self.assertFalse(self.customer.lead_ids)
        self.assertTrue(self.customer.follow_up_ids, "it was a contact all the same")

    def test_answers_about_a_lost_deal_go_to_the_open_one(self):
        lost, open_deal = self._deal(self.customer), self._deal(self.customer)
        answer = self._asked(lost, self.wang)
        lost.action_set_lost()
        self._answer_all(answer)
        self._confirm(lost).action_confirm()
        self.assertEqual((lost.need_service, open_deal.need_service), (False, "Training"))

    def test_a_colleague_is_refused(self):
        """Rights are the deal's, whatever way the dialog is reached."""
        deal = self._deal(self.customer)
        answer = self._asked(deal, self.wang)
        self._answer_all(answer)
        with self.assertRaises(AccessError):
            self.env["sfc.need.confirm"].with_user(self.other_rep)._open(answer.with_user(self.other_rep).sudo(False))
        with self.assertRaises(AccessError):
            self.env["sfc.need.confirm"].with_user(self.other_rep).create({"answer_id": answer.id})
        wizard = self._confirm(deal)
        with self.assertRaises(AccessError):
            wizard.with_user(self.other_rep).line_ids.mapped("answer")
        deal.sudo().user_id = self.other_rep
        with self.assertRaises(AccessError):
            wizard.action_confirm()

    def test_the_leader_may_confirm_for_his_team(self):
        deal = self._deal(self.customer)
        self._answer_all(self._asked(deal, self.wang))
        self._confirm(deal, user=self.leader).action_confirm()
        self.assertEqual(deal.need_service, "Training")
        self.assertFalse(self._activities(deal).filtered("active"))

    def test_surveys_of_others_start_nothing(self):
        """No customer, no activity."""
        answer = self.survey._create_answer(email="somebody@example.com", check_attempts=False)
        before = self.env["mail.activity"].search_count([])
        self._answer_all(answer)
        self.assertEqual(self.env["mail.activity"].search_count([]), before)
        with self.assertRaises(AccessError):
            answer.with_user(self.rep).sudo(False)._check_confirmable()


@tagged("post_install", "-at_install")
class TestRespondent(QuestionnaireCase, HttpCase):
    """The customer answers in the browser, without login."""

    def test_customer_answers_once_by_the_link(self):
        customer = self._of_rep()
        deal = self._deal(customer)
        answer = self._asked(deal, self._person(customer, "Wang Li", email="wang@hongda.example"))
        page = self.url_open(answer.get_start_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.survey.title, page.text)
        token = f"{self.survey.access_token}/{answer.access_token}"
        self._call("begin", token)
        ids = {name: str(question.id) for name, question in self.questions.items()}
        reply = self._call("submit", token, **{ids["service"]: "Training"})
        self.assertEqual(set(reply[1]["fields"]), {ids["function"], ids["date"]}, "what must be answered is said")
        self._call("submit", token, **{ids["function"]: "Plan by the hour", ids["date"]: "2026-06-30", ids["budget"]: "480000"})
        answer.invalidate_recordset()
        self.assertEqual(answer.state, "done")
        self.assertEqual(len(self._activities(deal)), 1)
        self.assertEqual(self._call("submit", token, **{ids["function"]: "Again"})[1]["error"], "unauthorized")
        self.url_open(f"/survey/retry/{token}")
        self.assertEqual(len(self.survey.user_input_ids), 1, "no second try")
        self._confirm(deal).action_confirm()
        self.assertEqual((deal.need_function, deal.budget_max), ("Plan by the hour", 480_000))

    def test_without_a_token_nobody_answers(self):
        page = self.url_open(self.survey.get_start_url())
        self.assertFalse(re.search(r"survey_needs|main problem", page.text))
        self.assertFalse(self.survey.user_input_ids)

    def _call(self, step, token, **answers):
        return self.make_jsonrpc_request(f"/survey/{step}/{token}", answers)
