from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .test_step3_objection import ObjectionCase


class CollaborationCase(ObjectionCase):
    """A deal with one collaborator a role, none of whom has a sales role."""

    ROLES = ("product", "technical", "legal", "finance", "logistics", "sales")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Test bench", "list_price": 100})
        cls.proposal.write({"order_line": [Command.create({"product_id": cls.product.id})]})
        cls.deal.with_context(sfc_import=False)._ensure_customers()
        cls.people = {role: new_test_user(cls.env, f"sfc_{role}", "base.group_user", lang="en_US") for role in cls.ROLES}


@tagged("post_install", "-at_install")
class TestCollaboration(CollaborationCase):
    """S0.2, S0.12: people of several departments work on one deal; nobody else gains anything."""

    # role -> rights (r, w, c, u) on the deal, its customer sheet, the draft proposal, its lines, an objection, the list of collaborators
    MODELS = ("crm.lead", "sfc.customer.profile", "sale.order", "sale.order.line", "sfc.objection", "sfc.collaborator")
    RIGHTS = {
        "product": ("rw", "r", "rw", "rwu", "rw", "r"),
        "technical": ("rw", "r", "rw", "rwu", "rw", "r"),
        "sales": ("rw", "r", "rw", "rwu", "rw", "r"),
        "legal": ("rw", "", "r", "r", "rw", "r"),
        "finance": ("rw", "", "r", "r", "rw", "r"),
        "logistics": ("rw", "", "", "", "rw", "r"),
    }

    def _rights(self, user, record):
        """Operations that the user has on an existing record."""
        return "".join(
            letter for letter, operation in (("r", "read"), ("w", "write"), ("u", "unlink"))
            if record.with_user(user).has_access(operation))

    def _documents(self, collaborator):
        return (self.deal, self.deal.customer_profile_id, self.proposal, self.proposal.order_line, self._objection(user=self.env.user), collaborator)

    def test_table_of_rights_by_role(self):
        """S0.12: role x model x operation."""
        for role, expected in self.RIGHTS.items():
            user = self.people[role]
            collaborator = self._collaborator(user, role)
            documents = self._documents(collaborator)
            self.assertEqual(tuple(self._rights(user, record) for record in documents), expected, role)
            collaborator.with_user(self.rep).unlink()
            self.assertEqual(
                tuple(self._rights(user, record) for record in documents[:5]), ("",) * 5, f"{role}: access is withdrawn with the removal")

    def test_the_same_table_for_a_salesperson_of_another_deal(self):
        """S0.12: a colleague gains by his role what somebody without sales role gains, and nothing when he is a stranger."""
        for role, expected in self.RIGHTS.items():
            documents = self._documents(collaborator := self._collaborator(self.other_rep, role))
            self.assertEqual(tuple(self._rights(self.other_rep, record) for record in documents), expected, role)
            collaborator.with_user(self.rep).unlink()
            self.assertEqual(tuple(self._rights(self.other_rep, record) for record in documents[:5]), ("",) * 5, role)

    def test_a_stranger_gains_nothing(self):
        """P14: being a collaborator of one deal opens no other one, of no customer."""
        lawyer = self.people["legal"]
        self._collaborator(lawyer, "legal")
        other = self._deal(name="Secret", partner_id=self._company().id)
        order = self.env["sale.order"].create({
            "partner_id": other.partner_id.id, "opportunity_id": other.id, "user_id": self.rep.id,
            "order_line": [Command.create({"product_id": self.product.id})]})
        other._ensure_customers()
        objection = self._objection(user=self.env.user, lead_id=other.id)
        records = (other, order, order.order_line, other.customer_profile_id, objection, objection.sla_clock_ids, other.step_log_ids)
        for record in records:
            self.assertTrue(record, record._name)
            self.assertEqual(self._rights(lawyer, record), "", record._name)
            found = self.env[record._name].with_user(lawyer).search([])
            self.assertFalse(found & record, record._name)
        self.assertEqual(self.env["crm.lead"].with_user(lawyer).search([]), self.deal)
        self.assertEqual(self.env["sale.order"].with_user(lawyer).search([]), self.proposal)
        for model in ("crm.lead", "sale.order", "sfc.customer.profile"):
            self.assertFalse(self.env[model].with_user(lawyer).has_access("create"), model)
        with self.assertRaises(AccessError):
            self._objection(user=lawyer, lead_id=other.id)

    def test_a_sent_proposal_is_not_rewritten_by_collaborators(self):
        """S3.7: they work on the draft."""
        technician = self.people["technical"]
        self._collaborator(technician)
        line = self.proposal.order_line
        line.with_user(technician).product_uom_qty = 3
        self.proposal.with_user(technician).write({"order_line": [Command.create({"product_id": self.product.id})]})
        self.assertEqual(len(self.proposal.order_line), 2)
        self.proposal.sudo().write({"approval_state": "approved", "approval_content_hash": self.proposal._approval_hash()})
        self.proposal.sudo().write({"state": "sent"})
        self.assertEqual(self._rights(technician, self.proposal), "r")
        with self.assertRaises(AccessError):
            line.with_user(technician).product_uom_qty = 4
        with self.assertRaises(AccessError):
            self.env["sale.order.line"].with_user(technician).create({"order_id": self.proposal.id, "product_id": self.product.id})

    def test_an_accountant_still_sees_every_order(self):
        """S0.12: the collaborators' rules add, they do not narrow what another role gives."""
        accountant = new_test_user(self.env, "sfc_accountant", "account.group_account_invoice")
        plain = self.env["sale.order"].create({
            "partner_id": self.customer.id, "user_id": self.rep.id, "order_line": [Command.create({"product_id": self.product.id})]})
        before = [self._rights(accountant, record) for record in (plain, plain.order_line)]
        self._collaborator(accountant, "finance")
        self.assertEqual([self._rights(accountant, record) for record in (plain, plain.order_line)], before)
        self.assertEqual(before, ["rw", "rw"])
        self.assertTrue(self.deal.with_user(accountant).has_access("write"))
        reader = new_test_user(self.env, "sfc_auditor", "account.group_account_readonly")
        self._collaborator(reader, "finance")
        self.assertEqual([self._rights(reader, record) for record in (plain, plain.order_line)], ["r", "r"])

    def test_the_forms_open_for_people_without_sales_role(self):
        """S0.12: deal and proposal can be opened and the deal saved by every role that may."""
        for role in self.ROLES:
            user = self.people[role]
            self._collaborator(user, role)
            with Form(self.deal.with_user(user)) as form:
                form.name = f"Test benches, seen by {role}"
            self.assertEqual(self.deal.name, f"Test benches, seen by {role}")
            self.deal.with_user(user).write({"need_priority": "high", "stage_id": self.deal.stage_id.id, "expected_revenue": 5})
            action = self.env["ir.actions.act_window"].with_user(user)._for_xml_id("sales_full_cycle.crm_lead_action_collaborations")
            self.assertEqual(action["res_model"], "crm.lead")
            if self.RIGHTS[role][2]:
                Form(self.proposal.with_user(user))
            if self.RIGHTS[role][1]:
                Form(self.deal.customer_profile_id.with_user(user))
            Form(self._objection(user=user).with_user(user))

    # === WHO CHOOSES === #

    def test_owner_leader_and_manager_choose_the_people(self):
        """S0.2."""
        lead = {"lead_id": self.deal.id, "user_id": self.people["legal"].id, "role": "legal"}
        for user in (self.rep, self.leader, self.manager):
            collaborator = self.env["sfc.collaborator"].with_user(user).create(lead)
            collaborator.role = "finance"
            collaborator.unlink()

    def test_nobody_else_does(self):
        """S0.2: a collaborator brings nobody along, a stranger does not add himself, nor to an unassigned deal."""
        collaborator = self._collaborator(self.people["technical"])
        self._collaborator(self.other_rep, "sales")
        for user in (self.people["technical"], self.other_rep, self.clerk):
            with self.assertRaises(UserError):
                self.env["sfc.collaborator"].with_user(user).create({"lead_id": self.deal.id, "user_id": self.clerk.id, "role": "legal"})
            with self.assertRaises(UserError):
                collaborator.with_user(user).role = "sales"
            with self.assertRaises(UserError):
                collaborator.with_user(user).unlink()
        pool = self._deal(name="Nobody's", user_id=False, team_id=False)
        with self.assertRaises(UserError):
            self.env["sfc.collaborator"].with_user(self.other_rep).create({"lead_id": pool.id, "user_id": self.other_rep.id, "role": "sales"})

    def test_who_was_on_the_deal_is_not_rewritten(self):
        """S0.2: the person is removed and another one added, so that each is told."""
        collaborator = self._collaborator(self.people["technical"])
        with self.assertRaises(UserError):
            collaborator.user_id = self.people["legal"]
        with self.assertRaises(UserError):
            collaborator.lead_id = self._deal(name="Other")

    def test_once_per_role_and_employees_only(self):
        """S0.2."""
        collaborator = self._collaborator(self.people["technical"])
        self._collaborator(self.people["technical"], "product")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["sfc.collaborator"].create({"lead_id": self.deal.id, "user_id": collaborator.user_id.id, "role": "technical"})
            self.env.flush_all()
        customer = new_test_user(self.env, "sfc_portal", "base.group_portal")
        with self.assertRaises(ValidationError):
            self._collaborator(customer)

    def test_a_collaborator_does_not_take_the_deal(self):
        """S0.2: he works on it, but does not give himself the ownership."""
        technician = self.people["technical"]
        self._collaborator(technician)
        self._collaborator(self.other_rep, "sales")
        for user in (technician, self.other_rep):
            deal = self.deal.with_user(user)
            deal.description = "Feasible."
            for vals in ({"user_id": user.id}, {"team_id": False}):
                with self.assertRaises(UserError):
                    deal.write(vals)
            deal.write({"user_id": self.rep.id})  # nothing changes
        self.deal.with_user(self.rep).user_id = self.other_rep

    # === TOLD, FOUND, MERGED === #

    def test_the_person_is_told_and_gets_the_narrow_group(self):
        """S0.2: a lawyer without sales role needs no administrator; salespeople keep their groups."""
        lawyer = self.people["legal"]
        self._collaborator(lawyer, "legal")
        self.assertTrue(lawyer.has_group("sales_full_cycle.group_sfc_collaborator"))
        self.assertFalse(lawyer.has_group("sales_team.group_sale_salesman"))
        note = self.env["mail.message"].search([("model", "=", "crm.lead"), ("res_id", "=", self.deal.id), ("partner_ids", "in", lawyer.partner_id.ids)])
        self.assertIn("Legal", note.body)
        self._collaborator(self.other_rep, "sales")
        self.assertFalse(self.other_rep.has_group("sales_full_cycle.group_sfc_collaborator"))

    def test_cross_department_deals_are_found(self):
        """S0.12."""
        other = self._deal(name="Alone")
        deals = self.deal | other
        self._collaborator(self.people["legal"], "legal")
        Lead = self.env["crm.lead"]
        domain = [("id", "in", deals.ids)]
        self.assertEqual(Lead.search([*domain, ("cross_department", "=", True)]), self.deal)
        self.assertEqual(Lead.search([*domain, ("cross_department", "=", False)]), other)
        self.assertEqual(deals.mapped("cross_department"), [True, False])

    def test_merged_deals_keep_their_people_once(self):
        """S0.2."""
        target = self._deal(name="Bigger", probability=90)
        self._collaborator(self.people["legal"], "legal")
        self._collaborator(self.people["legal"], "legal", lead_id=target.id)
        self._collaborator(self.people["technical"])
        merged = (self.deal | target).merge_opportunity()
        self.assertEqual(sorted(merged.collaborator_ids.mapped("role")), ["legal", "technical"])

    def test_menus_of_a_collaborator(self):
        """S0.12: deals one works on and objections; no lead sheet, no customers, no configuration."""
        lawyer = self.people["legal"]
        self._collaborator(lawyer, "legal")
        visible = self.env["ir.ui.menu"].with_user(lawyer)._visible_menu_ids()
        for name, sees in (("root", True), ("collaborations", True), ("objections", True), ("step1", False), ("deals", False), ("configuration", False)):
            self.assertEqual(self.env.ref(f"sales_full_cycle.menu_{name}").id in visible, sees, name)

    def test_when_it_was_added_is_known(self):
        """S0.2: by whom and when."""
        collaborator = self._collaborator(self.people["legal"], "legal")
        self.assertEqual(collaborator.create_uid, self.rep)
        self.assertLessEqual(collaborator.create_date, fields.Datetime.now())
