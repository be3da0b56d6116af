from odoo import api, fields, models
from odoo.fields import Domain

from .company_name import company_key
from .contact_channel import phone_key

# What makes two records the same: our field, the field of a customer with the same meaning.
MATCHES = {
    "company_key": "company_key", "phone_key": "phone_key", "email_normalized": "email_normalized",
    "vat": "vat", "wechat": None,
}


class CrmLead(models.Model):
    """Duplicates warn, show whose they are, and never block (S1.11, P10)."""
    _inherit = "crm.lead"

    company_key = fields.Char(compute="_compute_company_key", store=True, index="btree_not_null")
    phone_key = fields.Char(compute="_compute_phone_key", store=True, index="btree_not_null")
    duplicate_warning = fields.Text(compute="_compute_duplicate_warning", compute_sudo=False)

    @api.depends("partner_name")
    def _compute_company_key(self):
        for lead in self:
            lead.company_key = company_key(lead.partner_name) or False

    @api.depends("phone")
    def _compute_phone_key(self):
        for lead in self:
            lead.phone_key = phone_key(lead.phone) or False

    @api.depends("type", "partner_name", "phone", "email_from", "wechat", "vat", "company_id")
    def _compute_duplicate_warning(self):
        """One line a record that looks the same, with its owner: '<number> <name> (owner: X) - same phone'."""
        deals = self.filtered(lambda lead: lead.type == "opportunity")  # who the customer is was decided with the conversion
        deals.duplicate_warning = False
        leads = self - deals
        leads_by_value, partners_by_value = leads._duplicate_candidates()
        for lead in leads:
            keys = lead._duplicate_keys()
            found = {}
            for fname, value in keys.items():
                for other in leads_by_value.get((fname, value), []) + partners_by_value.get((fname, value), []):
                    if not (other._name == lead._name and other.id == lead._origin.id) and other != lead.partner_id.commercial_partner_id:
                        found.setdefault(other, []).append(fname)
            lead.duplicate_warning = "\n".join(lead._duplicate_line(other, fnames) for other, fnames in list(found.items())[:5])

    def _duplicate_keys(self):
        """{field: comparable value} of what is filled in."""
        values = {
            "company_key": company_key(self.partner_name), "phone_key": phone_key(self.phone),
            "email_normalized": self.email_normalized, "vat": self.vat, "wechat": self.wechat,
        }
        return {fname: value for fname, value in values.items() if value}

    def _duplicate_candidates(self):
        """Open or closed leads and customers that share a value, as {(field, value): [records]}; two queries for any number of leads."""
        values = {fname: set() for fname in MATCHES}
        for lead in self:
            for fname, value in lead._duplicate_keys().items():
                values[fname].add(value)
        # sudo: a warning must tell of a colleague's lead; only number, name and owner are shown
        companies = [False, *self.env.companies.ids]
        leads = search_by_values(self.sudo().with_context(active_test=False), {f: v for f, v in values.items() if v}, companies)
        partners = search_by_values(
            self.env["res.partner"].sudo(), {MATCHES[f]: v for f, v in values.items() if v and MATCHES[f]}, companies)
        return leads, partners

    def _duplicate_line(self, other, fnames):
        reasons = {
            "company_key": self.env._("same company"), "phone_key": self.env._("same phone"),
            "email_normalized": self.env._("same e-mail"), "vat": self.env._("same tax ID"), "wechat": self.env._("same WeChat"),
        }
        if other._name == "crm.lead":
            number, name = other.deal_number or other.lead_number or "", other.partner_name or other.name
        else:
            number, name = self.env._("Customer"), other.name
        return self.env._(
            "%(number)s %(name)s (owner: %(owner)s), %(reasons)s", number=number, name=name,
            owner=other.user_id.name or self.env._("nobody"), reasons=", ".join(reasons[fname] for fname in fnames))

    # === MERGE: Odoo's own, keeping number, screening and promises === #

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "lead_number", "deal_number", "industry_id", "need_summary", "wechat", "vat",
                "budget_max", "referrer_partner_id", "scoring_answers", "captured_at", "origin_type", "override_until"]

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "captured_at": lambda fname, leads: min(leads.mapped(fname)),
        }

    def _merge_data(self, fnames=None):
        """The survivor keeps its own numbers; a number moves only to a survivor that has none of the kind."""
        data = super()._merge_data(fnames)
        for fname in ("lead_number", "deal_number"):
            if data.get(fname) and not self[:1][fname]:
                self.filtered(lambda lead, fname=fname: lead[fname] == data[fname]).sudo().write({fname: False})
                self.flush_model([fname])
        return data

    def _merge_dependences(self, opportunities):
        """Evaluations and promises follow; of two running promises of one kind the first one goes on."""
        result = super()._merge_dependences(opportunities)
        evaluations = opportunities.evaluation_ids.sudo()
        clocks = opportunities.sudo().sla_clock_ids
        running = self._sla_open() if clocks else clocks
        for clock in clocks.filtered(lambda c: not c.stopped_at).sorted("started_at"):
            if clock.policy_id in running.policy_id:
                clock._stop(fields.Datetime.now(), "cancelled")
            else:
                running |= clock
        clocks.write({"lead_id": self.id})
        evaluations.write({"lead_id": self.id})
        if not self.screening_level and evaluations:
            self._adopt_evaluations({self: opportunities.filtered("screening_level")[:1].evaluation_id or evaluations.sorted("id")[-1:]})
        if clocks:
            self._sla_refresh()
        return result

    def _merge_log_summary(self, merged_followers, opportunities_tail):
        """Say which numbers went into this one, so that a paper that names them can still be found."""
        result = super()._merge_log_summary(merged_followers, opportunities_tail)
        numbers = [number for lead in opportunities_tail for number in (lead.lead_number, lead.deal_number) if number]
        if numbers:
            self._message_log(body=self.env._("Merged into this one: %(numbers)s", numbers=", ".join(numbers)))
        return result


def search_by_values(model, values, companies):
    """Records that have one of the values, as {(field, value): [records]}; the newest ones, ten a value."""
    if not values:
        return {}
    domain = Domain.OR([(fname, "in", list(wanted))] for fname, wanted in values.items()) & Domain("company_id", "in", companies)
    found = {}
    for record in model.search(domain, limit=10 * sum(map(len, values.values())), order="id desc"):
        for fname, wanted in values.items():
            if record[fname] in wanted:
                found.setdefault((fname, record[fname]), []).append(record)
    return found
