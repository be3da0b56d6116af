import base64
import hashlib
import io
from datetime import timedelta

from lxml import etree
from PIL import Image, ImageDraw

from odoo import Command, fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

from odoo.addons.sales_full_cycle.models.step4_contract.amount_words import chinese_amount

from .common import SalesCase

REPORT = "sales_full_cycle.report_contract_action"
QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_attachment")


def picture(color="black", size=(120, 40), kind="PNG", background=(255, 255, 255, 0)):
    """A drawn line, or nothing but the background."""
    image = Image.new("RGBA", size, background)
    if color:
        ImageDraw.Draw(image).line((5, 5, size[0] - 5, size[1] - 5), fill=color, width=3)
    output = io.BytesIO()
    (image if kind == "PNG" else image.convert("RGB")).save(output, kind)
    return output.getvalue()


def pdf(pages=1):
    writer, output = PdfFileWriter(), io.BytesIO()
    for _page in range(pages):
        writer.addBlankPage(width=595, height=842)
    writer.write(output)
    return output.getvalue()


DRAWING = base64.b64encode(picture()).decode()
EMPTY = base64.b64encode(picture(color=None)).decode()


class ContractCase(SalesCase):
    """Contracts of one deal, as legal has approved them; how that happens is tested elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # its people take the language over from it; what it is by default depends on the database
        cls.company_partner = cls.env["res.partner"].create({
            "name": "Hongda Machinery", "is_company": True, "lang": "en_US", "street": "1 Nanjing Road", "city": "Shanghai"})
        cls.buyer = new_test_user(cls.env, "sign_buyer", "base.group_portal", lang="en_US", email="buyer@hongda.example", name="Wang Buyer")
        cls.buyer.partner_id.parent_id = cls.company_partner
        cls.stranger = new_test_user(cls.env, "sign_stranger", "base.group_portal", lang="en_US", email="other@else.example", name="Other Buyer")
        cls.finance = new_test_user(cls.env, "sign_finance", "base.group_user,account.group_account_invoice", lang="en_US")
        cls.bench = cls.env["product.product"].create({"name": "Bench", "list_price": 1000, "taxes_id": [Command.clear()]})
        cls.deal = cls.env["crm.lead"].create({
            "name": "Benches", "type": "opportunity", "partner_id": cls.company_partner.id, "user_id": cls.rep.id, "team_id": cls.team.id})

    @classmethod
    def _contract(cls, **values):
        order = cls.env["sale.order"].create({
            "partner_id": cls.company_partner.id, "user_id": cls.rep.id, "team_id": cls.team.id, "opportunity_id": cls.deal.id,
            "order_line": [Command.create({"product_id": cls.bench.id, "product_uom_qty": 2})]})
        if "lead_id" in values:
            order.opportunity_id = values["lead_id"]
        order.write({"approval_state": "approved", "approval_content_hash": order._approval_hash()})
        return cls.env["sfc.contract"].create({
            "name": "Test benches", "type_id": cls.env["sfc.contract.type"].search([("is_amendment", "=", False)], limit=1).id, "lead_id": cls.deal.id,
            "sale_order_id": order.id, "partner_id": cls.company_partner.id, "user_id": cls.rep.id, "clause_ids": [
                Command.create({"name": "Delivery", "kind": "delivery", "body": "Within 30 days.", "sequence": 10}),
                Command.create({"name": "Support", "kind": "ours", "body": "Twelve months.", "sequence": 20}),
                Command.create({"name": "Payment", "kind": "payment", "body": "Thirty days.", "sequence": 30}),
                Command.create({"name": "Late delivery", "kind": "breach", "body": "0.05 % a day.", "sequence": 40})], **values})

    @classmethod
    def _approved(cls, **values):
        return cls._approve(cls._contract(**values))

    @classmethod
    def _approve(cls, contract):
        contract.write({"approval_state": "approved", "approval_content_hash": contract._approval_hash()})
        if contract.state != "approved":
            contract.write({"state": "approved"})
        return contract

    @classmethod
    def _sent(cls, **values):
        contract = cls._approved(**values)
        contract.with_user(cls.rep)._send("portal", cls.company_partner)
        return contract

    @classmethod
    def _confirmed(cls, **values):
        contract = cls._sent(**values)
        contract._confirm("portal", "Wang", user=cls.buyer)
        return contract

    @classmethod
    def _outdated(cls):
        """Sent, and changed afterwards."""
        contract = cls._sent()
        cls._change(contract)
        return contract

    @classmethod
    def _change(cls, contract):
        contract.name = "Other benches"
        return contract

    def _dialog(self, model, contract, user=None, **values):
        return self.env[model].with_user(user or self.rep).with_context(default_contract_id=contract.id).create(values)

    def _files(self, *files):
        return [Command.set(self.env["ir.attachment"].with_user(self.rep).create([{"name": name, "raw": raw} for name, raw in files]).ids)]


@tagged("post_install", "-at_install")
class TestSending(ContractCase):
    """Only what legal approved goes to the customer (S4.7, S4.8)."""

    def test_send_by_chat(self):
        """S4.8: recorded, with the paper, link and words to copy; the customer has thirty days."""
        contract = self._approved()
        action = contract.with_user(self.rep).action_send()
        wizard = Form(self.env["sfc.contract.send"].with_user(self.rep).with_context(**action["context"])).save()
        wizard.action_apply()
        self.assertEqual((contract.state, contract.sent_by_id, contract.sent_channel), ("sent", self.rep, "wechat"))
        self.assertEqual(contract.sign_until, fields.Date.today() + timedelta(30))
        self.assertIn(f"/my/contracts/{contract.id}?access_token={contract.access_token}", wizard.link)
        self.assertIn(wizard.link, wizard.text_to_copy)
        self.assertTrue(wizard.paper_ids.sfc_frozen)
        self.assertIn(wizard.paper_ids, contract.message_ids.attachment_ids)

    def test_send_by_mail(self):
        """S4.8: Odoo's composer, with template and paper; sent when the mail goes out, not before."""
        contract = self._approved()
        wizard = self._dialog("sfc.contract.send", contract, channel="mail")
        action = wizard.action_apply()
        self.assertEqual(contract.state, "approved")
        composer = self.env["mail.compose.message"].with_user(self.rep).with_context(**action["context"]).create({})
        self.assertEqual(len(composer.attachment_ids), 1)
        self.assertIn(f"/my/contracts/{contract.id}", composer.body)
        composer._action_send_mail()
        self.assertEqual((contract.state, contract.sent_channel, contract.sent_by_id), ("sent", "mail", self.rep))
        self.assertIn(self.company_partner, contract.message_ids.partner_ids)

    def test_only_approved_ones_are_sent(self):
        """S4.7: neither a draft nor what was changed since, by button, dialog or composer."""
        outdated = self._change(self._approved())
        for contract in (self._contract(), outdated):
            with self.assertRaises(UserError):
                contract.with_user(self.rep).action_send()
            wizard = self._dialog("sfc.contract.send", contract)
            for channel in ("wechat", "portal", "paper", "mail"):
                wizard.channel = channel
                with self.assertRaises(UserError):
                    wizard.action_apply()
            with self.assertRaises(UserError):
                contract.with_user(self.rep).with_context(sfc_send_contract=True).message_post(body="Here", message_type="comment")
            self.assertFalse(contract.sent_at)

    def test_colleagues_who_only_read_do_not_send(self):
        """design.md 8: finance reads contracts."""
        contract = self._approved()
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            contract.with_user(self.finance).action_send()

    def test_dates_make_sense(self):
        contract = self._approved().with_user(self.rep)
        with self.assertRaises(UserError):
            contract._send("paper", self.company_partner, sent_at=fields.Datetime.now() + timedelta(days=1))
        with self.assertRaises(UserError):
            contract._send("paper", self.company_partner, sign_until=fields.Date.today() - timedelta(1))

    def test_nobody_claims_what_buttons_record(self):
        """P8: neither by writing nor by creating nor by a context, not even a manager."""
        contract = self._approved()
        values = {
            "sent_at": fields.Datetime.now(), "signed_at": fields.Datetime.now(), "signed_by": "Me", "signature": DRAWING, "sign_way": "portal",
            "signed_sha256": "x", "confirmed_at": fields.Datetime.now(), "confirmed_hash": "x", "seal_kind": "official", "declined_at": False,
            "signed_on": fields.Date.today(), "access_token": "guessed"}
        for fname, value in values.items():
            with self.subTest(fname), self.assertRaises(UserError):
                contract.with_user(self.manager).write({fname: value})
        defaults = self.env["sfc.contract"].with_user(self.manager).with_context(
            default_signed_by="Me", default_signed_at="2020-01-01 00:00:00", default_name="Title").default_get(["signed_by", "signed_at", "name"])
        self.assertEqual(defaults, {"name": "Title"})
        contract.with_user(self.rep).write({"archive_place": "Cabinet 3", "originals": 2})


