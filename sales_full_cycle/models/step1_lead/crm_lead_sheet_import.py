import re

from odoo import api, models
from odoo.tools import plaintext2html

from ..common import sheet_cells
from ..common.sheet_cells import comparable
from . import contact_channel
from .company_name import company_key

HANDBOOK_LEVELS = {"高": "high", "中": "medium", "低": "low", "high": "high", "medium": "medium", "low": "low"}
# A longer number would push the sequence to where it cannot go on.
NUMBER_DIGITS = 15


class CrmLead(models.Model):
    """The way back of 线索信息表: cells become values of a lead; whatever somebody decided elsewhere is kept (S1.3, P10, P11)."""
    _inherit = "crm.lead"

    @api.model
    def _sheet_key_field(self):
        return "lead_number"

    @api.model
    def _sheet_draw_numbers(self, given, count):
        sequences = self.env["ir.sequence"]
        sequences._skip_used_numbers("sfc.lead", given)
        return sequences._next_numbers("sfc.lead", count) if count else []

    # === WHAT IS KNOWN === #

    @api.model
    def _sheet_lookups(self):
        return {
            "industry": self.env["res.partner.industry"]._by_any_name(), "level": self._sheet_levels(), "source": self._sheet_sources(),
            "owner": self._sheet_owners(),
            "known_sources": ", ".join(self.env["utm.source"].search([("is_lead_source", "=", True)]).mapped("display_name")),
        }

    @api.model
    def _sheet_levels(self):
        levels = dict(HANDBOOK_LEVELS)
        for language, _name in self.env["res.lang"].get_installed():
            localized = self.with_context(lang=language)
            levels.update({comparable(localized._level_label(code)): code for code in HANDBOOK_LEVELS.values()})
        return levels

    @api.model
    def _sheet_sources(self):
        """{comparable name: id} in every language; sources that are offered on leads win."""
        sources = {}
        for language, _name in self.env["res.lang"].get_installed():
            for source in self.env["utm.source"].with_context(lang=language).search([], order="is_lead_source, id"):
                sources.update({comparable(source.name): source.id, comparable(source.display_name): source.id})
        return sources

    @api.model
    def _sheet_owners(self):
        """{comparable name or login: ids of colleagues}."""
        owners = {}
        for user in self.env["res.users"].search_fetch([("share", "=", False)], ["name", "login"]):
            for name in {comparable(user.name), comparable(user.login)}:
                owners.setdefault(name, []).append(user.id)
        return owners

    # === CELLS === #

    @api.model
    def _sheet_parse(self, row, lookups):
        """An emptied cell empties the field of a known lead; priority and time of creation stay, they cannot be unknown again."""
        for key in {"partner_name", "contact_name", "function", "need_summary"} & row.cells.keys():
            row.vals[key] = sheet_cells.text(row.cells[key]) or False
        self._parse_channel(row)
        self._parse_industry(row, lookups)
        self._parse_source(row, lookups)
        self._parse_owner(row, lookups)
        self._parse_level(row, lookups)
        self._parse_created(row)
        if row.is_new:
            self._complete_row(row)

    def _parse_channel(self, row):
        if "contact_channel" not in row.cells:
            return
        found = contact_channel.split(sheet_cells.text(row.cells["contact_channel"]))
        row.vals.update({"phone": found["phone"], "wechat": found["wechat"]})
        if not row.record or found["email"] != row.record.email_normalized:
            row.vals["email_from"] = found["email"]
        if found["rest"]:
            rest = " / ".join(found["rest"])
            row.warnings.append(self.env._("There is only one phone, e-mail and WeChat a lead; noted apart: %(rest)s", rest=rest))
            if row.is_new:
                row.vals["description"] = plaintext2html(rest)

    def _parse_industry(self, row, lookups):
        if "industry" not in row.cells:
            return
        name = sheet_cells.text(row.cells["industry"])
        industry = lookups["industry"].get(company_key(name)) if name else None
        row.vals["industry_id"] = industry.id if industry else False
        if name and not industry:
            row.errors.append(self.env._("Industry '%(name)s' is not known. Add it as an alias under Configuration > Industries.", name=name))

    def _parse_source(self, row, lookups):
        if "source" not in row.cells:
            return
        name = sheet_cells.text(row.cells["source"])
        row.vals["source_id"] = lookups["source"].get(comparable(name), False) if name else False
        if name and not row.vals["source_id"]:
            row.errors.append(self.env._("Source '%(name)s' is not known. Known are: %(known)s", name=name, known=lookups["known_sources"]))

    def _parse_owner(self, row, lookups):
        if "owner" not in row.cells and not row.is_new:
            return
        name = sheet_cells.text(row.cells.get("owner"))
        users = lookups["owner"].get(comparable(name), []) if name else []
        row.vals["user_id"] = users[0] if len(users) == 1 else False  # on purpose also empty: by default it would be the importer
        if name and not users:
            row.errors.append(self.env._("There is no user '%(name)s'. Write the name or the login.", name=name))
        elif len(users) > 1:
            row.errors.append(self.env._("Several users are called '%(name)s'. Write the login.", name=name))

    def _parse_level(self, row, lookups):
        name = sheet_cells.text(row.cells.get("level"))
        if not name or comparable(name) == comparable(self.env._("Not screened")):
            return
        level = lookups["level"].get(comparable(name))
        if not level:
            row.errors.append(self.env._("Priority '%(name)s' is not one of high, medium, low.", name=name))
        elif not row.record or level != row.record.screening_level:
            row.more["level"] = level

    def _parse_created(self, row):
        if cell := row.cells.get("captured_at"):
            try:
                row.vals["captured_at"] = self._sheet_datetime(cell)
            except (ValueError, OverflowError):
                row.errors.append(self.env._("'%(value)s' is not a date. Write it as 2026-01-31 14:30.", value=cell))

    def _complete_row(self, row):
        """Incomplete rows are taken too; a lead only needs something to be called by."""
        vals = row.vals
        vals["type"] = "lead"
        first_line = (vals.get("need_summary") or "").partition("\n")[0][:80]
        vals["name"] = (
            vals.get("partner_name") or vals.get("contact_name") or sheet_cells.text(row.cells.get("contact_channel")) or first_line
            or vals.get("lead_number") or self.env._("Lead"))
        if len(re.sub(r"\D", "", vals.get("lead_number") or "")) > NUMBER_DIGITS:
            row.errors.append(self.env._("The number %(number)s is too long.", number=vals["lead_number"]))

    # === RECORDS === #

    @api.model
    def _sheet_write(self, rows, live):
        """Core looks for team and first stage once a lead; the rows of one owner share them."""
        shared = {}
        for row in rows:
            if row.is_new:
                owner = row.vals["user_id"]
                if owner not in shared:
                    shared[owner] = self._sheet_team_and_stage(owner)
                row.vals.update(shared[owner])
        return super()._sheet_write(rows, live)

    @api.model
    def _sheet_team_and_stage(self, owner):
        """What core computes for a new lead of this owner."""
        team = self.env["crm.team"]
        if owner:
            team = team._get_default_team_id(user_id=owner, domain=[("use_leads", "=", True)])
        return {"team_id": team.id, "stage_id": self._stage_find(team_id=team.id, domain=[("fold", "=", False)]).id}

    def _sheet_after_write(self, rows, live):
        """Take over the levels of the sheet; rows of today that bring none are scored like any lead."""
        levels = {row.record: row.more["level"] for row in rows if "level" in row.more}
        if levels:
            self._import_levels(levels)
        if not live:
            self._subscribe_owners([row.record.id for row in rows if row.is_new])
        else:
            self.browse([row.record.id for row in rows if "level" not in row.more])._score("automatic")
        return super()._sheet_after_write(rows, live)

    def _subscribe_owners(self, ids):
        """Owners follow their leads, as core has it, so that a customer's answer reaches them; silently."""
        for owner, leads in self.browse(ids).grouped("user_id").items():
            leads.message_subscribe(owner.partner_id.ids)

    def _sheet_warn(self, rows):
        """Duplicates are imported all the same, with the other's owner named (P10)."""
        by_id = {row.record.id: row for row in rows if row.is_new}
        for lead in self.browse(by_id):
            if lead.duplicate_warning:
                by_id[lead.id].warnings.append(self.env._("Perhaps already known: %(others)s", others=lead.duplicate_warning))
        return super()._sheet_warn(rows)

    def _import_levels(self, levels):
        """Store levels that somebody decided elsewhere: {lead: level}. The score stays what it was."""
        self._store_evaluations({
            lead: lead._evaluation_vals("import", None, result=level, total=lead.score) for lead, level in levels.items()})
