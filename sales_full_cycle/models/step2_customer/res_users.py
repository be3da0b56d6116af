from odoo import models


class ResUsers(models.Model):
    """Whoever leaves hands over: customers, open deals, activities and promises do not stay with an archived user (ahead 15)."""
    _inherit = "res.users"

    def action_archive(self):
        self._hand_over_sales_work()  # before Odoo deletes the activities
        return super().action_archive()

    def write(self, vals):
        if vals.get("active", True) is False:
            self._hand_over_sales_work()
        return super().write(vals)

    def _hand_over_sales_work(self):
        """To the leader of each record's team, else to a sales manager. Whether the users may be archived is decided after it, by Odoo."""
        leaving = self.sudo().filtered("active")  # sudo: whoever may archive a user need not see customers
        engine = self.env["sfc.handover.engine"].sudo()
        if not leaving or not engine._has_work(leaving):
            return
        companies = self.env["res.company"].sudo().search([])
        engine = engine.with_context(allowed_company_ids=companies.ids)
        for user in leaving:
            note = self.env._("%(name)s was archived", name=user.name)
            for receiver, work in engine._successors(user, leaving).items():
                engine._tell_receiver(receiver, engine._hand_over(receiver, work, note), note)
