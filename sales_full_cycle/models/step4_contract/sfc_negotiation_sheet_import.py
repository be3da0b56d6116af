from odoo import Command, api, models
from odoo.fields import Domain

from ..common import sheet_cells
from ..common.sfc_sheet_mixin_cells import HANDBOOK_LEVELS
from ..common.sheet import same
from ..common.sheet_cells import comparable
from ..step2_customer import sheet_text
from . import minutes_cells
from .sfc_negotiation_sheet import DERIVED, POINT_LABELS, TEXTS, TOPIC_COLUMNS

HANDBOOK_OUTCOMES = {"达成": "agreed", "未决": "open", "放弃": "dropped"}
HANDBOOK_LABELS = {
    "我方立场": "our_position", "客户立场": "customer_position", "结果": "result", "结论": "outcome", "责任人": "responsible", "期限": "due"}


class SfcNegotiation(models.Model):
    """The way back of 谈判纪要: drafts are found by their number, new ones are made for a deal, confirmed ones stay (S4.6, ahead 14, P11)."""
    _inherit = "sfc.negotiation"
    _sheet_key = "number"
    _sheet_sequence = "sfc.negotiation"

    # === WHAT IS KNOWN === #

    @api.model
    def _sheet_number_domain(self):
        """Each company counts its minutes for itself."""
        return Domain("company_id", "=", self.env.company.id)

    @api.model
    def _sheet_number(self, rows, dry_run):
        """Numbers are those of the company of each deal: create() gives them."""

    @api.model
    def _sheet_find(self, rows):
        result = super()._sheet_find(rows)
        self._find_deals([row for row in rows if not row.errors])
        return result

    @api.model
    def _find_deals(self, rows):
        """The deal of each new row, by number or name, among those that the importer may see; one query."""
        names = {row.number: sheet_cells.text(row.cells.get("deal")) for row in rows}
        found = self.env["crm.lead"]._sheet_deals({names[row.number] for row in rows if row.is_new} - {""})
        for row in rows:
            name = names[row.number]
            if row.is_new:
                self._take_deal(row, name, found.get(comparable(name), []) if name else [])
            elif "deal" in row.cells:
                self._check_same_deal(row, name)

    @api.model
    def _check_same_deal(self, row, name):
        deal = row.record.lead_id.sudo()  # sudo: its name, also where only the minutes may be read
        if comparable(name) not in deal._sheet_deal_keys():
            row.errors.append(self.env._(
                "%(number)s are the minutes of %(deal)s; they do not move to another deal.", number=row.record.number, deal=deal._sheet_deal_label()))

    @api.model
    def _take_deal(self, row, name, found):
        if not name:
            row.errors.append(self.env._("Which deal? Write its number or its name."))
        elif not found:
            row.errors.append(self.env._("There is no deal '%(name)s', or it is not yours. Write its number or its name.", name=name))
        elif len(found) > 1:
            row.errors.append(self.env._(
                "Several deals are called so; write the number of one of them: %(deals)s", deals=", ".join(deal._sheet_deal_label() for deal in found)))
        else:
            row.more["deal"] = found[0]

    @api.model
    def _sheet_lookups(self):
        lines, options = self.env["sfc.negotiation.line"], self.env["sfc.negotiation.option"]
        return {
            "user": self._sheet_users(),
            "labels": HANDBOOK_LABELS | {spelling: name for name, term in POINT_LABELS.items() for spelling in self._sheet_spellings(term)},
            "outcomes": self._sheet_words(lines, "outcome", HANDBOOK_OUTCOMES), "kinds": self._sheet_words(options, "kind"),
            "outcome_words": ", ".join(dict(lines._fields["outcome"]._description_selection(self.env)).values()),
            "sensitivities": self._sheet_choices("price_sensitivity", HANDBOOK_LEVELS),
            "sensitivity_words": ", ".join(dict(self._fields["price_sensitivity"]._description_selection(self.env)).values()),
        }

    @api.model
    def _sheet_words(self, model, fname, handbook=()):
        """{comparable label: value} of a selection of another model, in every language."""
        field = model._fields[fname]
        return dict(handbook) | {
            comparable(word): value for form in self._sheet_languages() for value, label in field._description_selection(form.env) for word in (value, label)}

    # === CELLS === #

    @api.model
    def _sheet_parse_rows(self, rows):
        result = super()._sheet_parse_rows(rows)
        self._parse_contacts([row for row in rows if "customer_attendees" in row.cells and not row.errors])
        self._refuse_taken_rounds([row for row in rows if row.vals.get("round") and not row.errors])
        for row in rows:
            if row.record and row.record.state != "draft" and row.vals and not row.errors:
                row.errors.append(self.env._(
                    "%(number)s is not a draft any more and stays as it is. Write a new row for another round.", number=row.record.number))
        return result

    @api.model
    def _refuse_taken_rounds(self, rows):
        """One query for all rows."""
        # sudo: rounds that somebody else led count as well
        taken = {(minutes.lead_id.id, minutes.round): minutes.number for minutes in self.sudo().search(
            [("lead_id", "in", [row.vals["lead_id"] for row in rows])])}
        for row in rows:
            key = row.vals["lead_id"], row.vals["round"]
            if key in taken:
                row.errors.append(self.env._(
                    "Round %(round)s of this deal is taken by %(number)s.", round=row.vals["round"],
                    number=taken[key] or self.env._("another row of the file")))
            taken.setdefault(key, "")

    @api.model
    def _sheet_parse(self, row, lookups):
        """An emptied cell empties the field of a known draft."""
        if row.is_new:
            deal = row.more.pop("deal")
            row.vals.update({"lead_id": deal.id, "user_id": deal.user_id.id or self.env.uid})
        given = row.cells.keys()
        for key in given & TEXTS.keys():
            row.vals[TEXTS[key]] = sheet_cells.text(row.cells[key]) or False
        if row.is_new and sheet_cells.text(row.cells.get("round")):
            row.vals["round"] = self._sheet_take_number(row, "round", whole=True)
        if "start" in given:
            row.vals["start"] = self._sheet_take_moment(row, "start")
        if "attendees" in given:
            row.vals["attendee_ids"] = self._user_command(row, lookups["user"])
        if "recorder" in given:
            row.vals["recorder_id"] = self._sheet_take_user(row, "recorder", lookups["user"])
        if commands := [command for topic in TOPIC_COLUMNS if topic in given for command in self._parse_topic(row, topic, lookups)]:
            row.vals["line_ids"] = commands
        self._parse_inside(row, lookups)
        self._parse_derived(row)

    @api.model
    def _parse_inside(self, row, lookups):
        """Columns that the importer has; who writes minutes may read their internal page."""
        if "price_sensitivity" in row.cells:
            row.vals["price_sensitivity"] = self._sheet_take_choice(row, "price_sensitivity", lookups["sensitivities"], lookups["sensitivity_words"])
        if "concerns" in row.cells:
            row.vals["concerns"] = sheet_cells.text(row.cells["concerns"]) or False
        if "options" in row.cells and (commands := self._parse_options(row, lookups["kinds"])):
            row.vals["option_ids"] = commands

    @api.model
    def _parse_derived(self, row):
        """What follows from the deal and the topics is not imported, but for the round of history; of a new row it is compared once it is saved."""
        given = {key: row.cells[key] for key in row.cells.keys() & set(DERIVED)}
        if given and row.is_new:
            row.more["derived"] = given
        elif given:
            self._warn_of_derived(row, given)

    def _warn_of_derived(self, row, given):
        """Point out what the file has otherwise than the record, in whatever language the file is."""
        shown = [row.record.with_context(lang=form.env.lang)._sheet_values() for form in self._sheet_languages()]
        headings = self._sheet_headings_by_key()
        differing = [headings[key] for key in DERIVED if key in given and not any(same(given[key], values[key]) for values in shown)]
        if differing:
            row.warnings.append(self.env._("%(headings)s: follows from the deal and the topics, and is not imported.", headings=", ".join(differing)))

    # === PEOPLE === #

    @api.model
    def _user_command(self, row, users):
        ids = []
        for key, name in sheet_text.people(row.cells["attendees"]).items():
            found = users.get(key, [])
            known = [user_id for user_id in found if row.record and user_id in row.record.attendee_ids.ids]
            ids += self._one_person(row, name, known if len(found) > 1 and len(known) == 1 else found)
        return [Command.set(ids)]

    def _one_person(self, row, name, ids):
        if not ids:
            row.errors.append(self.env._("There is no user '%(name)s'. Write the name or the login.", name=name))
        elif len(ids) > 1:
            row.errors.append(self.env._("Several users are called '%(name)s'. Write the login.", name=name))
        return ids[:1]

    @api.model
    def _parse_contacts(self, rows):
        """People of the customer by their names; one query for all customers."""
        deals = self.env["crm.lead"].browse([row.vals["lead_id"] for row in rows if row.is_new])
        customers = {row.number: row.record.partner_id for row in rows if row.record}
        customers.update(zip(
            (row.number for row in rows if row.is_new), (deal.partner_id.commercial_partner_id for deal in deals), strict=True))
        companies = self.env["res.partner"].union(*customers.values())
        people = {}
        for person in self.env["res.partner"].search([("commercial_partner_id", "in", companies.ids)]):
            people.setdefault((person.commercial_partner_id.id, comparable(person.name)), []).append(person.id)
        for row in rows:
            row.vals["customer_attendee_ids"] = [Command.set(self._contacts(row, customers[row.number], people))]
            if row.record and set(row.vals["customer_attendee_ids"][0][2]) == set(row.record.customer_attendee_ids.ids):
                del row.vals["customer_attendee_ids"]

    @api.model
    def _contacts(self, row, customer, people):
        here = {comparable(person.name): [person.id] for person in row.record.customer_attendee_ids.sudo()} if row.record else {}
        ids = []
        for key, name in sheet_text.people(row.cells["customer_attendees"]).items():
            found = here.get(key) or people.get((customer.id, key), [])
            if not found:
                row.errors.append(self.env._("%(customer)s has no contact '%(name)s'. Create the contact first.", customer=customer.name or "–", name=name))
            elif len(found) > 1:
                row.errors.append(self.env._(
                    "%(customer)s has several contacts '%(name)s'. Choose the person on the minutes.", customer=customer.name, name=name))
            ids += found[:1]
        return ids

    # === TOPICS AND OPTIONS === #

    @api.model
    def _parse_topic(self, row, topic, lookups):
        """Commands that make the lines of a topic those of its cell; the first block is the first line."""
        title = self._sheet_headings_by_key()[topic]
        try:
            points = minutes_cells.points(row.cells[topic], lookups["labels"])
        except ValueError as error:
            row.errors.append(self.env._("%(topic)s: '%(line)s' stands twice. Leave a line empty between two points.", topic=title, line=error))
            return []
        known = row.record.line_ids.filtered(lambda line: line.topic == topic).sorted(lambda line: (line.sequence, line.id)) if row.record else ()
        values = [self._point_vals(row, title, point, lookups) for point in points]
        commands = [Command.create({"topic": topic, **vals}) for vals in values[len(known):]]
        for line, vals in zip(known, values, strict=False):
            changed = {fname: value for fname, value in vals.items() if line._fields[fname].convert_to_write(line[fname], line) != value}
            commands += [Command.update(line.id, changed)] if changed else []
        return commands + [Command.delete(line.id) for line in known[len(values):]]

    @api.model
    def _point_vals(self, row, title, point, lookups):
        """A line from the texts of its block; what is not said is empty."""
        vals = {fname: getattr(point, fname) or False for fname in ("our_position", "customer_position", "result")}
        outcome = lookups["outcomes"].get(comparable(point.outcome))
        if point.outcome and not outcome:
            row.errors.append(self.env._(
                "%(topic)s: the outcome '%(name)s' is not known. Known are: %(known)s", topic=title, name=point.outcome, known=lookups["outcome_words"]))
        users = lookups["user"].get(comparable(point.responsible), []) if point.responsible else []
        responsible = self._one_person(row, point.responsible, users) if point.responsible else []
        return {
            **vals, "outcome": outcome or "open", "responsible_id": responsible[0] if responsible else False, "due_date": self._due(row, title, point)}

    @api.model
    def _due(self, row, title, point):
        if not point.due:
            return False
        try:
            return sheet_cells.moment(point.due).date()
        except (ValueError, OverflowError):
            row.errors.append(self.env._("%(topic)s: '%(value)s' is not a date. Write it as 2026-01-31.", topic=title, value=point.due))
            return False

    @api.model
    def _parse_options(self, row, kinds):
        """Commands that make the options those of the cell; a known one is found by its name."""
        try:
            options = minutes_cells.options(row.cells["options"], kinds)
        except ValueError as error:
            row.errors.append(self.env._("'%(line)s' is not an option. Write a line each: name | type", line=error))
            return []
        known, commands = {}, []
        for option in row.record.option_ids if row.record else ():
            known.setdefault(comparable(option.name), []).append(option)
        for option in options:
            vals = {"name": option.name, "description": option.description or False, **({"kind": option.kind} if option.kind else {})}
            same_name = known.get(comparable(option.name))
            if not same_name:
                commands.append(Command.create({"kind": "other", **vals}))
                continue
            record = same_name.pop(0)
            changed = {fname: value for fname, value in vals.items() if (record[fname] or False) != value}
            commands += [Command.update(record.id, changed)] if changed else []
        return commands + [Command.delete(option.id) for left in known.values() for option in left]

    # === AFTERWARDS === #

    def _sheet_warn(self, rows):
        for row in rows:
            if derived := row.more.get("derived"):
                self._warn_of_derived(row, derived)
        return super()._sheet_warn(rows)