@tagged("post_install", "-at_install")
class TestConfirmation(ContractCase):
    """客户确认无误 (S4.8, D16)."""

    def test_confirmation_with_evidence(self):
        contract = self._sent()
        wizard = self._dialog("sfc.contract.confirmation", contract, way="wechat", name="Wang", file_ids=self._files(("chat.png", picture())))
        wizard.action_apply()
        self.assertTrue(contract.confirmed_by_customer)
        self.assertEqual((contract.confirmed_way, contract.confirmed_by, contract.confirmed_user_id), ("wechat", "Wang", self.rep))
        self.assertEqual(contract.confirmation_file_ids.mapped("sfc_frozen"), [True])

    def test_without_evidence_or_with_a_wrong_file(self):
        contract = self._sent()
        for files in ([], self._files(("chat.exe", b"MZ program")), self._files(("chat.png", b"\x89PNG\r\n\x1a\nbroken"))):
            with self.assertRaises(UserError):
                self._dialog("sfc.contract.confirmation", contract, name="Wang", file_ids=files).action_apply()
        self.assertFalse(contract.confirmed_by_customer)

    def test_a_change_takes_the_confirmation_away(self):
        """S4.8: what was confirmed is the text, also when the other text is approved later."""
        contract = self._confirmed()
        self.assertTrue(contract.confirmed_by_customer)
        self._change(contract)
        self.assertFalse(contract.confirmed_by_customer)
        self._approve(contract)
        self.assertFalse(contract.confirmed_by_customer)

    def test_who_may_not_record_it(self):
        contract = self._sent()
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            contract.with_user(self.finance).action_confirm_by_customer()
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            contract.with_user(self.other_rep).action_confirm_by_customer()
        with self.assertRaises(UserError):
            self._contract().with_user(self.rep).action_confirm_by_customer()


