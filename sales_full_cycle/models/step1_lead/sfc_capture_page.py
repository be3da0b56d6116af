import base64
import secrets
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize, escape_psql, plaintext2html
from odoo.tools.misc import hash_sign, verify_hash_signed

from . import capture_form, contact_channel, qr_image

STAMP_SCOPE = "sfc_capture_page"
SECONDS_TO_TYPE = 3  # nobody types faster, a robot does
STAMP_LIFE = 24 * 3600
SAME_PERSON_WITHIN = timedelta(minutes=10)


class SfcCapturePage(models.Model):
    """A public page on which visitors of a fair or a web site leave their details, reached by a link or a QR code (S1.1)."""
    _name = "sfc.capture.page"
    _description = "Public Lead Page"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, help="Visitors see it as the heading of the page.")
    active = fields.Boolean(default=True)
    token = fields.Char(required=True, readonly=True, copy=False, default=lambda self: secrets.token_urlsafe(9))
    url = fields.Char("Address", compute="_compute_url")
    qr_code = fields.Binary("QR code", compute="_compute_qr_code")

    # what its leads get
    source_id = fields.Many2one(
        "utm.source", "Lead Source", required=True, ondelete="restrict", domain=[("is_lead_source", "=", True)],
        help="A link with ?utm_source= and the name of another source wins over it.")
    medium_id = fields.Many2one("utm.medium", default=lambda self: self.env.ref("utm.utm_medium_website", raise_if_not_found=False))
    campaign_id = fields.Many2one("utm.campaign", help="A link with ?utm_campaign= and the name of another campaign wins over it.")
    team_id = fields.Many2one("crm.team", "Sales Team", check_company=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)

    # what visitors see
    asks_industry = fields.Boolean("Ask for the industry", default=True)
    thanks = fields.Text("Thank-you text", translate=True, help="Empty: a common sentence that says thank you.")

    lead_ids = fields.One2many("crm.lead", "capture_page_id", "Leads")
    lead_count = fields.Integer("Number of leads", compute="_compute_lead_count")

    _token_unique = models.Constraint("UNIQUE(token)", "Two lead pages cannot have the same address.")

    # === COMPUTE METHODS === #

    @api.depends("token", "company_id")
    def _compute_url(self):
        for page in self:
            page.url = f"{page.get_base_url()}/lead/{page.token}"

    @api.depends("url")
    def _compute_qr_code(self):
        for page in self:
            page.qr_code = base64.b64encode(qr_image.png(page.url))

    def _compute_lead_count(self):
        """Every lead that the reader may see, also those that were closed since."""
        groups = self.env["crm.lead"].with_context(active_test=False)._read_group(
            [("capture_page_id", "in", self.ids)], ["capture_page_id"], ["__count"])
        counts = {page.id: count for page, count in groups}
        for page in self:
            page.lead_count = counts.get(page.id, 0)

    # === BUTTONS === #

    def action_open_leads(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_full_cycle.crm_lead_action")
        return {**action, "domain": [("capture_page_id", "=", self.id)], "context": {"active_test": False, "create": False}}

    def action_open_page(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    def action_print_poster(self):
        return self.env.ref("sales_full_cycle.capture_poster_action").report_action(self)

    # === WHAT A VISITOR SENDS === #

    @api.model
    def _by_token(self, token):
        # sudo: the public user has no rights on lead pages; whoever knows the address may see what the page shows
        return self.sudo().with_context(active_test=False).search([("token", "=", token)], limit=1)

    def _industries(self):
        return self.env["res.partner.industry"].sudo().search([("is_listed", "=", True)]) if self.asks_industry else []

    def _problems(self, answers):
        """{answer: what the visitor should do about it}; empty when the answers can be kept."""
        problems = {
            name: self.env._("Please shorten this to %(limit)s characters.", limit=limit)
            for name, limit in capture_form.LIMITS.items() if len(answers[name]) > limit
        }
        if not answers["company"] and not answers["name"]:
            problems["company"] = self.env._("Please enter your company or your name.")
        if not any(contact_channel.split(answers["contact"]).values()):
            problems["contact"] = self.env._("Please enter a phone number, WeChat or e-mail, so that we can answer you.")
        if answers["industry"] and answers["industry"] not in [str(industry.id) for industry in self._industries()]:
            problems["industry"] = self.env._("Please choose an industry from the list.")
        if not answers["consent"]:
            problems["consent"] = self.env._("Please tick this box, so that we may answer you.")
        return problems

    def _stamp(self, opened=None):
        """A signed note of when the form was opened; it travels with the form."""
        return hash_sign(self.env(su=True), STAMP_SCOPE, [self.id, int(opened or time.time())])

    def _read_stamp(self, stamp):
        """'ok', 'robot' (forged, of another page, or sent too fast to be typed) or 'expired'."""
        try:
            page_id, opened = verify_hash_signed(self.env(su=True), STAMP_SCOPE, stamp or "") or (0, 0)
        except ValueError:
            return "robot"
        age = time.time() - opened
        if page_id != self.id or age < SECONDS_TO_TYPE:
            return "robot"
        return "ok" if age < STAMP_LIFE else "expired"

    def _capture(self, answers, link, lang):
        """Make a lead of a visitor's answers, or a note on the lead that the same person made just before.

        :param answers: checked by _problems
        :param link: the query of the address that the visitor opened; only utm_source and utm_campaign are read
        :param lang: res.lang of the visitor
        """
        self.ensure_one()
        # sudo: a visitor has no rights on leads. Nothing they send chooses a record, a field or a user, only the texts of one lead.
        # What is noted on the lead is written in the company's language, not in the visitor's.
        page_sudo = self.sudo().with_company(self.company_id).with_context(
            lang=self.company_id.sudo().partner_id.lang, mail_create_nosubscribe=True)
        person = contact_channel.split(answers["contact"])
        self.env["sfc.capture.hit"]._meet_person(page_sudo, person["phone"] or person["email"] or person["wechat"])
        lead_sudo = page_sudo._recent_lead(person)
        if lead_sudo:
            lead_sudo._message_log(body=page_sudo._note(page_sudo.env._("Sent again on %(page)s.", page=page_sudo.name), answers))
            return lead_sudo
        lead_sudo = page_sudo.env["crm.lead"].create(page_sudo._prepare_lead_vals(answers, link, lang))
        heading = page_sudo.env._(
            "Came in through %(page)s. The visitor agreed that these details are kept for answering.", page=page_sudo.name)
        lead_sudo._message_log(body=page_sudo._note(heading, answers))
        return lead_sudo

    def _prepare_lead_vals(self, answers, link, lang):
        person = contact_channel.split(answers["contact"])
        return {
            "type": "lead", "user_id": False, "team_id": self.team_id.id, "company_id": self.company_id.id, "capture_page_id": self.id,
            "partner_name": answers["company"], "contact_name": answers["name"], "function": answers["function"],
            "phone": person["phone"], "email_from": person["email"], "wechat": person["wechat"],
            "industry_id": answers["industry"] and int(answers["industry"]), "need_summary": answers["need"],
            "captured_at": fields.Datetime.now(), "lang_id": lang.id,
            # all three are always given: utm.mixin would fill a missing one from cookies, and create what the visitor's link names
            "source_id": (self._linked("utm.source", link.get("utm_source")) or self.source_id).id,
            "campaign_id": (self._linked("utm.campaign", link.get("utm_campaign")) or self.campaign_id).id,
            "medium_id": self.medium_id.id,
        }

    @api.model
    def _linked(self, model, name):
        """The existing record that a link names; nothing is ever created from a link."""
        records = self.env[model]
        if not isinstance(name, str) or not name.strip():
            return records
        names = [fname for fname in ("name", "label", "title") if fname in records._fields]
        return records.search(Domain.OR([(fname, "=ilike", escape_psql(name.strip()))] for fname in names), limit=1)

    def _recent_lead(self, person):
        """The lead that the same phone, e-mail or WeChat made on this page within the last minutes."""
        same = []
        if person["phone"]:
            key = contact_channel.phone_key(person["phone"])
            same.append(("phone_key", "=", key) if key else ("phone", "=", person["phone"]))
        if person["email"]:
            same.append(("email_normalized", "=", email_normalize(person["email"]) or person["email"]))
        if person["wechat"]:
            same.append(("wechat", "=", person["wechat"]))
        recent = [("capture_page_id", "=", self.id), ("create_date", ">=", self.env.cr.now() - SAME_PERSON_WITHIN)]
        return self.env["crm.lead"].with_context(active_test=False).search(
            Domain(recent) & Domain.OR([term] for term in same), order="id desc", limit=1)

    def _note(self, heading, answers):
        """Everything that was typed, word for word."""
        typed = [answers[name] for name in ("company", "name", "function", "contact", "need") if answers[name]]
        return plaintext2html("\n".join([heading, *typed]))
