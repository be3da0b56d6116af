from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import CustomerCase

# 25 + 25 + 20 = 70 % of the needs (D8)
NEEDS = {"need_function": "12 test benches", "budget_max": 500_000, "purchase_date": "2026-06-30"}


class NeedsCase(CustomerCase):
    """Deals of the customers of `rep`."""

    @classmethod
    def _of_rep(cls, name="Hongda Machinery"):
        """A customer sheet as its owner has it open."""
        return cls._customer(partner_id=cls._company(name=name).id, team_id=cls.team.id).with_user(cls.rep)

    @classmethod
    def _deal(cls, customer, user=None, **values):
        return cls.env["crm.lead"].with_user(user or cls.rep).create({
            "type": "opportunity", "name": f"Deal of {customer.name}", "partner_id": customer.partner_id.id, "user_id": (user or cls.rep).id,
            "team_id": cls.team.id, **values})


@tagged("post_install", "-at_install")
class TestNeedsOfADeal(NeedsCase):
    """S2.9, S2.15, D8: the five needs and how completely they are known."""

    def test_completeness_adds_the_weights_and_names_what_is_missing(self):
        deal = self._deal(self._of_rep())
        self.assertEqual((deal.needs_completeness, deal.need_priority), (0, "medium"))
        self.assertEqual(deal.missing_needs, "Functional needs, Service needs, Budget, Purchase date, Decision process")
        for fname, value, completeness in (
                ("need_function", "Benches", 25), ("need_service", "Training", 40), ("budget_max", 1000, 65), ("purchase_date", "2026-06-30", 85),
                ("decision_process", "The board", 100)):
            deal[fname] = value
            self.assertEqual(deal.needs_completeness, completeness, fname)
        self.assertFalse(deal.missing_needs)

    def test_needs_are_entered_on_the_deal_form(self):
        deal = self._deal(self._of_rep())
        with Form(deal, view="crm.crm_lead_view_form") as form:
            form.need_function = "Benches"
            form.budget_max = 1000
            self.assertEqual(form.needs_completeness, 50)
        self.assertEqual(deal.needs_completeness, 50)

    def test_changes_are_tracked(self):
        """S2.10: change history."""
        deal = self._deal(self._of_rep()).with_context(tracking_disable=False)
        self.flush_tracking()
        deal.write({"need_service": "Training", "need_priority": "high"})
        self.flush_tracking()
        tracked = deal.message_ids.sudo().tracking_value_ids.field_id.mapped("name")
        self.assertEqual(set(tracked) & {"need_service", "need_priority"}, {"need_service", "need_priority"})

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_a_budget_does_not_end_below_where_it_begins(self):
        deal = self._deal(self._of_rep(), budget_max=1000)
        deal.budget_min = 1000
        with self.assertRaises(ValidationError):
            deal.budget_min = 1001


