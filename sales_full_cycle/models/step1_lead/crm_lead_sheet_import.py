from odoo import api, models
from odoo.tools import plaintext2html

from ..common import sheet_cells
from ..common.sfc_sheet_mixin_cells import HANDBOOK_LEVELS
from ..common.sheet_cells import comparable
from . import contact_channel


class CrmLead(models.Model):
    """The way back of 线索信息表: cells become values of a lead; whatever somebody decided elsewhere is kept (S1.3, P10, P11)."""
    _inherit = "crm.lead"
    _sheet_key = "lead_number"
    _sheet_sequence = "sfc.lead"

    # === WHAT IS KNOWN === #

    @api.model
    def _sheet_lookups(self):
        return {
            **self._sheet_origin_lookups(), "owner": self._sheet_users(), "level": self._sheet_choices("screening_level", HANDBOOK_LEVELS)}

    # === CELLS === #

    @api.model
    def _sheet_parse(self, row, lookups):
        """An emptied cell empties the field of a known lead; priority and time of creation stay, they cannot be unknown again."""
        for key in {"partner_name", "contact_name", "function", "need_summary"} & row.cells.keys():
            row.vals[key] = sheet_cells.text(row.cells[key]) or False
        self._parse_channel(row)
        if "industry" in row.cells:
            row.vals["industry_id"] = self._sheet_take_industry(row, lookups)
        if "source" in row.cells:
            row.vals["source_id"] = self._sheet_take_source(row, lookups)
        if "owner" in row.cells or row.is_new:
            row.vals["user_id"] = self._sheet_take_user(row, "owner", lookups["owner"])
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
        if captured_at := self._sheet_take_moment(row, "captured_at"):
            row.vals["captured_at"] = captured_at

    def _complete_row(self, row):
        """Incomplete rows are taken too; a lead only needs something to be called by."""
        vals = row.vals
        vals["type"] = "lead"
        first_line = (vals.get("need_summary") or "").partition("\n")[0][:80]
        vals["name"] = (
            vals.get("partner_name") or vals.get("contact_name") or sheet_cells.text(row.cells.get("contact_channel")) or first_line
            or vals.get("lead_number") or self.env._("Lead"))

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
            self._import_results(levels)
        if not live:
            self._sheet_subscribe_owners(rows)
        else:
            self.browse([row.record.id for row in rows if "level" not in row.more])._score("automatic")
        return super()._sheet_after_write(rows, live)

    def _sheet_warn(self, rows):
        """Duplicates are imported all the same, with the other's owner named (P10)."""
        by_id = {row.record.id: row for row in rows if row.is_new}
        for lead in self.browse(by_id):
            if lead.duplicate_warning:
                by_id[lead.id].warnings.append(self.env._("Perhaps already known: %(others)s", others=lead.duplicate_warning))
        return super()._sheet_warn(rows)
