from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesCase


@tagged("post_install", "-at_install")
class TestRoles(SalesCase):
    """design.md section 8: role x model x operation, as far as step 1 goes."""

    OWN = {"sfc.scorecard", "sfc.scorecard.criterion", "sfc.scorecard.level", "sfc.scorecard.band", "sfc.scorecard.dimension",
           "sfc.sla.policy", "sfc.reason", "sfc.ideal.profile"}
    ENGINE = {"sfc.evaluation", "sfc.sla.clock", "sfc.step.log"}

    def _rights(self, user, model):
        return "".join(letter for letter, operation in zip("rwcu", ("read", "write", "create", "unlink"), strict=True)
                       if self.env[model].with_user(user).has_access(operation))

    def test_table_of_rights(self):
        for model in self.OWN:
            rights = [self._rights(user, model) for user in (self.clerk, self.rep, self.leader, self.manager)]
            self.assertEqual(rights, ["", "r", "r", "rwcu"], model)
        for model in self.ENGINE:
            rights = [self._rights(user, model) for user in (self.clerk, self.rep, self.leader, self.manager)]
            self.assertEqual(rights, ["", "r", "r", "r"], model)

    def test_every_model_of_ours_has_rights(self):
        models = self.env["ir.model"].search([("model", "=like", "sfc.%"), ("abstract", "=", False)])
        without = models.filtered(lambda m: not m.access_ids)
        self.assertFalse(without.mapped("model"))

    def test_own_team_and_all(self):
        """P14: own / team / all, and what hangs on a lead follows it."""
        mine = self._high_lead(user_id=self.rep.id)
        foreign_team = self.env["crm.team"].create({"name": "West"})
        foreign = self._high_lead(user=self.manager, user_id=self.manager.id, team_id=foreign_team.id)
        leads = (mine | foreign).sudo()
        visible = {
            self.rep: mine, self.other_rep: mine.browse(), self.leader: mine, self.manager: mine | foreign,
        }
        for user, expected in visible.items():
            for records in (leads, leads.evaluation_ids, leads.sla_clock_ids, leads.step_log_ids):
                found = records.with_user(user).sudo(False)._filtered_access("read").sudo()
                self.assertEqual(found if found._name == "crm.lead" else found.lead_id, expected, (user.login, records._name))

    def test_leader_of_another_team_is_refused(self):
        lead = self._high_lead(user_id=self.rep.id)
        self.team.user_id = self.manager
        with self.assertRaises(AccessError):
            lead.with_user(self.leader).read(["name"])

    def test_other_company_is_refused(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        card = self.env.ref("sales_full_cycle.scorecard_lead").copy({"company_id": foreign.id})
        self.assertFalse(card.with_user(self.manager).has_access("read"))


@tagged("post_install", "-at_install")
class TestViews(SalesCase):
    def test_archs_have_nothing_that_the_server_accepts_and_the_browser_refuses(self):
        """odoo19.md 8, 9: kanban-box, oe_chatter, attrs, t-esc."""
        views = self.env["ir.ui.view"].search([("key", "=like", "sales_full_cycle.%")]) | self.env["ir.ui.view"].search([]).filtered(
            lambda view: (view.xml_id or "").startswith("sales_full_cycle."))
        self.assertTrue(views)
        for view in views:
            for forbidden in ("kanban-box", "oe_chatter", "attrs=", "t-esc", "<tree"):
                self.assertNotIn(forbidden, view.arch_db, view.xml_id)

    def test_sheet_shows_the_eleven_columns_in_order(self):
        """T1: 11 columns, in this order."""
        arch = etree.fromstring(self.env["crm.lead"].with_user(self.rep).get_view(self.env.ref("sales_full_cycle.crm_lead_view_list").id)["arch"])
        shown = [f.get("name") for f in arch.iter("field") if not f.get("column_invisible")]
        self.assertEqual(shown[:11], ["lead_number", "partner_name", "industry_id", "contact_name", "function", "contact_channel",
                                      "need_summary", "source_id", "screening_level", "user_id", "captured_at"])

    def test_every_menu_opens_for_whoever_sees_it(self):
        root = self.env.ref("sales_full_cycle.menu_root")
        for user in (self.rep, self.leader, self.manager):
            menus = self.env["ir.ui.menu"].with_user(user).search([("id", "child_of", root.id)])
            for menu in menus.filtered("action"):
                action = menu.sudo().action
                if action._name == "ir.actions.act_window":
                    self.env[action.res_model].with_user(user).get_views([(False, mode.strip()) for mode in action.view_mode.split(",")])
                    self.env[action.res_model].with_user(user).check_access("read")