@tagged("post_install", "-at_install")
class TestNeedsOnTheCustomerSheet(NeedsCase):
    """S2.10: the latest open deal's needs, or those of the deal that somebody selects."""

    def test_latest_open_deal_is_mirrored(self):
        customer = self._of_rep()
        self.assertEqual((customer.need_lead_id.id, customer.need_function, customer.needs_completeness), (False, False, 0), "no deal yet")
        first = self._deal(customer, need_function="Benches", budget_max=1000)
        self.assertEqual((customer.need_lead_id, customer.need_function, customer.needs_completeness), (first, "Benches", 50))
        second = self._deal(customer, need_function="Robots")
        self.assertEqual((customer.need_lead_id, customer.need_function, customer.budget_max), (second, "Robots", 0))
        second.need_function = "Ten robots"
        self.assertEqual(customer.need_function, "Ten robots")
        second.action_set_lost()
        self.assertEqual((customer.need_lead_id, customer.need_function), (first, "Benches"), "the lost deal steps back")
        first.action_set_lost()
        self.assertEqual(customer.need_lead_id, second, "the latest of all when none is open")

    def test_a_lead_is_no_deal(self):
        customer = self._of_rep()
        self._lead(partner_id=customer.partner_id.id, user_id=self.rep.id, need_function="Perhaps")
        self.assertFalse(customer.need_lead_id)

    def test_another_deal_can_be_selected(self):
        customer = self._of_rep()
        first, second = (self._deal(customer, need_function=text) for text in ("Benches", "Robots"))
        form = Form(customer.with_context(form_view_ref=self._selector_view().xml_id))
        self.assertEqual((form.need_lead_id, form.need_function), (second, "Robots"))
        form.need_lead_id = first
        self.assertEqual(form.need_function, "Benches")

    def _selector_view(self):
        view = self.env["ir.ui.view"].create({
            "name": "selector", "model": "sfc.customer.profile",
            "arch": '<form><field name="need_lead_id"/><field name="need_function"/></form>'})
        self.env["ir.model.data"].create({"module": "sales_full_cycle", "name": "test_selector", "model": "ir.ui.view", "res_id": view.id})
        return view

    def test_each_reader_sees_the_needs_of_deals_that_are_his_to_see(self):
        """P14: the sheet does not show what the record rules of deals hide."""
        customer = self._of_rep()
        mine = self._deal(customer, need_function="Benches")
        theirs = self._deal(customer, user=self.other_rep, need_function="Robots")
        self.assertEqual(customer.with_user(self.rep).need_lead_id, mine)
        self.assertEqual(customer.with_user(self.other_rep).need_function, "Robots")
        self.assertEqual(customer.with_user(self.leader).need_lead_id, theirs)

    def test_many_sheets_cost_as_much_as_few(self):
        customers = self.env["sfc.customer.profile"].with_user(self.rep).union(*(self._of_rep(f"Customer {n}") for n in range(12)))
        for customer in customers:
            self._deal(customer, need_function=customer.name)

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(some.mapped("need_function"), some.mapped("name"))
            return self.cr.sql_log_count - before

        queries(customers)
        self.assertEqual(queries(customers), queries(customers[:3]))


@tagged("post_install", "-at_install")
class TestWritingNeeds(NeedsCase):
    """S2.10: importing needs for a customer without a deal makes one."""

    def _write(self, needs, user=None):
        return self.env["sfc.customer.profile"].with_user(user or self.rep)._write_needs(needs)

    def test_they_go_to_the_latest_open_deal(self):
        customer = self._of_rep()
        old, lost = self._deal(customer), self._deal(customer)
        lost.action_set_lost()
        self.assertEqual(self._write({customer: NEEDS}), {customer: old})
        self.assertEqual((old.need_function, old.needs_completeness, lost.need_function), ("12 test benches", 70, False))
        self._write({customer: {"need_function": False, "need_priority": "high"}})
        self.assertEqual((old.need_function, old.need_priority, old.budget_max), (False, "high", 500_000))

    def test_a_customer_without_open_deal_gets_one(self):
        customer = self._of_rep()
        deal = self._write({customer: NEEDS})[customer]
        self.assertRecordValues(deal, [{
            "type": "opportunity", "name": "Hongda Machinery", "partner_id": customer.partner_id.id, "user_id": self.rep.id, "team_id": self.team.id,
            "company_id": customer.company_id.id, "customer_profile_id": customer.id, "needs_completeness": 70, "author_id": self.rep.id}])
        self.assertTrue(deal.deal_number)
        self.assertEqual(self._write({customer: {"need_service": "Training"}}), {customer: deal}, "the second time it is there")

    def test_nothing_known_makes_no_deal(self):
        customer = self._of_rep()
        self.assertEqual(self._write({customer: {"need_function": False, "budget_max": 0}}), {})
        self.assertFalse(customer.lead_ids)

    def test_whoever_may_not_change_the_customer_is_refused(self):
        customer = self._of_rep()
        with self.assertRaises(AccessError):
            self._write({customer: NEEDS}, user=self.other_rep)
        self.assertFalse(customer.lead_ids)

    def test_only_needs_can_be_written(self):
        with self.assertRaises(ValueError):
            self._write({self._of_rep(): {"user_id": self.manager.id}})

    def test_many_customers_cost_as_much_as_few(self):
        def queries(count, name):
            customers = [self._of_rep(f"{name} {n}") for n in range(2 * count)]
            for customer in customers[:count]:
                self._deal(customer)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            deals = self._write({customer: {**NEEDS, "need_service": f"Service {customer.id}"} for customer in customers})
            self.env.flush_all()
            spent = self.cr.sql_log_count - before
            self.assertEqual({customer: deal.need_service for customer, deal in deals.items()}, {c: f"Service {c.id}" for c in customers})
            return spent

        queries(2, "warm")
        few, many = queries(3, "few"), queries(9, "many")
        self.assertEqual(few, many)
