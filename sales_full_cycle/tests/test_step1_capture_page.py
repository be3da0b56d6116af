import time
from urllib.parse import urlencode

from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestCapturePage(HttpCase):
    """A visitor of a fair leaves their details on the public page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = new_test_user(cls.env, "sfc_rep", "sales_team.group_sale_salesman")
        cls.manager = new_test_user(cls.env, "sfc_manager", "sales_team.group_sale_manager")
        cls.fair = cls.env.ref("sales_full_cycle.source_fair")
        cls.retail = cls.env.ref("sales_full_cycle.industry_retail")
        cls.page = cls.env["sfc.capture.page"].with_user(cls.manager).create({"name": "Spring Fair", "source_id": cls.fair.id})
        cls.page.company_id.sudo().partner_id.lang = "en_US"
        cls.path = f"/lead/{cls.page.token}"

    # === A VISITOR === #

    def _open(self, query="", **options):
        answer = self.url_open(self.path + query, **options)
        self.assertEqual(answer.status_code, 200)
        return html.fromstring(answer.text)

    def _hidden(self, form, name):
        return form.xpath(f"//input[@name='{name}']")[0].get("value")

    def _answers(self, query="", **answers):
        """A filled-in form, typed for a minute."""
        return {
            "csrf_token": self._hidden(self._open(query), "csrf_token"), "stamp": self.page.sudo()._stamp(time.time() - 60),
            "company": "Hongda Machinery", "name": "Wang Li", "function": "Buyer", "contact": "138 0000 2222 / wang@hongda.example",
            "industry": str(self.retail.id), "need": "Twelve benches\nbefore June", "consent": "1", **answers,
        }

    def _send(self, query="", **answers):
        return self.url_open(self.path + query, data=self._answers(query, **answers))

    def _leads(self):
        return self.env["crm.lead"].search([("capture_page_id", "=", self.page.id)], order="id")

    def _assert_thanked(self, answer):
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.url.endswith("/thanks"), answer.url)

    # === WHAT BECOMES OF IT === #

    def test_sent_form_becomes_a_complete_lead_that_the_salesperson_sees(self):
        """S1.1, S1.2, S1.4: everything on the lead sheet comes from the form and the page; the owner is still to be chosen."""
        self._assert_thanked(self._send())
        lead = self._leads().with_user(self.rep)
        self.assertRecordValues(lead, [{
            "type": "lead", "partner_name": "Hongda Machinery", "contact_name": "Wang Li", "function": "Buyer",
            "phone": "138 0000 2222", "email_from": "wang@hongda.example", "industry_id": self.retail.id,
            "need_summary": "Twelve benches\nbefore June", "source_id": self.fair.id, "user_id": False, "is_complete": True,
            "medium_id": self.env.ref("utm.utm_medium_website").id, "company_id": self.page.company_id.id,
        }])
        self.assertTrue(lead.captured_at)
        self.assertTrue(lead.lead_number)
        self.assertIn("agreed", lead.message_ids[0].body)
        self.assertEqual(self.page.with_user(self.rep).lead_count, 1)

    def test_markup_stays_text(self):
        """S1.1: what a visitor types is text, on the sheet and in the log."""
        self._send(need="<img src=x onerror=alert(1)>", company="Rogue <b>Ltd</b>")
        lead = self._leads()
        self.assertEqual((lead.need_summary, lead.partner_name), ("<img src=x onerror=alert(1)>", "Rogue <b>Ltd</b>"))
        self.assertNotIn("<img", lead.message_ids[0].body)

    def test_same_person_again_makes_a_note_and_no_second_lead(self):
        """S1.1, P10: someone who remembers something and sends again within ten minutes is one lead."""
        self._send()
        self._assert_thanked(self._send(contact="+86 13800002222", need="Also two cranes"))
        lead = self._leads()
        self.assertEqual(len(lead), 1)
        self.assertIn("Also two cranes", lead.message_ids[0].body)
        self.assertEqual(lead.need_summary, "Twelve benches\nbefore June")
        self._send(contact="139 0000 3333", name="Zhao")
        self.assertEqual(len(self._leads()), 2, "a colleague from the same company is another person")

    def test_same_person_by_wechat_and_by_email(self):
        """S1.1, P10: WeChat or e-mail tell a person as a phone number does."""
        for contact in ("wx: hongda_wang", "HONGDA@example.com"):
            with self.subTest(contact=contact):
                before = self._leads()
                self._send(contact=contact)
                self._send(contact=contact, name="W. Li")
                self.assertEqual(len(self._leads() - before), 1)

    def test_same_person_later_is_a_new_lead(self):
        """S1.1: after ten minutes it is a new inquiry; that it looks the same is the duplicates' warning (P10)."""
        self._send()
        self.env.cr.execute("UPDATE crm_lead SET create_date = create_date - interval '11 minutes' WHERE id = %s", [self._leads().id])
        self._send()
        self.assertEqual(len(self._leads()), 2)
        self.assertIn("same phone", self._leads()[1].with_user(self.rep).duplicate_warning)

    # === WHAT THE LINK SAYS === #

    def test_link_names_an_existing_source_and_campaign(self):
        """S1.1, S1.2: one page serves several links; names are found in any case."""
        campaign = self.env["utm.campaign"].create({"title": "Autumn Drive"})
        self._send("?" + urlencode({"utm_source": "website", "utm_campaign": "autumn drive"}))
        self.assertEqual(self._leads().source_id, self.env.ref("sales_full_cycle.source_website"))
        self.assertEqual(self._leads().campaign_id, campaign)

    def test_link_never_creates_sources_campaigns_or_media(self):
        """S1.1: whatever stands in the link or in Odoo's tracking cookies, the lists stay ours."""
        models = ["utm.source", "utm.campaign", "utm.medium"]
        before = {model: self.env[model].search_count([]) for model in models}
        link = {"utm_source": "Evil source", "utm_campaign": "Evil campaign", "utm_medium": "Evil medium"}
        self._send("?" + urlencode(link))
        self._send("?" + urlencode({**link, "utm_source": "%"}), contact="another_wechat")
        self.assertEqual(self._leads().source_id, self.fair)
        self.assertFalse(self._leads().campaign_id)
        self.assertEqual({model: self.env[model].search_count([]) for model in models}, before)

    # === REFUSED, WITH WHAT WAS TYPED === #

    def _assert_returned(self, answer, name, message):
        """The form is back with the message at the answer, and nothing was made of it."""
        self.assertFalse(self._leads())
        page = html.fromstring(answer.text)
        self.assertIn(message, page.xpath(f"//*[@id='capture_{name}_problem']")[0].text_content())
        self.assertIn("is-invalid", page.xpath(f"//*[@name='{name}']")[0].get("class"))
        return page

    def test_missing_contact_keeps_everything_that_was_typed(self):
        """S1.1: a mistake costs the visitor one word and not the whole form."""
        page = self._assert_returned(self._send(contact=" "), "contact", "phone number, WeChat or e-mail")
        self.assertEqual(self._hidden(page, "company"), "Hongda Machinery")
        self.assertEqual(self._hidden(page, "name"), "Wang Li")
        self.assertEqual(page.xpath("//textarea[@name='need']")[0].text.strip(), "Twelve benches\nbefore June")
        self.assertEqual(page.xpath("//select[@name='industry']/option[@selected]")[0].get("value"), str(self.retail.id))
        self.assertEqual(self._hidden(page, "consent"), "1")
        self.assertTrue(page.xpath("//input[@name='consent'][@checked]"))

    def test_correcting_at_once_is_not_a_robot(self):
        """S1.1: the stamp of the first opening stays with the returned form."""
        page = html.fromstring(self._send(contact="").text)
        self._send(stamp=self._hidden(page, "stamp"))
        self.assertEqual(len(self._leads()), 1)

    def test_company_or_name_is_needed(self):
        """S1.1: one of the two is enough."""
        self._assert_returned(self._send(company="", name=""), "company", "your company or your name")
        self._assert_thanked(self._send(company=""))
        self.assertEqual(self._leads().name, "Wang Li")

    def test_consent_is_needed(self):
        """S1.1: without it nothing is kept."""
        self._assert_returned(self._send(consent=""), "consent", "tick this box")

    def test_long_answers_are_returned_and_not_cut(self):
        """S1.1: lengths are checked on the server."""
        page = self._assert_returned(self._send(need="x" * 2001), "need", "2000")
        self.assertEqual(len(page.xpath("//textarea[@name='need']")[0].text.strip()), 2001)

    def test_industry_outside_the_list_is_returned(self):
        """S1.1: only listed industries, and only when the page asks."""
        unlisted = self.env["res.partner.industry"].create({"name": "Hidden", "is_listed": False})
        for industry in (str(unlisted.id), "1 OR 1=1", "-1"):
            self._assert_returned(self._send(industry=industry), "industry", "from the list")
        self.page.asks_industry = False
        self.assertFalse(self._open().xpath("//select"))

    def test_control_characters_do_no_harm(self):
        """S1.1: bytes that a database refuses never reach it."""
        self._assert_thanked(self._send(company="Hong\x00da\nLtd"))
        self.assertEqual(self._leads().partner_name, "Hongda Ltd")

    # === ROBOTS === #

    def test_trap_is_thanked_and_dropped(self):
        """S1.1: who fills in what people do not see is answered like everyone, and no lead is made."""
        self._assert_thanked(self._send(homepage="http://spam.example"))
        self.assertFalse(self._leads())

    def test_typed_faster_than_anyone_types(self):
        """S1.1: sent within three seconds."""
        self._assert_thanked(self._send(stamp=self._hidden(self._open(), "stamp")))
        self.assertFalse(self._leads())

    def test_forged_stamps_and_stamps_of_another_page(self):
        """S1.1: the time of opening cannot be made up."""
        other = self.env["sfc.capture.page"].create({"name": "Other", "source_id": self.fair.id})
        for stamp in ("", "x", "AAAA", "é" * 50, self.page._stamp(time.time() - 60)[:-3] + "abc", other._stamp(time.time() - 60)):
            self._assert_thanked(self._send(stamp=stamp))
        self.assertFalse(self._leads())

    def test_page_left_open_overnight_asks_to_send_once_more(self):
        """S1.1: a tablet on the stand loses nothing."""
        answer = self._send(stamp=self.page.sudo()._stamp(time.time() - 30 * 3600))
        self.assertIn("open for very long", answer.text)
        self.assertIn("Hongda Machinery", answer.text)
        self.assertFalse(self._leads())

    def test_limit_an_hour_and_address(self):
        """S1.1: the limit holds for one address and page; what was typed comes back with the friendly answer."""
        self.env["ir.config_parameter"].set_param("sales_full_cycle.capture_limit", "2")
        self._send(contact="13800000001")
        self._send(contact="13800000002")
        answer = self._send(contact="13800000003")
        self.assertEqual(answer.status_code, 429)
        self.assertIn("13800000003", answer.text)
        self.assertIn("Very many forms", answer.text)
        self.assertEqual(len(self._leads()), 2)
        hits = self.env["sfc.capture.hit"].search([("page_id", "=", self.page.id)])
        self.assertNotIn("127.0.0.1", str(hits.read()), "no address is kept")
        self.env.cr.execute("UPDATE sfc_capture_hit SET seen_at = seen_at - interval '61 minutes'")
        self.env.invalidate_all()
        self._assert_thanked(self._send(contact="13800000003"))
        self.assertEqual(len(self._leads()), 3)

    def test_limit_counts_each_page_by_itself(self):
        """S1.1: one address on two pages, and one IPv6 network as one address."""
        Hit = self.env["sfc.capture.hit"]
        self.env["ir.config_parameter"].set_param("sales_full_cycle.capture_limit", "1")
        other = self.env["sfc.capture.page"].create({"name": "Other", "source_id": self.fair.id})
        self.assertTrue(Hit._count_or_refuse(self.page, "2001:db8::1"))
        self.assertFalse(Hit._count_or_refuse(self.page, "2001:db8::2"))
        self.assertTrue(Hit._count_or_refuse(self.page, "2001:db8:1::1"))
        self.assertTrue(Hit._count_or_refuse(self.page, "192.0.2.1"))
        self.assertTrue(Hit._count_or_refuse(self.page, "192.0.2.2"))
        self.assertFalse(Hit._count_or_refuse(self.page, "::ffff:192.0.2.2"))
        self.assertTrue(Hit._count_or_refuse(other, "2001:db8::1"))

    def test_old_hits_are_cleaned_away(self):
        """S1.1: what is remembered of visitors is gone after a day."""
        self._send()
        hits = self.env["sfc.capture.hit"].search([("page_id", "=", self.page.id)])
        self.assertEqual(len(hits), 2)
        hits._gc_hits()
        self.assertEqual(len(hits.exists()), 2)
        hits.seen_at = "2020-01-01 00:00:00"
        hits._gc_hits()
        self.assertFalse(hits.exists())

    def test_without_csrf_token_nothing_happens(self):
        """S1.1: another site cannot send the form in a visitor's name."""
        answers = self._answers()
        del answers["csrf_token"]
        with self.assertLogs("odoo.http", "WARNING"):
            answer = self.url_open(self.path, data=answers)
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._leads())

    # === PAGES === #

    def test_unknown_address(self):
        """S1.1: no page, no hint."""
        for path in ("/lead/nothing-here", "/lead/nothing-here/thanks"):
            self.assertEqual(self.url_open(path).status_code, 404)

    def test_archived_page_says_that_it_is_closed(self):
        """S1.1: a poster may outlive its fair."""
        answers = self._answers()
        self.page.with_user(self.manager).action_archive()
        for options in ({}, {"data": answers}):
            answer = self.url_open(self.path, **options)
            self.assertEqual(answer.status_code, 410)
            self.assertIn("closed", answer.text)
        self.assertFalse(self._leads())

    def test_page_speaks_the_visitor_s_language(self):
        """S1.1: the browser's language among the installed ones; the lead is told in the company's."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.default"].set("res.partner", "lang", "en_US")
        self.page.update_field_translations("name", {"zh_CN": "春季展会"})
        chinese = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
        page = self._open(headers=chinese)
        self.assertEqual(page.xpath("//html/@lang"), ["zh-CN"])
        self.assertEqual(page.xpath("//h1")[0].text_content(), "春季展会")
        self.opener.cookies.clear()
        self.assertEqual(self._open(headers={"Accept-Language": "en-US"}).xpath("//h1")[0].text_content(), "Spring Fair")
        self.opener.cookies.clear()
        self.assertEqual(self._open(headers={"Accept-Language": "fi"}).xpath("//html/@lang"), ["en-US"])
        self.opener.cookies.clear()
        self.url_open(f"/zh_CN{self.path}", data=self._answers(), headers=chinese)
        lead = self._leads()
        self.assertEqual(lead.lang_id.code, "zh_CN")
        self.assertIn("Spring Fair", lead.message_ids[0].body)

    # === RIGHTS === #

    def test_manager_makes_pages_and_salesperson_reads_them(self):
        """S1.1: the link and the code are for the whole sales team, the settings for the manager."""
        page = self.page.with_user(self.rep)
        self.assertIn(self.path, page.url)
        self.assertTrue(page.qr_code)
        with self.assertRaises(AccessError):
            page.name = "Mine"
        with self.assertRaises(AccessError):
            self.env["sfc.capture.page"].with_user(self.env.ref("base.public_user")).search([])

    def test_poster_is_one_page_with_the_code(self):
        """S1.1: name, code, one sentence."""
        action = self.page.with_user(self.rep).action_print_poster()
        self.assertEqual(action["report_name"], "sales_full_cycle.capture_poster")
        content, _kind = self.env["ir.actions.report"].with_user(self.rep)._render_qweb_html(action["report_name"], self.page.ids)
        for part in ("Spring Fair", "Scan the code", "data:image/png;base64", self.path):
            self.assertIn(part, content.decode())

    def test_page_of_another_company_is_not_seen(self):
        """S1.1: company rule."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        page = self.env["sfc.capture.page"].create({"name": "Theirs", "source_id": self.fair.id, "company_id": company.id})
        self.assertNotIn(page, self.env["sfc.capture.page"].with_user(self.rep).search([]))