@tagged("post_install", "-at_install")
class TestSealedCopy(ContractCase):
    """A sealed scan counts as much as a signature on the portal (D16)."""

    def _register(self, contract, *files, user=None, **values):
        wizard = self._dialog("sfc.contract.signed.copy", contract, user=user, **{
            "signatory": "Wang", "seal_kind": "official", "file_ids": self._files(*files), **values})
        wizard.action_apply()
        return contract

    def test_scan_signs(self):
        """D16: seal, signatory, proxy letter, originals, archive place; the scan is what is printed from then on, byte for byte."""
        scan = pdf(2)
        contract = self._register(
            self._approved(), ("scan.pdf", scan), originals=4, archive_place="Cabinet 3", proxy_letter=base64.b64encode(pdf()),
            proxy_letter_name="proxy.pdf")
        self.assertEqual((contract.state, contract.sign_way, contract.signed_by, contract.signed_user_id), ("signed", "scan", "Wang", self.rep))
        self.assertEqual((contract.seal_kind, contract.originals, contract.archive_place), ("official", 4, "Cabinet 3"))
        self.assertEqual((contract.proxy_letter_id.name, contract.proxy_letter_id.sfc_frozen), ("proxy.pdf", True))
        self.assertEqual(contract.signed_attachment_id.raw, scan)
        self.assertEqual(contract.signed_sha256, hashlib.sha256(scan).hexdigest())
        self.assertTrue(contract.signed_text_attachment_id.sfc_frozen)
        self.assertEqual(contract.confirmed_way, "paper")
        self.assertEqual(self.env["ir.actions.report"].with_user(self.rep)._render_qweb_pdf(REPORT, contract.ids), (scan, "pdf"))

    def test_photographs_become_one_document(self):
        contract = self._register(self._sent(), ("1.jpg", picture(kind="JPEG")), ("2.png", picture()), ("3.pdf", pdf(2)))
        reader = PdfFileReader(io.BytesIO(contract.signed_attachment_id.raw))
        self.assertEqual(reader.getNumPages(), 4)
        self.assertEqual(contract.signed_file_ids.mapped("name"), ["1.jpg", "2.png", "3.pdf"])
        self.assertEqual(set(contract.signed_file_ids.mapped("sfc_frozen")), {True})

    def test_wrong_files(self):
        """D16: type by content, size, broken, none at all."""
        contract = self._approved()
        for files in (
                [], [("scan.pdf", b"")], [("scan.pdf", b"MZ a program")], [("scan.pdf", b"%PDF-1.4 broken")], [("scan.png", b"\x89PNG\r\n\x1a\nbroken")],
                [("scan.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")], [("scan.pdf", b"%PDF-1.4" + b"0" * (20 * 1024 * 1024))],
                [(f"{number}.pdf", pdf()) for number in range(31)]):
            with self.assertRaises(UserError), mute_logger("pypdf._reader", "PyPDF2._reader", "pypdf"):
                self._register(contract, *files)
            self.assertFalse(contract.signed_at)
            self.assertEqual(contract.state, "approved")

    def test_states_and_roles(self):
        """S4.7: neither draft, outdated, cancelled nor signed twice; finance and other salespeople cannot."""
        self.assertRaises(UserError, self._register, self._contract(), ("scan.pdf", pdf()))
        self.assertRaises(UserError, self._register, self._outdated(), ("scan.pdf", pdf()))
        cancelled = self._sent()
        cancelled._move("cancelled")
        self.assertRaises(UserError, self._register, cancelled, ("scan.pdf", pdf()))
        contract = self._approved()
        for user in (self.finance, self.other_rep):
            with self.assertRaises(AccessError), mute_logger(*QUIET):
                contract.with_user(user).action_register_signed_copy()
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            self.env["sfc.contract.signed.copy"].with_user(self.finance).create({"contract_id": contract.id, "signatory": "W"})
        self._register(contract, ("scan.pdf", pdf()), user=self.rep)
        with self.assertRaisesRegex(UserError, "was signed already by Wang on"):
            self._register(contract, ("scan.pdf", pdf()))

    def test_dates(self):
        """A signature is not of tomorrow, and not after the last day."""
        contract = self._sent()
        tomorrow = fields.Date.today() + timedelta(2)
        self.assertRaises(UserError, self._register, contract, ("scan.pdf", pdf()), signed_on=tomorrow)
        contract.sign_until = fields.Date.today() - timedelta(3)
        with self.assertRaisesRegex(UserError, "could be signed until"):
            self._register(contract, ("scan.pdf", pdf()))
        self._register(contract, ("scan.pdf", pdf()), signed_on=fields.Date.today() - timedelta(5))
        self.assertEqual(contract.signed_on, fields.Date.today() - timedelta(5))

    def test_effects_once_and_undone_with_the_signature(self):
        """S4.8: `_signed()` once, in the same transaction."""
        calls = []
        self.patch(self.registry["sfc.contract"], "_signed", lambda contract: calls.append((contract.id, contract.state)))
        contract = self._register(self._approved(), ("scan.pdf", pdf()))
        self.assertEqual(calls, [(contract.id, "signed")])

        def refuse(contract):
            raise UserError(contract.env._("the order cannot be confirmed"))
        self.patch(self.registry["sfc.contract"], "_signed", refuse)
        other = self._approved()
        with self.assertRaisesRegex(UserError, "cannot be confirmed"), self.env.cr.savepoint():
            self._register(other, ("scan.pdf", pdf()))
        self.assertEqual((other.state, other.signed_at, other.signed_attachment_id.ids), ("approved", False, []))


