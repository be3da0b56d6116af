from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CustomerCase


@tagged("post_install", "-at_install")
class TestCustomerRoles(CustomerCase):
    """design.md section 8: role x model x operation, for what step 2 adds."""

    # rights of a clerk, a salesperson, a team leader and a sales manager
    RIGHTS = {
        "sfc.grade": ["", "r", "r", "rwcu"],
        "sfc.customer.profile": ["", "rwc", "rwc", "rwcu"],
        "sfc.decision.role": ["", "rwcu", "rwcu", "rwcu"],
        "sfc.follow.up": ["", "rwc", "rwc", "rwc"],
        "sfc.assignment.log": ["", "r", "r", "r"],
    }

    def test_table_of_rights(self):
        users = (self.clerk, self.rep, self.leader, self.manager)
        for model, expected in self.RIGHTS.items():
            rights = ["".join(
                letter for letter, operation in zip("rwcu", ("read", "write", "create", "unlink"), strict=True)
                if self.env[model].with_user(user).has_access(operation)) for user in users]
            self.assertEqual(rights, expected, model)

    def test_what_belongs_to_a_customer_follows_its_visibility(self):
        """P14: decision chain, records, grading and owners are as secret as the sheet."""
        profile = self._graded("A")
        contact = self.env["res.partner"].create({"name": "Wang", "parent_id": profile.partner_id.id})
        self.env["sfc.decision.role"].create({"profile_id": profile.id, "contact_id": contact.id})
        self.env["sfc.follow.up"].create({"profile_id": profile.id, "content": "Twelve of them, in June.", "user_id": self.rep.id})
        belongings = (profile.role_ids, profile.follow_up_ids, profile.evaluation_ids, profile.assignment_log_ids)
        for records in belongings:
            self.assertTrue(records)
            for user, sees in ((self.rep, True), (self.other_rep, False), (self.leader, True), (self.manager, True)):
                self.assertEqual(bool(records.with_user(user)._filtered_access("read")), sees, (records._name, user.login))
        with self.assertRaises(AccessError):
            self.env["sfc.decision.role"].with_user(self.other_rep).create({"profile_id": profile.id, "contact_id": profile.partner_id.id})
