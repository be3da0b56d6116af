from odoo import api, models
from odoo.tools import LazyTranslate

from ..common.sfc_sheet_mixin import comparable
from ..common.sheet import Column
from .company_name import company_key

_lt = LazyTranslate(__name__)


class CrmLead(models.Model):
    """线索信息表 as XLSX: eleven columns, both ways (S1.3, T1, P11)."""
    _name = "crm.lead"
    _inherit = ["crm.lead", "sfc.sheet.mixin"]

    @api.model
    def _sheet_title(self):
        return self.env._("Lead sheet")

    @api.model
    def _sheet_columns(self):
        return [
            Column("lead_number", _lt("Lead ID"), 10),
            Column("partner_name", _lt("Customer"), 28),
            Column("industry", _lt("Industry"), 16),
            Column("contact_name", _lt("Contact"), 12),
            Column("function", _lt("Position"), 14),
            Column("contact_channel", _lt("Phone/e-mail"), 24),
            Column("need_summary", _lt("Initial need"), 36),
            Column("source", _lt("Source"), 14),
            Column("level", _lt("Priority"), 10),
            Column("owner", _lt("Owner"), 12),
            Column("captured_at", _lt("Created"), 20),
        ]

    def _sheet_values(self):
        self.ensure_one()
        return {
            "lead_number": self.lead_number, "partner_name": self.partner_name, "industry": self.industry_id.display_name,
            "contact_name": self.contact_name, "function": self.function, "contact_channel": self.contact_channel,
            "need_summary": self.need_summary, "source": self.source_id.display_name, "level": self._level_label(self.screening_level),
            "owner": self.user_id.name, "captured_at": self._sheet_local(self.captured_at),
        }

    @api.model
    def _level_label(self, level):
        return dict(self._fields["screening_level"]._description_selection(self.env)).get(level)

    @api.model
    def get_import_templates(self):
        """Odoo's own import dialog offers the lead sheet first."""
        own = {"label": self.env._("Lead sheet"), "template": "/sfc/sheet/crm.lead/template"}
        return [own, *super().get_import_templates()]

    # === READING === #

    @api.model
    def _sheet_key_field(self):
        return "lead_number"

    @api.model
    def _sheet_lookups(self):
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        levels = {comparable(code): code for code in ("high", "medium", "low")}
        sources = {}
        for language in languages:
            localized = self.with_context(lang=language)
            levels.update({comparable(localized._level_label(code)): code for code in ("high", "medium", "low")})
            for source in localized.env["utm.source"].search([], order="is_lead_source, id"):
                sources.update({comparable(source.name): source.id, comparable(source.display_name): source.id})
        users = {}
        for user in self.env["res.users"].search([("share", "=", False)]):
            for name in {comparable(user.name), comparable(user.login)}:
                users.setdefault(name, []).append(user.id)
        return {
            "industry": self.env["res.partner.industry"]._by_any_name(), "level": levels, "source": sources, "owner": users,
            "known_sources": ", ".join(self.env["utm.source"].search([("is_lead_source", "=", True)]).mapped("display_name")),
        }

    @api.model
    def _sheet_parse(self, row, lookups):
        """Cells to values of a lead; an empty cell empties the field of a known lead, a missing column leaves it."""
        cells = row.cells
        row.vals = {"type": "lead"}
        if cells.get("lead_number"):
            row.vals["lead_number"] = str(cells["lead_number"])
        for key in ("partner_name", "contact_name", "function", "contact_channel", "need_summary"):
            if key in cells:
                row.vals[key] = "" if cells[key] is None else str(cells[key])
        if not (row.vals.get("partner_name") or row.vals.get("contact_name")):
            row.errors.append(self.env._("The row names neither a customer nor a contact."))
        self._parse_industry(row, lookups)
        self._parse_source(row, lookups)
        self._parse_owner(row, lookups)
        self._parse_level(row, lookups)
        self._parse_created(row)

    def _parse_industry(self, row, lookups):
        name = row.cells.get("industry")
        if "industry" in row.cells:
            industry = lookups["industry"].get(company_key(str(name))) if name else None
            row.vals["industry_id"] = industry.id if industry else False
            if name and not industry:
                row.errors.append(self.env._("Industry '%(name)s' is not known. Add it as an alias under Configuration > Industries.", name=name))

    def _parse_source(self, row, lookups):
        name = row.cells.get("source")
        if "source" in row.cells:
            row.vals["source_id"] = lookups["source"].get(comparable(name)) if name else False
            if name and not row.vals["source_id"]:
                row.errors.append(self.env._("Source '%(name)s' is not known. Known are: %(known)s", name=name, known=lookups["known_sources"]))

    def _parse_owner(self, row, lookups):
        name = row.cells.get("owner")
        users = lookups["owner"].get(comparable(name), []) if name else []
        row.vals["user_id"] = users[0] if len(users) == 1 else False
        if name and not users:
            row.errors.append(self.env._("There is no user '%(name)s'. Write the name or the login.", name=name))
        elif len(users) > 1:
            row.errors.append(self.env._("Several users are called '%(name)s'. Write the login.", name=name))

    def _parse_level(self, row, lookups):
        name = row.cells.get("level")
        row.level = lookups["level"].get(comparable(name)) if name else None
        if name and not row.level and comparable(name) != comparable(self.env._("Not screened")):
            row.errors.append(self.env._("Priority '%(name)s' is not one of high, medium, low.", name=name))

    def _parse_created(self, row):
        cell = row.cells.get("captured_at")
        if cell:
            try:
                row.vals["captured_at"] = self._sheet_datetime(cell)
            except ValueError:
                row.errors.append(self.env._("'%(value)s' is not a date. Write it as 2026-01-31 14:30.", value=cell))

    # === WRITING === #

    @api.model
    def _sheet_write(self, rows, live):
        """Core looks for the first stage once a lead; rows without an owner, and so without a team, share it."""
        ownerless = [row for row in rows if row.is_new and not row.vals["user_id"]]
        if ownerless:
            stage = self._stage_find(domain=[("fold", "=", False)])
            for row in ownerless:
                row.vals["stage_id"] = stage.id
        return super()._sheet_write(rows, live)

    def _sheet_after_write(self, rows, live):
        """Take over the levels of the sheet as evaluations of their own, and warn of duplicates with the other's owner."""
        by_id = {row.record.id: row for row in rows}
        levels = {lead: by_id[lead.id].level for lead in self if by_id[lead.id].level and by_id[lead.id].level != lead.screening_level}
        if levels:
            self._import_levels(levels)
        for lead in self:
            if by_id[lead.id].is_new and lead.duplicate_warning:
                by_id[lead.id].warnings.append(self.env._("Perhaps already known: %(others)s", others=lead.duplicate_warning))
        return super()._sheet_after_write(rows, live)

    def _import_levels(self, levels):
        """Store levels that somebody decided elsewhere: {lead: level}."""
        self._store_evaluations({lead: lead._evaluation_vals("import", None, result=level) for lead, level in levels.items()})
