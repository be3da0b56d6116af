from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sales_full_cycle.models.step1_lead import crm_lead_channels
from odoo.addons.sales_full_cycle.models.step1_lead.mail_text import own_words

from .common import SalesCase

MAIL = """Message-Id: <{number}@hongda.example>
From: {sender}
To: sales-test@company.example
Subject: Test benches
Date: Mon, 02 Feb 2026 09:00:00 +0800
MIME-Version: 1.0
Content-Type: {kind}; charset=utf-8

{body}
"""


@tagged("post_install", "-at_install")
class TestChannels(SalesCase):
    """Leads that come in by e-mail, and those of Odoo's own add-ons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "company.example", "bounce_alias": "bounce", "catchall_alias": "catchall"})
        cls.team.write({"alias_name": "sales-test", "alias_domain_id": domain.id})

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def _receive(self, body, sender='"Wang Li" <wang@hongda.example>', kind="text/plain"):
        mail = MAIL.format(body=body, sender=sender, kind=kind, number=self.env["crm.lead"].search_count([]))
        self.env["mail.thread"].message_process("crm.lead", mail)
        return self.env["crm.lead"].search([("team_id", "=", self.team.id)], order="id desc", limit=1)

    def test_mail_to_the_team_becomes_a_lead_to_be_completed(self):
        """S1.1, S1.4: need and sender come from the mail; company, position and source are asked for, not guessed."""
        lead = self._receive("We need twelve benches.\nBefore June.\n\n-- \nWang Li\nHongda Machinery").with_user(self.leader)
        self.assertRecordValues(lead, [{
            "name": "Test benches", "need_summary": "We need twelve benches.\nBefore June.", "contact_name": "Wang Li",
            "email_from": '"Wang Li" <wang@hongda.example>', "source_id": False, "is_complete": False, "partner_name": False,
            "medium_id": self.env.ref("utm.utm_medium_email").id,
        }])
        self.assertIn("Source", lead.missing_information)
        self.assertTrue(lead.lead_number)

    def test_core_gives_the_mail_to_the_team_leader(self):
        """S1.1: Odoo's own behaviour stays."""
        self.assertEqual(self._receive("Hello").user_id, self.leader)

    def test_team_that_does_without_leads(self):
        """S1.1: with Odoo's setting 'Leads' on, a team without leads gets a deal, as Odoo does it; with it off everything is a lead."""
        self.team.use_leads = False
        self.assertEqual(self._receive("Hello").type, "lead")
        self.env.ref("base.group_user").implied_ids += self.env.ref("crm.group_use_lead")
        self.assertEqual(self._receive("Hello").type, "opportunity")
        self.team.use_leads = True
        self.assertEqual(self._receive("Hello").type, "lead")

    def test_what_the_team_s_alias_says_wins(self):
        """S1.1: an address printed in a brochure of a fair knows its source."""
        self.team.alias_defaults = {**self.team._alias_get_creation_values()["alias_defaults"], "source_id": self.fair.id, "need_summary": "Brochure"}
        lead = self._receive("Hello")
        self.assertEqual((lead.source_id, lead.need_summary), (self.fair, "Brochure"))

    def test_known_sender(self):
        """S1.1: a contact that we know keeps the name that we know it by."""
        company = self.env["res.partner"].create({"name": "Hongda Machinery", "is_company": True})
        self.env["res.partner"].create({"name": "Wang Li (Purchasing)", "email": "wang@hongda.example", "parent_id": company.id})
        lead = self._receive("Hello")
        self.assertEqual((lead.contact_name, lead.partner_name), ("Wang Li (Purchasing)", "Hongda Machinery"))

    def test_html_mail_without_quote_and_signature(self):
        """S1.1: what the sender wrote, and nothing that they quoted."""
        lead = self._receive(
            "<div dir='ltr'><div>Twelve <b>benches</b></div><div>before June</div></div>"
            "<div class='gmail_quote'>On Monday we wrote:<blockquote>our old offer</blockquote></div>", kind="text/html")
        self.assertEqual(lead.need_summary, "Twelve benches\nbefore June")

    def test_long_and_forwarded_mails(self):
        """S1.1: the first 1000 characters; a mail that is nothing but a quote counts as a whole."""
        self.assertEqual(len(self._receive("word " * 500).need_summary), 999, "a thousand, without the space at their end")
        self.assertIn("forwarded text", own_words("<div class='gmail_quote'>forwarded text</div>", 1000))
        self.assertEqual(own_words(False, 1000), "")

    # === ADD-ONS THAT ARE NOT INSTALLED HERE; tests/test_channels.py has them === #

    def test_without_the_add_ons_leads_keep_what_they_are_given(self):
        """S1.1: no website, event or survey bridge is needed."""
        lead = self._lead(source_id=False)
        self.assertFalse(lead.source_id)
        self.env["crm.lead"]._register_hook()

    def test_event_and_survey_leads_get_our_source(self):
        """S1.1, S1.2: by what their add-ons write on a lead; a source that the sheet offers stays."""
        Lead, survey_title = self.env["crm.lead"], self.env["utm.source"].create({"name": "Customer survey 7"})
        event, website = self.env.ref("sales_full_cycle.source_event"), self.env.ref("sales_full_cycle.source_website")
        for vals, expected in (
            ({"event_lead_rule_id": 1, "source_id": False}, event),
            ({"event_lead_rule_id": 1, "source_id": website.id}, website),
            ({"origin_survey_id": 1, "source_id": survey_title.id}, event),
            ({"origin_survey_id": 1, "source_id": website.id}, website),
        ):
            Lead._complete_from_channel(vals)
            self.assertEqual(vals["source_id"], expected.id)

    def test_website_form_fills_source_and_need(self):
        """S1.1, S1.2: the message of a web form is the need, unless the form asks for it."""
        website = self.env.ref("sales_full_cycle.source_website")
        with patch.object(crm_lead_channels.CrmLead, "_is_website_form", lambda self: True):
            leads = self.env["crm.lead"].create([
                {"name": "Form", "description": "<p>Two cranes</p><p>soon</p>"},
                {"name": "Form", "description": "<p>Two cranes</p>", "need_summary": "Three", "source_id": self.fair.id},
            ])
        self.assertRecordValues(leads, [
            {"source_id": website.id, "need_summary": "Two cranes\nsoon"}, {"source_id": self.fair.id, "need_summary": "Three"},
        ])
