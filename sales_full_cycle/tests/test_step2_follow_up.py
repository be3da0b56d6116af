from odoo.tests import tagged

from .common import SalesCase


@tagged("post_install", "-at_install")
class TestFollowUp(SalesCase):
    def test_nothing(self):
        self.assertTrue(self.env.ref("mail.mail_activity_data_call").follow_up_method)
