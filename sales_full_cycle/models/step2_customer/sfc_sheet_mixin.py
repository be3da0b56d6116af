from odoo import api, models

from ..common import sheet_cells
from ..common.sheet_cells import comparable
from ..step1_lead.company_name import company_key


class SfcSheetMixin(models.AbstractModel):
    """Customers, people and grades are found the same way on every form of this step (P10, P11)."""
    _inherit = "sfc.sheet.mixin"

    @api.model
    def _sheet_companies(self, names):
        """{comparable name: companies that are called so}, for those that are our contacts or customers; one query."""
        keys = list({company_key(name) for name in names} - {""})
        # sudo: that a company is known must be seen also by those who may not look at it
        found = self.env["res.partner"].sudo().search(
            [("company_key", "in", keys), ("company_id", "in", [False, self.env.company.id])], order="id")
        return found.grouped("company_key")

    @api.model
    def _sheet_customer_label(self, profile):
        """How a message names a customer that may be somebody else's."""
        return self.env._(
            "%(number)s %(name)s (owner: %(owner)s)", number=profile.customer_number, name=profile.name,
            owner=profile.user_id.name or self.env._("nobody"))

    @api.model
    def _sheet_contacts(self, wanted):
        """Contacts by name: {(company, comparable name): contact} for {company: {comparable name: name}}; who is not known is created."""
        companies = self.env["res.partner"].union(*wanted)
        people = self.env["res.partner"].search(
            [("commercial_partner_id", "in", companies.ids), ("is_company", "=", False)], order="id desc")
        found = {(person.commercial_partner_id, comparable(person.name)): person for person in people}
        missing = [(company, key) for company, names in wanted.items() for key in names if (company, key) not in found]
        created = self.env["res.partner"].create([{
            "name": wanted[company][key], "parent_id": company.id, "type": "contact"} for company, key in missing])
        return found | dict(zip(missing, created, strict=True))

    @api.model
    def _sheet_grades(self):
        """{comparable letter or meaning in any language: code}; A级 and 'Grade A' are A too."""
        grades = {}
        for form in self._sheet_languages():
            for grade in form.env["sfc.grade"].search([]):
                for name in (grade.code, grade.name, f"{grade.code}级", form.env._("Grade %(code)s", code=grade.code)):
                    grades[comparable(name)] = grade.code
        return grades

    @api.model
    def _sheet_take_grade(self, row, grades):
        """Code of the grade that the row names."""
        name = sheet_cells.text(row.cells.get("grade"))
        code = grades.get(comparable(name), False) if name else False
        if name and not code:
            row.errors.append(self.env._(
                "Grade '%(name)s' is not one of %(known)s.", name=name, known=", ".join(self.env["sfc.grade"]._ids_by_code())))
        return code
