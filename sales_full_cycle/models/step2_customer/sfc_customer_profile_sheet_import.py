from odoo import api, models

from ..common import sheet_cells
from ..common.sfc_sheet_mixin_cells import HANDBOOK_LEVELS
from ..common.sfc_sheet_mixin_import import holds
from ..common.sheet_cells import comparable
from ..step1_lead import contact_channel
from ..step1_lead.company_name import company_key
from . import sheet_text
from .sfc_customer_profile_grading import HAND_CRITERIA
from .sfc_customer_profile_sheet import PEOPLE

FIGURES = {"annual_revenue": False, "employee_count": True, "expected_purchase_amount": False}  # whether it is a whole number
HANDBOOK_JUDGEMENTS = {
    "strategic_fit": {"战略级": "strategic", "高": "high", "一般": "fair", "低": "low"},
    "chain_complexity": {"简单": "simple", "一般": "medium", "复杂": "complex"},
}
NEED_TEXTS = ("need_function", "need_service", "decision_process", "competitors")


class SfcCustomerProfile(models.Model):
    """The way back of 客户信息表: cells become the company, its sheet, its people and the needs of its deal (S2.10, P10, P11).

    row.vals are fields of the sheet; row.more holds what follows: the company ("partner", "known_company"), "grade", "roles",
    "needs", "cadence_days" and "talking_focus", which depend on the grade.
    """
    _inherit = "sfc.customer.profile"
    _sheet_key = "customer_number"
    _sheet_sequence = "sfc.customer"

    # === WHICH CUSTOMER === #

    @api.model
    def _sheet_find(self, rows):
        result = super()._sheet_find(rows)
        self._find_by_name([row for row in rows if row.is_new and not row.errors])
        return result

    @api.model
    def _find_by_name(self, rows):
        """A row without a known number is about the customer with the same name, or makes one of the contact with that name."""
        names = {row.number: sheet_cells.text(row.cells.get("name")) for row in rows}
        companies = self._sheet_companies(names.values())
        sheets = self._find(self.env["res.partner"].union(*companies.values()), self.env.company)
        writable = set(self.browse([sheet.id for sheet in sheets.values()])._filtered_access("write")._ids)
        taken = set()
        for row in rows:
            key = company_key(names[row.number])
            same = companies.get(key, self.env["res.partner"])
            known = [sheets[company] for company in same if company in sheets]
            if sheet_cells.text(row.cells.get("customer_number")):
                self._keep_number(row, same, known, taken)
            elif key and key in taken:
                row.errors.append(self.env._("%(name)s stands twice in the file.", name=names[row.number]))
            elif known:
                self._take_customer(row, known, writable)
            elif len(same) > 1:
                row.errors.append(self.env._("There are %(count)s companies called '%(name)s'. Merge these contacts first.",
                                             count=len(same), name=names[row.number]))
            elif same:
                row.more["known_company"] = same.id
            taken.add(key)

    def _keep_number(self, row, same, known, taken):
        """A new number is a customer of its own; the one with the same name is named (P10)."""
        without_sheet = [company for company in same if company not in {sheet.partner_id for sheet in known}]
        if known:
            others = ", ".join(map(self._sheet_customer_label, known))
            row.warnings.append(self.env._("Perhaps already known: %(others)s", others=others))
        elif len(without_sheet) == 1 and company_key(without_sheet[0].name) not in taken:
            row.more["known_company"] = without_sheet[0].id

    def _take_customer(self, row, known, writable):
        labels = ", ".join(map(self._sheet_customer_label, known))
        if len(known) > 1:
            row.errors.append(self.env._("Several customers are called so; write the number of one of them: %(customers)s", customers=labels))
        elif known[0].id not in writable:
            row.errors.append(self.env._("This customer belongs to somebody else; you may not change it: %(customer)s", customer=labels))
        else:
            row.record, row.is_new = self.browse(known[0].id).with_prefetch(list(writable)), False
            row.cells.pop("name", None)  # another spelling is no new name

    # === WHAT IS KNOWN === #

    @api.model
    def _sheet_lookups(self):
        return {
            **self._sheet_origin_lookups(), "owner": self._sheet_users(), "grade": self._sheet_grades(), "judgement": self._sheet_judgements(),
            "need_priority": self.env["crm.lead"]._sheet_choices("need_priority", HANDBOOK_LEVELS), "cadence": self._sheet_cadences(),
            "focus": self._sheet_points(),
        }

    @api.model
    def _sheet_judgements(self):
        """{criterion code: {comparable level, in any language: its code}} of what a person judges; 'Simple' is 'Simple: 1-2 people' too."""
        levels = {code: dict(HANDBOOK_JUDGEMENTS[code]) for code in HAND_CRITERIA.values()}
        for form in self._sheet_languages():
            criteria = form.env["sfc.scorecard.criterion"].search(
                [("scorecard_id.scope", "=", "customer"), ("scorecard_id.state", "=", "active"), ("code", "in", list(levels))])
            for level in criteria.level_ids:
                name = comparable(level.name)
                levels[level.criterion_id.code].update(dict.fromkeys((name, name.partition(":")[0], comparable(level.code)), level.code))
        return levels

    @api.model
    def _sheet_cadences(self):
        """Comparable labels of every grade's rhythm, in every language: to repeat one is no wish for another rhythm."""
        return {
            comparable(form._cadence_words(grade._cadence_step(urgent), deep=False))
            for form in self._sheet_languages() for grade in form.env["sfc.grade"].search([]) for urgent in (False, True)
        } | {"每月1次", "每月一次"}

    @api.model
    def _sheet_points(self):
        """{grade code: comparable talking points, in every language}."""
        texts = {}
        for form in self._sheet_languages():
            for grade in form.env["sfc.grade"].search([]):
                texts.setdefault(grade.code, set()).add(comparable(sheet_text.points(grade.talking_points)))
        return texts

    # === CELLS === #

    @api.model
    def _sheet_parse(self, row, lookups):
        """An emptied cell empties what it stands for, except grade and people; what follows from the rest (updated) is not read."""
        self._parse_company(row, lookups)
        self._parse_figures(row, lookups)
        self._parse_people(row)
        self._parse_needs(row, lookups)
        self._parse_rhythm(row, lookups)
        if "source" in row.cells:
            row.vals["source_id"] = self._sheet_take_source(row, lookups)
        if "follow_strategy" in row.cells:
            row.vals["follow_strategy"] = sheet_cells.text(row.cells["follow_strategy"]) or False
        if "owner" in row.cells or row.is_new:
            row.vals["user_id"] = self._sheet_take_user(row, "owner", lookups["owner"])

    def _parse_company(self, row, lookups):
        """Name, industry, phone and e-mail stand on the contact; one that was there before keeps what the row does not say."""
        partner = row.record.partner_id if row.record else self.env["res.partner"].browse(row.more.get("known_company"))
        vals = {}
        if "name" in row.cells or row.is_new:
            vals["name"] = sheet_cells.text(row.cells.get("name"))
            if not vals["name"]:
                row.errors.append(self.env._("A customer needs a name."))
        if "industry" in row.cells:
            vals["industry_id"] = self._sheet_take_industry(row, lookups)
        if "contact_channel" in row.cells:
            self._parse_channel(row, partner, vals)
        if row.is_new and partner:
            vals = {fname: value for fname, value in vals.items() if value and fname != "name"}
        if vals := {fname: value for fname, value in vals.items() if not holds(partner, fname, value)}:
            row.more["partner"] = vals

    def _parse_channel(self, row, partner, vals):
        found = contact_channel.split(sheet_cells.text(row.cells["contact_channel"]))
        vals["phone"] = found["phone"] or False
        if found["email"] != (partner.email_normalized or None):  # an address with a name survives
            vals["email"] = found["email"] or False
        rest = [*filter(None, [found["wechat"]]), *found["rest"]]
        if not found["phone"] and partner.phone in rest:  # written in a way that looks like no phone number
            vals["phone"] = partner.phone
            rest.remove(partner.phone)
        if rest:
            row.warnings.append(self.env._("There is only one phone and e-mail a customer; not taken over: %(rest)s", rest=" / ".join(rest)))

    def _parse_figures(self, row, lookups):
        for key, whole in FIGURES.items():
            if key in row.cells:
                row.vals[key] = self._sheet_take_number(row, key, whole)
        self._parse_judgements(row, lookups["judgement"])
        grade = self._sheet_take_grade(row, lookups["grade"])
        if grade and not (row.record and row.record.grade_id.code == grade):
            row.more["grade"] = grade

    def _parse_judgements(self, row, levels):
        answers = dict(row.record.scoring_answers or {}) if row.record else {}
        for key, choices in levels.items():
            if key in row.cells:
                known = ", ".join(dict.fromkeys(choices.values()))
                answers[key] = self._sheet_take_choice(row, key, choices, known)
        if not levels.keys().isdisjoint(row.cells):
            row.vals["scoring_answers"] = {code: level for code, level in answers.items() if level}

    def _parse_people(self, row):
        """Roles are added, never taken away: who decides is known better than a list knows it."""
        for role in PEOPLE:
            if role not in row.cells:
                continue
            named = sheet_text.people(row.cells[role])
            current = sheet_text.people(sheet_text.join_people(row.record._people(role).mapped("name"))) if row.record else {}
            if kept := [name for key, name in current.items() if key not in named]:
                row.warnings.append(self.env._("An import removes nobody; %(heading)s stays: %(people)s",
                                               heading=self._sheet_headings_by_key()[role], people=", ".join(kept)))
            if new := {key: name for key, name in named.items() if key not in current}:
                row.more.setdefault("roles", {})[role] = new

    def _parse_needs(self, row, lookups):
        """Needs go to the customer's deal, as far as they differ from what the sheet shows of it."""
        needs = {key: sheet_cells.text(row.cells[key]) or False for key in NEED_TEXTS if key in row.cells}
        if "budget" in row.cells:
            try:
                needs["budget_min"], needs["budget_max"] = sheet_text.budget(row.cells["budget"])
            except ValueError:
                row.errors.append(self.env._(
                    "'%(value)s' is not a budget. Write 100000 - 200000, <= 200000, or one number.", value=row.cells["budget"]))
        if "purchase_date" in row.cells:
            needs["purchase_date"] = self._sheet_take_day(row, "purchase_date")
        if "need_priority" in row.cells and (priority := self._sheet_take_choice(
                row, "need_priority", lookups["need_priority"], ", ".join(dict.fromkeys(HANDBOOK_LEVELS.values())))):
            needs["need_priority"] = priority
        deal = row.record.need_lead_id if row.record else self.env["crm.lead"]
        if needs := {fname: value for fname, value in needs.items() if not holds(deal, fname, value)}:
            row.more["needs"] = needs

    def _parse_rhythm(self, row, lookups):
        """What differs from the grade's own is the customer's own; which grade that is shows after writing."""
        if "cadence" in row.cells:
            self._parse_cadence(row, lookups["cadence"])
        if "talking_focus" in row.cells:
            focus = sheet_cells.text(row.cells["talking_focus"])
            if row.record and "grade" not in row.more:
                focus = self._own_focus(focus, row.record.grade_id.code, lookups["focus"])
                row.vals["own_talking_points"] = focus
            elif focus:
                row.more["talking_focus"] = (focus, lookups["focus"])

    def _own_focus(self, focus, grade, points):
        return focus if focus and comparable(focus) not in points.get(grade, ()) else False

    def _parse_cadence(self, row, labels):
        days = sheet_text.cadence_days(row.cells["cadence"])
        if not sheet_cells.text(row.cells["cadence"]):
            if row.record and row.record.cadence_override_days:
                row.vals.update({"cadence_override_days": 0, "cadence_override_reason": False})
        elif days:
            if not row.record or "grade" in row.more or row.record._cadence() != (days, "day"):
                row.more["cadence_days"] = days
        elif comparable(row.cells["cadence"]) not in labels:
            row.warnings.append(self.env._("An own cadence is taken over as a number of days; not taken over: %(cadence)s", cadence=row.cells["cadence"]))

    # === RECORDS === #

    @api.model
    def _sheet_write(self, rows, live):
        self._make_companies([row for row in rows if row.is_new])
        for row in rows:
            if not row.is_new and "partner" in row.more:
                row.record.partner_id.write(row.more["partner"])
        return super()._sheet_write(rows, live)

    @api.model
    def _make_companies(self, rows):
        """Companies first, in one go; then their sheets. A row that is tried again makes its company again."""
        partners = self.env["res.partner"]
        unknown = [row for row in rows if "known_company" not in row.more]
        created = partners.create([{"is_company": True, **row.more["partner"]} for row in unknown])
        for row, partner in zip(unknown, created, strict=True):
            row.vals["partner_id"] = partner.id
        for row in rows:
            if known := row.more.get("known_company"):
                row.vals["partner_id"] = known
                partners.browse(known).write(row.more.get("partner", {}))

    def _sheet_after_write(self, rows, live):
        """The grade first: cadence and talking focus are the customer's own only where they differ from it."""
        grades = {row.record: row.more["grade"] for row in rows if "grade" in row.more}
        if grades:
            self._import_results(grades)
        self._import_roles({row.record: row.more["roles"] for row in rows if "roles" in row.more})
        if needs := {row.record: row.more["needs"] for row in rows if "needs" in row.more}:
            self._write_needs(needs)
        for row in rows:
            self._import_rhythm(row)
        if live:
            self.browse([row.record.id for row in rows if "grade" not in row.more])._score("automatic")
        else:
            self._sheet_subscribe_owners(rows)
        return super()._sheet_after_write(rows, live)

    @api.model
    def _import_roles(self, wanted):
        """{sheet: {role: {comparable name: name}}}; two queries and two creates for all of them."""
        if not wanted:
            return
        people = {sheet.partner_id: {key: name for names in roles.values() for key, name in names.items()} for sheet, roles in wanted.items()}
        contacts = self._sheet_contacts(people)
        self.env["sfc.decision.role"].create([
            {"profile_id": sheet.id, "role": role, "contact_id": contacts[sheet.partner_id, key].id}
            for sheet, roles in wanted.items() for role, names in roles.items() for key in names])

    @api.model
    def _import_rhythm(self, row):
        sheet, vals = row.record, {}
        if "cadence_days" in row.more and sheet._cadence() != (row.more["cadence_days"], "day"):
            vals.update({"cadence_override_days": row.more["cadence_days"], "cadence_override_reason": self.env._("imported")})
        if "talking_focus" in row.more and (own := self._own_focus(row.more["talking_focus"][0], sheet.grade_id.code, row.more["talking_focus"][1])):
            vals["own_talking_points"] = own
        if vals:
            sheet.write(vals)
