from odoo import api, fields, models
from odoo.http import request
from odoo.tools.mail import parse_contact_from_email

from . import mail_text

NEED_LENGTH = 1000
# Fields of the lead sheet that a form of Odoo's web site may ask for.
WEBSITE_FORM_FIELDS = ["function", "industry_id", "need_summary", "wechat"]


class CrmLead(models.Model):
    """Where leads come in: public lead pages, e-mail, and Odoo's web site, events and surveys when they are installed (S1.1)."""
    _inherit = "crm.lead"

    capture_page_id = fields.Many2one("sfc.capture.page", "Lead page", readonly=True, copy=False, index="btree_not_null", ondelete="set null")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._complete_from_channel(vals)
        return super().create(vals_list)

    # === E-MAIL === #

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """The sender's words are the need. The source stays empty: an e-mail does not say how its sender found us."""
        medium = self.env.ref("utm.utm_medium_email", raise_if_not_found=False)
        values = {
            "need_summary": mail_text.own_words(msg_dict.get("body"), NEED_LENGTH),
            "medium_id": medium and medium.id,
        }
        if not msg_dict.get("author_id"):  # a known sender's name comes with the contact
            values["contact_name"] = parse_contact_from_email(msg_dict.get("from") or "")[0]
        values.update(custom_values or {})
        values["type"] = self._inquiry_type(values)
        return super().message_new(msg_dict, values)

    # === ADD-ONS THAT MAY BE INSTALLED === #

    @api.model
    def _complete_from_channel(self, vals):
        """Leads of website_crm, event_crm and survey_crm get the source that the lead sheet knows them by."""
        if vals.get("event_lead_rule_id"):
            vals["source_id"] = vals.get("source_id") or self._source_id("source_event")
        elif vals.get("origin_survey_id"):
            # survey_crm makes a source of every survey's title; the lead keeps its link to the survey anyway
            if not self.env["utm.source"].browse(vals.get("source_id")).is_lead_source:
                vals["source_id"] = self._source_id("source_event")
        elif self._is_website_form():
            self._complete_from_website_form(vals)

    @api.model
    def _inquiry_type(self, vals):
        """An inquiry is a lead, also where Odoo's setting 'Leads' was never looked at; with it on, a team may do without leads."""
        leads_are_a_choice = self.env.ref("crm.group_use_lead") in self.env.ref("base.group_user").sudo().all_implied_ids
        team = self.env["crm.team"].sudo().browse(vals.get("team_id"))
        return vals.get("type", "lead") if leads_are_a_choice and team and not team.use_leads else "lead"

    @api.model
    def _complete_from_website_form(self, vals):
        vals["type"] = self._inquiry_type(vals)
        if not vals.get("source_id") and not self.default_get(["source_id"]).get("source_id"):  # a tracked link knows it better
            vals["source_id"] = self._source_id("source_website")
        if not vals.get("need_summary") and vals.get("description"):
            vals["need_summary"] = mail_text.own_words(vals["description"], NEED_LENGTH)

    @api.model
    def _is_website_form(self):
        """website_crm's own hook, website_form_input_filter, calls no super: whether ours runs depends on the order of loading."""
        return bool(request) and request.httprequest.path.endswith("/website/form/crm.lead")

    @api.model
    def _source_id(self, name):
        source = self.env.ref(f"sales_full_cycle.{name}", raise_if_not_found=False)
        return source and source.id

    def _register_hook(self):
        """Offer the sheet's fields to web forms, whichever of website and this add-on was installed first."""
        super()._register_hook()
        model_fields = self.env["ir.model.fields"]
        if "website_form_blacklisted" in model_fields._fields and model_fields.search_count([
            ("model", "=", self._name), ("name", "in", WEBSITE_FORM_FIELDS), ("website_form_blacklisted", "=", True),
        ]):
            model_fields.formbuilder_whitelist(self._name, WEBSITE_FORM_FIELDS)
