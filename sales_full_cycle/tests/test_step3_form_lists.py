from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_step3_objection import ObjectionCase

# What the web client asks of lists on the form of a deal.
LISTS = (
    "evaluation_ids", "deal_evaluation_ids", "deal_decision_ids", "sla_clock_ids", "objection_ids", "collaborator_ids", "decision_role_ids")
COUNTS = ("follow_up_count", "waiting_answer_count", "objection_count", "tender_id")


@tagged("post_install", "-at_install")
class TestFormLists(ObjectionCase):
    """Issue 4: opening a deal costs little more than without the add-on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bare = cls.env["crm.lead"].with_context(sfc_no_scoring=True).create({"name": "Bare", "type": "opportunity"}).with_user(cls.manager)

    def _queries(self, *fnames):
        """How many it takes to open the deal with these fields."""
        def open_it():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.bare.web_read({"name": {}, **{fname: {"fields": {"id": {}}} if fname in LISTS else {} for fname in fnames}})
            return self.cr.sql_log_count - before
        open_it()  # rights and the like are in the caches of the registry
        return open_it()

    def test_one_query_for_all_empty_lists(self):
        self.assertEqual(self._queries(*LISTS, *COUNTS) - self._queries(), 1)

    def test_what_is_there_is_read(self):
        """Also what came after the deal was opened for the first time."""
        self.deal.with_user(self.manager).web_read({fname: {} for fname in LISTS})
        self.deal._ensure_customers()
        objection = self._objection(user=self.env.user)
        collaborator = self._collaborator(self.manager, "sales")
        role = self.env["sfc.decision.role"].create(
            {"profile_id": self.deal.customer_profile_id.id, "contact_id": self.deal.partner_id.id, "role": "influencer"})
        record = self.env["sfc.follow.up"].create({
            "profile_id": self.deal.customer_profile_id.id, "lead_id": self.deal.id, "content": "Asked for the price", "method": "call",
            "done_at": fields.Datetime.now()})
        for _again in range(2):
            [values] = self.deal.with_user(self.manager).web_read({fname: {} for fname in (*LISTS, *COUNTS)})
            self.assertEqual(
                (values["objection_ids"], values["collaborator_ids"], values["decision_role_ids"], values["follow_up_count"], values["objection_count"]),
                (objection.ids, collaborator.ids, role.ids, len(record), 1))
            self.env.invalidate_all()

    def test_nobody_sees_more(self):
        """Whoever may not read the deal gets nothing, with lists or without."""
        stranger = self.env["res.users"].with_context(no_reset_password=True).create(
            {"name": "Stranger", "login": "sfc_stranger", "group_ids": [(6, 0, self.env.ref("base.group_user").ids)]})
        with self.assertRaises(AccessError):
            self.deal.with_user(stranger).web_read({fname: {} for fname in LISTS})