@tagged("post_install", "-at_install")
class TestButtons(ContractCase):

    def test_who_only_reads_contracts_gets_no_button_to_send_or_sign(self):
        """S4.8: legal and finance read contracts; sending and signing is sales'."""
        legal = new_test_user(self.env, "sfc_reads_legal", "sales_full_cycle.group_sfc_legal", lang="en_US")
        finance = new_test_user(self.env, "sfc_reads_finance", "account.group_account_invoice", lang="en_US")
        buttons = {"action_send", "action_register_signed_copy", "action_confirm_by_customer"}
        for user, seen in ((self.rep, buttons), (legal, set()), (finance, set())):
            arch = etree.fromstring(self.env["sfc.contract"].with_user(user).get_view(view_type="form")["arch"])
            self.assertEqual({button.get("name") for button in arch.iter("button")} & buttons, seen, user.login)


@tagged("post_install", "-at_install")
class TestFrozen(ContractCase):
    """Signed means frozen (ahead 7, P8)."""

    def setUp(self):
        super().setUp()
        self.contract = self._confirmed()
        self.contract._sign("portal", "Wang", signature=DRAWING, ip="192.0.2.1", user=self.buyer)

    def test_what_is_recorded(self):
        contract = self.contract
        self.assertEqual((contract.state, contract.sign_way, contract.signed_by, contract.signed_user_id), ("signed", "portal", "Wang", self.buyer))
        self.assertEqual((contract.signed_ip, contract.signed_on), ("192.0.2.1", fields.Date.today()))
        self.assertEqual(contract.signed_sha256, hashlib.sha256(contract.signed_attachment_id.raw).hexdigest())
        self.assertEqual(contract.company_signatory, self.rep.name)
        self.assertIn(b"192.0.2.1", contract.signed_attachment_id.raw)  # without a printer tests get the page itself

    def test_nobody_changes_or_deletes_the_file(self):
        """ahead 7: not the salesperson, not the manager, not the administrator, not the system."""
        drawing = self.env["ir.attachment"].search(
            [("res_model", "=", "sfc.contract"), ("res_id", "=", self.contract.id), ("res_field", "=", "signature")])
        self.assertTrue(drawing)
        admin = self.env.ref("base.user_admin")
        for file in self.contract.signed_attachment_id | drawing:
            for attachment in (file.with_user(self.rep), file.with_user(self.manager), file.with_user(admin), file.sudo()):
                for vals in ({"raw": b"x"}, {"datas": base64.b64encode(b"x")}, {"name": "x"}, {"res_id": 1}, {"sfc_frozen": False}, {"public": True}):
                    with self.assertRaises(UserError), mute_logger(*QUIET):
                        attachment.write(vals)
                with self.assertRaises(UserError), mute_logger(*QUIET):
                    attachment.unlink()
        with self.assertRaises(UserError):
            self.contract.signature = base64.b64encode(picture("red"))
        with self.assertRaises(UserError):
            self.contract.unlink()
        self.assertTrue(self.contract._signed_file_is_intact())

    def test_storage_may_move_and_a_link_be_shared(self):
        """What changes nothing passes: core writes the same content when files move to another storage."""
        file = self.contract.signed_attachment_id
        file.write({"raw": file.raw, "mimetype": file.mimetype})
        file.generate_access_token()

    def test_the_log_may_show_a_preview(self):
        """The web client draws one of every PDF that it lists, once; a contract that was signed opens without a complaint."""
        file = self.contract.signed_attachment_id.with_user(self.rep)
        file.sudo().thumbnail = base64.b64encode(picture("red"))
        self.assertTrue(file.has_thumbnail)
        with self.assertRaises(UserError):
            file.sudo().thumbnail = base64.b64encode(picture("blue"))
        self.assertTrue(self.contract._signed_file_is_intact())

    def test_nobody_forges_evidence(self):
        for vals in ({"sfc_frozen": True}, {"res_field": "signature"}):
            with self.assertRaises(UserError), mute_logger(*QUIET):
                self.env["ir.attachment"].with_user(self.manager).create(
                    {"name": "x", "raw": b"x", "res_model": "sfc.contract", "res_id": self.contract.id, **vals})

    def test_prints_are_the_signed_file(self):
        """ahead 7: whatever happens to names and addresses afterwards; in any selection, others are printed anew."""
        signed = self.contract.signed_attachment_id.raw
        self.company_partner.name = "Another name"
        Report = self.env["ir.actions.report"].with_user(self.rep)
        self.assertEqual(Report._render_qweb_pdf(REPORT, self.contract.ids)[0], signed)
        self.assertEqual(Report._render_qweb_pdf("sales_full_cycle.report_contract", self.contract.id)[0], signed)
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            self.env["ir.actions.report"].with_user(self.other_rep)._render_qweb_pdf(REPORT, self.contract.ids)

    def test_verify(self):
        """ahead 7: says so when the stored file is another."""
        contract = self.contract.with_user(self.finance)
        self.assertEqual(contract.action_verify_signed()["params"]["type"], "success")
        self.env.cr.execute("UPDATE ir_attachment SET db_datas = 'forged', store_fname = NULL WHERE id = %s", [self.contract.signed_attachment_id.id])
        self.env.invalidate_all()
        self.assertEqual(contract.action_verify_signed()["params"]["type"], "danger")
        with self.assertRaises(UserError):
            self._approved().with_user(self.rep).action_verify_signed()

    def test_a_copy_is_not_signed(self):
        copied = self.contract.copy({"sale_order_id": self.contract.sale_order_id.copy().id})
        self.assertFalse(copied.signed_at or copied.signature or copied.signed_attachment_id or copied.confirmed_at or copied.sent_at)
        self.assertNotEqual(copied.access_token, self.contract.access_token)


