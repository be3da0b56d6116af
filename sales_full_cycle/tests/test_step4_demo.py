import hashlib
import re

from odoo.tests.common import BaseCase
from odoo.tools import file_open


class TestDemoData(BaseCase):

    def test_signed_contracts_name_the_hash_of_their_page(self):
        """D23, ahead 7: “Verify” of a demo contract tells the truth about the sample page that it was given."""
        with file_open("sales_full_cycle/demo/signed_page.pdf", "rb") as page:
            digest = hashlib.sha256(page.read()).hexdigest()
        with file_open("sales_full_cycle/demo/contracts_demo.xml") as demo:
            named = re.findall(r"'signed_sha256': '(\w+)'", demo.read())
        self.assertTrue(named)
        self.assertEqual(set(named), {digest})
