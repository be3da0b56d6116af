from odoo import api, models

from ..common import sheet_cells
from ..common.sheet_cells import comparable
from ..step1_lead.company_name import company_key
from . import sheet_text
from .sfc_follow_up_sheet import SCORES, TEXTS

HANDBOOK_KINDS = {
    "日常": "daily", "需求": "need", "首次回访": "first_visit", "满意度": "satisfaction", "增值服务": "value_service", "投诉": "complaint"}
HANDBOOK_METHODS = {"电话": "call", "拜访": "visit", "线上": "online", "微信": "wechat", "邮件": "email", "问卷": "survey"}
HANDBOOK_CHANCES = {"有": "yes", "可能": "maybe", "无": "no"}
CHOICES = {"kind": HANDBOOK_KINDS, "method": HANDBOOK_METHODS, "repurchase_chance": HANDBOOK_CHANCES}
HIGHEST_SCORE = 5


class SfcFollowUp(models.Model):
    """The way back of 客户跟进记录表: each record keeps its author and its date (S5.9, P11)."""
    _inherit = "sfc.follow.up"
    _sheet_key = "number"
    _sheet_sequence = "sfc.follow.up"

    # === WHAT IS KNOWN === #

    @api.model
    def _sheet_find(self, rows):
        result = super()._sheet_find(rows)
        self._find_customers([row for row in rows if not row.errors and (row.is_new or "customer" in row.cells)])
        return result

    @api.model
    def _find_customers(self, rows):
        """The customer that each row names, by number or name; of a new one as row.more["customer"]."""
        names = {row.number: sheet_cells.text(row.cells.get("customer")) for row in rows}
        customers = self._customers_by_name(set(names.values()) - {""})
        readable = set(self.env["sfc.customer.profile"].browse({sheet.id for found in customers.values() for sheet in found})._filtered_access("read")._ids)
        for row in rows:
            name = names[row.number]
            found = customers.get(name, [])
            if row.record and (not name or row.record.profile_id.id in [sheet.id for sheet in found]):
                continue
            if error := self._customer_error(row, name, found, readable):
                row.errors.append(error)
            else:
                row.more["customer"] = found[0].id

    @api.model
    def _customers_by_name(self, names):
        """{name as written: sheets of this company}, by customer number or by the normalised name."""
        profiles = self.env["sfc.customer.profile"]
        companies = self._sheet_companies(names)
        sheets = profiles._find(self.env["res.partner"].union(*companies.values()), self.env.company)
        # sudo: that a customer is known must be seen also by those who may not look at it
        by_number = {sheet.customer_number: sheet for sheet in profiles.sudo().search(
            [("customer_number", "in", list(names)), ("company_id", "=", self.env.company.id)])}
        found = {}
        for name in names:
            same = companies.get(company_key(name), self.env["res.partner"])
            found[name] = [by_number[name]] if name in by_number else [sheets[company] for company in same if company in sheets]
        return found

    @api.model
    def _customer_error(self, row, name, found, readable):
        if row.record:
            return self.env._("%(number)s is a record of %(customer)s; it does not move to another customer.",
                              number=row.record.number, customer=row.record.profile_id.name)
        if not name:
            return self.env._("Which customer? Write its number or name.")
        if not found:
            return self.env._("Customer '%(name)s' is not known. Import the customer sheet first.", name=name)
        labels = ", ".join(map(self._sheet_customer_label, found))
        if len(found) > 1:
            return self.env._("Several customers are called so; write the number of one of them: %(customers)s", customers=labels)
        if found[0].id not in readable:
            return self.env._("This customer belongs to somebody else; you may not add records: %(customer)s", customer=labels)
        return None

    @api.model
    def _sheet_lookups(self):
        return {
            "user": self._sheet_users(), "grade": self._sheet_grades(),
            "choices": {fname: self._sheet_choices(fname, words) for fname, words in CHOICES.items()},
            "labels": {fname: ", ".join(dict(self._fields[fname]._description_selection(self.env)).values()) for fname in CHOICES},
        }

    # === CELLS === #

    @api.model
    def _sheet_parse_rows(self, rows):
        result = super()._sheet_parse_rows(rows)
        self._parse_deals([row for row in rows if "deal" in row.cells and not row.errors])
        return result

    @api.model
    def _sheet_parse(self, row, lookups):
        """An emptied cell empties the field of a known record; date, type, method and author stay, a record always has them."""
        if row.is_new:
            row.vals["profile_id"] = row.more.pop("customer")
        for key in row.cells.keys() & set(TEXTS):
            row.vals[key] = sheet_cells.text(row.cells[key]) or False
        self._parse_choices(row, lookups)
        self._parse_who_and_when(row, lookups["user"])
        self._parse_scores(row)
        self._parse_grade(row, lookups["grade"])
        self._parse_contacts(row)

    def _parse_choices(self, row, lookups):
        for key in row.cells.keys() & CHOICES.keys():
            value = self._sheet_take_choice(row, key, lookups["choices"][key], lookups["labels"][key])
            if value or key == "repurchase_chance":
                row.vals[key] = value

    def _parse_who_and_when(self, row, users):
        if done_at := self._sheet_take_moment(row, "done_at"):
            row.vals["done_at"] = done_at
        elif row.is_new and not sheet_cells.text(row.cells.get("done_at")):
            row.errors.append(self.env._("When was it? Write the date as 2026-01-31 14:30."))
        if user_id := self._sheet_take_user(row, "user", users):
            row.vals["user_id"] = user_id
        elif row.is_new and not sheet_cells.text(row.cells.get("user")):
            row.vals["user_id"] = self.env.uid
            row.warnings.append(self.env._("Nobody is named who did it; it is noted as yours."))
        if "next_user" in row.cells:
            row.vals["next_user_id"] = self._sheet_take_user(row, "next_user", users)
        if "next_date" in row.cells:
            row.vals["next_date"] = self._sheet_take_day(row, "next_date")

    def _parse_scores(self, row):
        """The overall score follows from the others; another one in the file is only pointed out."""
        for key in row.cells.keys() & set(SCORES):
            row.vals[key] = self._sheet_take_number(row, key, whole=True)
            if row.vals[key] > HIGHEST_SCORE:
                row.errors.append(self.env._("%(heading)s: %(score)s is not from 1 to 5.", heading=self._sheet_headings_by_key()[key], score=row.vals[key]))
        if sheet_cells.text(row.cells.get("satisfaction")):
            given = self._sheet_take_number(row, "satisfaction")
            scores = {fname: row.vals.get(fname, row.record and row.record[fname] or 0) for fname in SCORES}
            computed = round(self.new(scores).satisfaction, 2)
            if abs(given - computed) >= 0.01:
                row.warnings.append(self.env._("Overall is computed from the three scores: %(computed)s, not %(given)s.", computed=computed, given=given))

    def _parse_grade(self, row, grades):
        """The grade of the time, as the file has it; the record of a contact that is here already keeps its own."""
        if grade := self._sheet_take_grade(row, grades):
            if row.is_new:
                row.vals["grade_id"] = self.env["sfc.grade"]._by_code(grade).id
            elif grade != row.record.grade_id.code:
                row.warnings.append(self.env._("The grade is that of the day of the contact; it stays %(grade)s.", grade=row.record.grade_id.code or "–"))

    def _parse_contacts(self, row):
        if "contacts" in row.cells:
            named = sheet_text.people(row.cells["contacts"])
            if named.keys() != sheet_text.people(sheet_text.join_people(row.record.contact_ids.mapped("name")) if row.record else "").keys():
                row.more["contacts"] = named

    @api.model
    def _parse_deals(self, rows):
        """Deals by number or name, among those of the customer; one query."""
        customers = {row.number: row.record.profile_id.id if row.record else row.vals["profile_id"] for row in rows}
        deals = {}
        for deal in self.env["crm.lead"].with_context(active_test=False).search([("customer_profile_id", "in", list(set(customers.values())))]):
            for key in deal._sheet_deal_keys():
                deals.setdefault((deal.customer_profile_id.id, key), []).append(deal)
        for row in rows:
            name = sheet_cells.text(row.cells["deal"])
            found = deals.get((customers[row.number], comparable(name)), []) if name else []
            if name and not found:
                row.errors.append(self.env._("The customer has no deal '%(name)s'. Write its number or its name.", name=name))
            elif len(found) > 1:
                row.errors.append(self.env._("Several deals of the customer are called so; write the number of one of them: %(deals)s",
                                             deals=", ".join(deal._sheet_deal_label() for deal in found)))
            elif not row.record or row.record.lead_id.ids != [deal.id for deal in found]:
                row.vals["lead_id"] = found[0].id if found else False

    # === RECORDS === #

    @api.model
    def _sheet_write(self, rows, live):
        """People first: those that the customer has, and new contacts for the others."""
        wanted = {}
        for row in rows:
            if "contacts" in row.more:
                wanted.setdefault(self._company_of(row), {}).update(row.more["contacts"])
        contacts = self._sheet_contacts(wanted) if wanted else {}
        for row in rows:
            if "contacts" in row.more:
                row.vals["contact_ids"] = [(6, 0, [contacts[self._company_of(row), key].id for key in row.more["contacts"]])]
        return super()._sheet_write(rows, live)

    @api.model
    def _company_of(self, row):
        profile = row.record.profile_id if not row.is_new else self.env["sfc.customer.profile"].browse(row.vals["profile_id"])
        return profile.partner_id