@tagged("post_install", "-at_install")
class TestContractPrint(HttpCase, ContractCase):
    """S4.8, S4.11: the contract on paper."""

    def _page(self, contract):
        return self.env["ir.actions.report"].with_user(self.rep)._render_qweb_html(REPORT, contract.ids)[0].decode()

    def test_a_contract_without_end_names_none(self):
        """S4.7: nothing is printed that nobody has written."""
        page = self._page(self._approved(date_start="2031-02-03"))
        self.assertIn("02/03/2031", page)
        self.assertIn("no fixed end", page)
        self.assertNotIn("2026-12-31", page)
        page = self._page(self._approved(date_start="2031-02-03", date_end="2032-02-02"))
        self.assertIn("02/02/2032", page)
        self.assertNotIn("no fixed end", page)

    def test_content(self):
        contract = self._approved(milestone_ids=[
            Command.create({"name": "Down payment", "trigger": "signature", "percent": 30, "amount": 600}),
            Command.create({"name": "Rest", "trigger": "acceptance", "percent": 70, "amount": 1400, "sequence": 20})])
        page = self._page(contract)
        for words in (
                contract.number, "Hongda Machinery", "1 Nanjing Road", "Bench", "2,000.00", "1. ", "Within 30 days.", "Down payment", "600.00",
                "Obligations of the supplier", "Obligations of the customer", "Liability for breach", "Two Thousand", 'class="topage"'):
            self.assertIn(words, page)
        self.assertNotIn("草稿", page)

    def test_amount_in_words(self):
        """人民币大写 in Chinese contracts."""
        for amount, words in (
                (0, "零元整"), (112125, "壹拾壹万贰仟壹佰贰拾伍元整"), (10.05, "壹拾元零伍分"), (10001, "壹万零壹元整"),
                (100010000, "壹亿零壹万元整"), (0.5, "伍角整"), (20300.55, "贰万零叁佰元伍角伍分"), (1000000, "壹佰万元整"), (-8, "负捌元整")):
            self.assertEqual(chinese_amount(amount), words)
        contract = self._approved(lang="en_US")
        self.assertIn("Two Thousand", contract._amount_in_words())

    def test_draft_is_marked(self):
        """S4.7: until legal has approved it, and again when it is changed."""
        self.assertIn("草稿", self._page(self._contract()))
        self.assertIn("草稿", self._page(self._change(self._approved())))

    def test_several_with_the_signed_ones_as_they_are(self):
        """ahead 7: merged in the order of the selection, on real paper."""
        signed, other = self._confirmed(), self._sent()
        signed = signed.with_context(force_report_rendering=True)
        signed._sign("portal", "Wang", signature=DRAWING, user=self.buyer)
        file = signed.signed_attachment_id.raw
        self.assertTrue(file.startswith(b"%PDF"))
        Report = self.env["ir.actions.report"].with_user(self.rep).with_context(force_report_rendering=True)
        self.assertEqual(Report._render_qweb_pdf(REPORT, signed.ids)[0], file)
        single = Report._render_qweb_pdf(REPORT, other.ids)[0]
        merged = Report._render_qweb_pdf(REPORT, (other | signed).ids)[0]
        pages = [PdfFileReader(io.BytesIO(content)).getNumPages() for content in (file, single, merged)]
        self.assertEqual(pages[2], pages[0] + pages[1])


@tagged("post_install", "-at_install")
class TestContractPortal(HttpCase, ContractCase):
    """The customer's page: who may see it, and what may be done there (S4.8, screens.md)."""

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    # === ASKING === #

    def log_in(self, user):
        self.authenticate(user.login, user.login.ljust(8, "x")) if user else self.authenticate(None, None)

    def page(self, contract, token=True, **params):
        params = {**({"access_token": contract.access_token if token is True else token} if token else {}), **params}
        return self.url_open(f"/my/contracts/{contract.id}?" + "&".join(f"{key}={value}" for key, value in params.items()))

    def act(self, contract, action, token=True, files=None, **values):
        token = contract.access_token if token is True else token or ""
        with mute_logger(*QUIET):
            return self.opener.post(
                f"{self.base_url()}/my/contracts/{contract.id}/{action}?access_token={token}",
                data={"csrf_token": self.csrf(), **values}, files=files, timeout=60, allow_redirects=True)

    def csrf(self):
        return http.Request.csrf_token(self)

    def sign(self, contract, token=True, name="Wang", signature=DRAWING):
        token = contract.access_token if token is True else token or ""
        with mute_logger(*QUIET):
            answer = self.opener.post(
                f"{self.base_url()}/my/contracts/{contract.id}/sign?access_token={token}",
                json={"jsonrpc": "2.0", "method": "call", "params": {"name": name, "signature": signature}}, timeout=60).json()
        self.assertIn("result", answer, answer)
        return answer["result"]

    def assert_not_signed(self, contract, text, **options):
        answer = self.sign(contract, **options)
        self.assertIn(text, answer.get("error", ""), answer)
        self.assertFalse(contract.signed_at)

    # === THE WAY === #

    def test_read_confirm_sign_by_link(self):
        """S4.8: without login, by the link: read, confirm, sign; then the signed document."""
        contract = self._sent()
        page = self.page(contract)
        self.assertEqual(page.status_code, 200)
        for words in (contract.number, "Read and confirm", "2,000.00", "Within 30 days.", "To be signed until"):
            self.assertIn(words, page.text)
        self.assertNotIn("contract_sign", page.text)
        self.assert_not_signed(contract, "confirm it first")
        page = self.act(contract, "confirm", name="Wang")
        self.assertIn("Thank you for confirming", page.text)
        self.assertEqual((contract.confirmed_way, contract.confirmed_by, contract.confirmed_user_id.ids), ("portal", "Wang", []))
        answer = self.sign(contract)
        self.assertIn("message=signed", answer.get("redirect_url", ""), answer)
        self.assertEqual((contract.state, contract.sign_way, contract.signed_by, contract.signed_user_id.ids), ("signed", "portal", "Wang", []))
        self.assertTrue(contract.signed_ip)
        self.assertIn(contract.signed_attachment_id, contract.message_ids.attachment_ids)
        page = self.page(contract, message="signed")
        self.assertIn("The contract is signed", page.text)
        self.assertEqual(self.page(contract, report_type="pdf").content, contract.signed_attachment_id.raw)

    def test_as_the_customers_user_without_link(self):
        """S4.8: the people of the customer find it in their portal."""
        contract = self._sent()
        self.log_in(self.buyer)
        listed = self.url_open("/my/contracts")
        self.assertIn(contract.number, listed.text)
        self.assertEqual(self.page(contract, token=None).status_code, 200)
        self.act(contract, "confirm", token=None, name="Wang Buyer")
        self.assertEqual(contract.confirmed_user_id, self.buyer)
        self.sign(contract, token=None)
        self.assertEqual(contract.signed_user_id, self.buyer)
        message = contract.message_ids.filtered(lambda message: "Signed by" in (message.body or ""))
        self.assertEqual(message.author_id, self.buyer.partner_id)

    def test_upload_sealed_copy(self):
        """D16: of equal rank, also on the portal."""
        contract = self._confirmed()
        scan = pdf(3)
        page = self.act(contract, "upload", name="Wang", seal_kind="official", files=[("copy", ("scan.pdf", scan, "application/pdf"))])
        self.assertIn("The contract is signed", page.text)
        self.assertEqual((contract.sign_way, contract.seal_kind, contract.signed_attachment_id.raw), ("scan", "official", scan))

    def test_upload_of_wrong_files(self):
        """Type by content, size, none; nothing remains of it."""
        contract = self._confirmed()
        for file in (
                ("scan.pdf", b"MZ program", "application/pdf"), ("scan.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024), "application/pdf"),
                ("scan.exe", b"MZ", "application/x-msdownload"), ("scan.pdf", b"", "application/pdf")):
            with mute_logger("pypdf._reader", "PyPDF2._reader"):
                page = self.act(contract, "upload", name="Wang", files=[("copy", file)])
            self.assertEqual(page.status_code, 422)
            self.assertIn('name="refusal"', page.text)
        self.assertEqual(self.act(contract, "upload", name="Wang").status_code, 422)
        self.assertFalse(contract.signed_at or contract.signed_attachment_id)

    # === WHAT IS NO SIGNATURE === #

    def test_empty_and_oversize_signatures(self):
        contract = self._confirmed()
        self.assert_not_signed(contract, "signature is missing", signature=None)
        self.assert_not_signed(contract, "signature is missing", signature="")
        self.assert_not_signed(contract, "signature is missing", signature=EMPTY)
        self.assert_not_signed(contract, "cannot be read", signature="not base64!")
        self.assert_not_signed(contract, "cannot be read", signature=base64.b64encode(b"no picture").decode())
        self.assert_not_signed(contract, "too large", signature="A" * (4 * 1024 * 1024))
        self.assert_not_signed(contract, "cannot be read", signature=["list"])
        self.assert_not_signed(contract, "name of who signs is missing", name=" ")

    def test_signed_twice(self):
        """S4.8: the second one is told by whom and when; the first file stays."""
        contract = self._confirmed()
        self.sign(contract)
        first = contract.signed_attachment_id
        answer = self.sign(contract, name="Somebody else")
        self.assertIn("was signed already by Wang on", answer["error"])
        page = self.act(contract, "upload", name="Else", files=[("copy", ("scan.pdf", pdf(), "application/pdf"))])
        self.assertIn("was signed already by Wang on", page.text)
        self.assertEqual((contract.signed_by, contract.signed_attachment_id), ("Wang", first))

    def test_not_in_force_yet_or_any_more(self):
        """S4.7, S4.8: unsent, draft, in review, outdated, cancelled: a page that says so, and nothing can be done, with the link or logged in."""
        draft, review, approved, outdated, cancelled = self._contract(), self._contract(), self._approved(), self._outdated(), self._confirmed()
        review.write({"state": "legal_review"})
        cancelled._move("cancelled")
        for contract in (draft, review, approved, outdated, cancelled):
            for user in (None, self.buyer):
                self.log_in(user)
                with self.subTest(state=contract.state, user=user and user.login):
                    page = self.page(contract)
                    self.assertEqual(page.status_code, 403)
                    self.assertIn("was cancelled" if contract == cancelled else "is being prepared or revised", page.text)
                    self.assertNotIn("Within 30 days.", page.text)
                    self.assertEqual(self.page(contract, report_type="pdf").status_code, 403)
                    self.assertTrue(self.sign(contract).get("error"))
                    for action in ("confirm", "upload", "decline", "question"):
                        self.assertEqual(self.act(contract, action, name="Wang", reason="no", question="why").status_code, 403)
                    self.assertFalse(contract.signed_at or contract.declined_at)
        self.log_in(self.buyer)
        listed = self.url_open("/my/contracts").text
        self.assertIn(outdated.number, listed)
        for contract in (draft, review, approved):
            self.assertNotIn(contract.number, listed)

    def test_expired(self):
        """S4.8: readable, but neither confirmed nor signed nor declined."""
        contract = self._confirmed()
        contract.sign_until = fields.Date.today() - timedelta(2)
        page = self.page(contract)
        self.assertIn('name="expired"', page.text)
        self.assertNotIn('id="contract_sign"', page.text)
        self.assert_not_signed(contract, "is over")
        self.assertEqual(self.act(contract, "upload", name="Wang", files=[("copy", ("scan.pdf", pdf(), "application/pdf"))]).status_code, 422)
        self.assertEqual(self.act(contract, "decline", reason="no").status_code, 422)

    def test_changed_between_reading_and_signing(self):
        """ahead 4: the approval is asked for at the moment of signing."""
        contract = self._confirmed()
        contract.sale_order_id.order_line.price_unit = 999
        contract.flush_recordset()
        self.assertTrue(self.sign(contract).get("error"))
        self.assertFalse(contract.signed_at)

    def test_wrong_link_wrong_customer(self):
        """S4.8: no oracle: whether there is such a contract is not said."""
        contract, other = self._confirmed(), self._sent()
        self.authenticate(None, None)
        for token in (None, "wrong", other.access_token):
            page = self.page(contract, token=token)
            self.assertEqual(page.status_code, 404)
            self.assertNotIn(contract.number, page.text)
            self.assert_not_signed(contract, "not valid", token=token)
        missing = self.env["sfc.contract"].browse(contract.id + 1000000)
        self.assertEqual(self.page(missing, token="wrong").status_code, 404)
        self.log_in(self.stranger)
        for token in (True, None):
            self.assertEqual(self.page(contract, token=token).status_code, 404)
            self.assert_not_signed(contract, "not valid", token=token)
            self.assertEqual(self.act(contract, "decline", token=token, reason="no").status_code, 404)
        self.assertNotIn(contract.number, self.url_open("/my/contracts").text)
        self.assertFalse(contract.declined_at)

    def test_colleagues_do_not_sign_for_the_customer(self):
        """Nobody of us is the customer; a colleague may look."""
        contract = self._confirmed()
        self.log_in(self.rep)
        page = self.page(contract)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn('id="contract_sign"', page.text)
        self.assert_not_signed(contract, "is for the customer")
        self.assertEqual(self.act(contract, "decline", reason="no").status_code, 422)
        self.log_in(self.other_rep)
        self.assertEqual(self.page(contract, token=None).status_code, 404)

    def test_inside_matters_stay_inside(self):
        """design.md 8: when an effect of the signature fails, the customer is not told why, and nothing remains."""
        contract = self._confirmed()

        def refuse(contract):
            raise UserError(contract.env._("the floor of this deal"))
        self.patch(self.registry["sfc.contract"], "_signed", refuse)
        with mute_logger("odoo.addons.sales_full_cycle.models.step4_contract.sfc_contract_signature"):
            self.assert_not_signed(contract, "could not be signed just now")
        self.env.invalidate_all()
        self.assertEqual((contract.state, contract.signed_attachment_id.ids), ("sent", []))

    # === DECLINE, ASK, TALK === #

    def test_decline(self):
        """screens.md: with a reason; the salesperson gets an activity; it is signed only after it was sent again."""
        contract = self._confirmed()
        self.assertEqual(self.act(contract, "decline", reason=" ").status_code, 422)
        page = self.act(contract, "decline", reason="Delivery takes too long")
        self.assertIn('name="declined"', page.text)
        self.assertEqual(contract.decline_reason, "Delivery takes too long")
        self.assertEqual(contract.activity_ids.user_id, self.rep)
        self.assertIn("Delivery takes too long", contract.activity_ids.note)
        self.assert_not_signed(contract, "declined")
        self.assertEqual(contract.state, "sent")
        contract.with_user(self.rep)._send("wechat", self.company_partner)
        self.assertFalse(contract.declined_at)
        self.assertNotIn("error", self.sign(contract))

    def test_question_becomes_an_objection(self):
        """screens.md, S3.12: an objection of the deal, channel portal; the same words twice are one."""
        contract = self._sent()
        for _time in range(2):
            page = self.act(contract, "question", question="Who pays for transport?")
            self.assertIn("your question has reached us", page.text)
        objection = self.env["sfc.objection"].search([("lead_id", "=", self.deal.id)])
        self.assertEqual((len(objection), objection.channel, objection.text, objection.user_id), (1, "portal", "Who pays for transport?", self.rep))
        self.assertEqual(objection.contact_id, self.company_partner)
        self.assertEqual(self.env["sfc.objection"]._from_message(objection.message_id), objection)
        self.assertEqual(self.act(contract, "question", question=" ").status_code, 422)

    def test_question_without_deal_reaches_the_salesperson(self):
        contract = self._sent(lead_id=False)
        self.act(contract, "question", question="Who pays?")
        self.assertIn("Who pays?", contract.activity_ids.note)

    def _fetch(self, contract, **params):
        with mute_logger(*QUIET):
            answer = self.opener.post(f"{self.base_url()}/mail/chatter_fetch", json={"jsonrpc": "2.0", "method": "call", "params": {
                "thread_model": "sfc.contract", "thread_id": contract.id, **params}}, timeout=60)
        return answer.json()

    def test_conversation(self):
        """screens.md: what we wrote to the customer, never our notes; closed with the page."""
        contract = self._sent()
        contract.with_user(self.rep).message_post(body="We deliver in May", message_type="comment", subtype_xmlid="mail.mt_comment")
        contract.with_user(self.rep).message_post(body="Their limit is low", subtype_xmlid="mail.mt_note")
        self.authenticate(None, None)
        text = str(self._fetch(contract, token=contract.access_token))
        self.assertIn("We deliver in May", text)
        self.assertNotIn("Their limit", text)
        self.assertNotIn("We deliver in May", str(self._fetch(contract, token="wrong")))
        self.log_in(self.stranger)
        self.assertNotIn("We deliver in May", str(self._fetch(contract, token=contract.access_token)))
        self._change(contract)
        self.authenticate(None, None)
        self.assertNotIn("We deliver in May", str(self._fetch(contract, token=contract.access_token)))

    # === BY API === #

    def test_customers_have_no_rights(self):
        """design.md 8: nothing of contract, clauses, instalments, files or notes can be read by RPC."""
        contract = self._sent()
        note = self.env["ir.attachment"].create({"name": "internal.txt", "raw": b"x", "res_model": "sfc.contract", "res_id": contract.id})
        for records in (contract, contract.clause_ids, note):
            self.assertFalse(records.with_user(self.buyer).has_access("read"))
        for model in ("sfc.contract", "sfc.contract.clause", "sfc.payment.milestone"):
            with self.assertRaises(AccessError), mute_logger(*QUIET):
                self.env[model].with_user(self.buyer).search([])
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            self.env["ir.attachment"].with_user(self.buyer).search([("res_model", "=", "sfc.contract"), ("res_id", "=", contract.id)])
        for method in ("action_send", "action_verify_signed", "action_register_signed_copy", "action_confirm_by_customer"):
            with self.assertRaises(UserError), mute_logger(*QUIET):
                getattr(contract.with_user(self.buyer), method)()
