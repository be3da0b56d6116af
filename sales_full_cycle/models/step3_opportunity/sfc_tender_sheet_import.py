from odoo import Command, api, models

from ..common import sheet_cells
from ..common.sheet import heading
from ..common.sheet_cells import comparable
from ..step1_lead.company_name import company_key
from . import tender_cells
from .sfc_tender_sheet import AMOUNTS, CHOICES, COMPANIES, DAYS, DISQUALIFIED, MOMENTS, TEXTS, US, USERS

BID_FIGURES = ("price", "score", "rank", "disqualified")
HANDBOOK_WORDS = {
    "method": {
        "公开招标": "open", "邀请招标": "invited", "竞争性谈判": "negotiation", "竞争性磋商": "consultation", "询价": "inquiry", "单一来源": "single_source"},
    "result": {"中标": "won", "未中标": "lost", "流标": "failed", "废标": "void", "弃标": "withdrawn"},
}


class SfcTender(models.Model):
    """The way back of 招投标登记: one row a tender, found by its number, made by its deal (T4b, ahead 14, P11)."""
    _inherit = "sfc.tender"
    _sheet_key = "number"
    _sheet_sequence = "sfc.tender"

    # === WHAT IS KNOWN === #

    @api.model
    def _sheet_find(self, rows):
        result = super()._sheet_find(rows)
        self._find_deals([row for row in rows if not row.errors])
        return result

    @api.model
    def _find_deals(self, rows):
        """The deal of each new row, by number or name, among those that the importer may see; one query."""
        names = {row.number: sheet_cells.text(row.cells.get("deal")) for row in rows if row.is_new}
        found = self.env["crm.lead"]._sheet_deals(set(names.values()) - {""})
        for row in rows:
            if row.is_new:
                self._take_deal(row, names[row.number], found.get(comparable(names[row.number]), []))
            elif "deal" in row.cells:
                self._check_same_deal(row)

    @api.model
    def _check_same_deal(self, row):
        deal = row.record.lead_id.sudo()  # sudo: its name, also where only the tender may be read
        if comparable(row.cells["deal"]) not in deal._sheet_deal_keys():
            row.errors.append(self.env._(
                "%(number)s is the tender of %(deal)s; it does not move to another deal.", number=row.record.number, deal=deal._sheet_deal_label()))

    @api.model
    def _take_deal(self, row, name, found):
        if not name:
            row.errors.append(self.env._("Which deal? Write its number or its name."))
        elif not found:
            row.errors.append(self.env._("There is no deal '%(name)s', or it is not yours. Write its number or its name.", name=name))
        elif len(found) > 1:
            row.errors.append(self.env._(
                "Several deals are called so; write the number of one of them: %(deals)s", deals=", ".join(deal._sheet_deal_label() for deal in found)))
        elif found[0].tender_ids:
            row.errors.append(self.env._(
                "%(deal)s has the tender workspace %(number)s already. Write that number to change it.",
                deal=found[0]._sheet_deal_label(), number=found[0].tender_ids.number))
        else:
            row.more["deal"] = found[0].id

    @api.model
    def _sheet_lookups(self):
        reasons = {}
        for form in self._sheet_languages():
            for reason in form.env["sfc.reason"].search([("kind", "=", "tender")]):
                reasons[comparable(reason.name)] = reason.id
        return {
            "user": self._sheet_users(), "reason": reasons, "reasons": ", ".join(self.env["sfc.reason"].search([("kind", "=", "tender")]).mapped("name")),
            "choices": {fname: self._sheet_choices(fname, words) for fname, words in HANDBOOK_WORDS.items()},
            "labels": {fname: ", ".join(dict(self._fields[fname]._description_selection(self.env)).values()) for fname in CHOICES},
            "us": self._sheet_spellings(US) | {"我方"}, "disqualified": self._sheet_spellings(DISQUALIFIED) | {"废标"},
        }

    # === CELLS === #

    @api.model
    def _sheet_parse_rows(self, rows):
        result = super()._sheet_parse_rows(rows)
        self._parse_companies([row for row in rows if not row.errors])
        self._refuse_twins([row for row in rows if row.is_new and not row.errors])
        return result

    def _refuse_twins(self, rows):
        seen = set()
        for row in rows:
            if row.vals["lead_id"] in seen:
                row.errors.append(self.env._("This deal stands twice in the file; it has one tender workspace."))
            seen.add(row.vals["lead_id"])

    @api.model
    def _sheet_parse(self, row, lookups):
        """An emptied cell empties the field of a known tender."""
        if row.is_new:
            row.vals["lead_id"] = row.more.pop("deal")
        given = row.cells.keys()
        for key in given & {*TEXTS, "result_note"}:
            row.vals[key] = sheet_cells.text(row.cells[key]) or False
        for key in given & set(MOMENTS):
            row.vals[key] = self._sheet_take_moment(row, key)
        for key in given & {*DAYS, "decided_on"}:
            if sheet_cells.text(row.cells[key]) or not row.is_new:  # of a new one what is not said is computed
                row.vals[key] = self._sheet_take_day(row, key)
        for key in given & set(AMOUNTS):
            row.vals[key] = self._sheet_take_number(row, key)
        for key in given & set(CHOICES):
            row.vals[key] = self._sheet_take_choice(row, key, lookups["choices"][key], lookups["labels"][key])
        for key in given & USERS.keys():
            if sheet_cells.text(row.cells[key]) or not row.is_new:
                row.vals[USERS[key]] = self._sheet_take_user(row, key, lookups["user"])
        self._parse_reason(row, lookups)
        self._parse_bidders(row, lookups)

    def _parse_reason(self, row, lookups):
        if "reason" in row.cells:
            row.vals["result_reason_id"] = self._sheet_take_choice(row, "reason", lookups["reason"], lookups["reasons"])

    @api.model
    def _parse_companies(self, rows):
        """Issuer and agency among the companies that are known; who is not becomes one."""
        names = {sheet_cells.text(row.cells.get(key)) for row in rows for key in COMPANIES} - {""}
        companies = self._sheet_companies(names) if names else {}
        for row in rows:
            for key in row.cells.keys() & COMPANIES.keys():
                name = sheet_cells.text(row.cells[key])
                found = companies.get(company_key(name), self.env["res.partner"])[:1] if name else self.env["res.partner"]
                if found or not name:
                    self._take_company(row, COMPANIES[key], found)
                else:
                    row.more[key] = name
                    row.warnings.append(self.env._("%(name)s is not known yet; it becomes a contact.", name=name))

    def _take_company(self, row, fname, company):
        if row.is_new and company or row.record and row.record[fname] != company:
            row.vals[fname] = company.id

    # === BIDDERS === #

    def _parse_bidders(self, row, lookups):
        """Lines of the cell, matched with those of the tender by name; our own line stays, also when the cell does not have it."""
        if "bidders" not in row.cells:
            return
        try:
            bids = tender_cells.bids(row.cells["bidders"], lookups["us"], lookups["disqualified"])
        except ValueError as error:
            row.errors.append(self.env._(
                "'%(line)s' is not a bidder. Write a line each: name | price | score | rank | %(us)s", line=error, us=self._sheet_us_word()))
            return
        bids = self._with_us(row, bids)
        if error := self._bids_error(row, bids):
            row.errors.append(error)
        elif commands := self._bid_commands(row, bids):
            row.vals["bidder_ids"] = commands
            if any(bid.is_us and bid.price for bid in bids):
                row.vals.pop("our_offer", None)  # the same, it was checked

    def _sheet_us_word(self):
        return heading(self.env._(US))  # pylint: disable=translation-contains-variable

    def _with_us(self, row, bids):
        """The line that is called like us is us, where none says it."""
        if any(bid.is_us for bid in bids):
            return bids
        ours = comparable(row.record._us().name if row.record else self.env.company.name)
        return [bid._replace(is_us=bid.key == ours) for bid in bids]

    def _bids_error(self, row, bids):
        names, ours = [bid.key for bid in bids], [bid for bid in bids if bid.is_us]
        if len(set(names)) < len(names):
            return self.env._("A bidder stands twice in the cell.")
        if len(ours) > 1:
            return self.env._("Only one bidder can be us.")
        known = row.record and row.record._us()
        if known and ours and comparable(known.name) != ours[0].key:
            return self.env._("Our own line is %(name)s. Correct its name on the tender.", name=known.name)
        offer = row.vals.get("our_offer")
        if offer and ours and ours[0].price and ours[0].price != offer:
            return self.env._("Our offer is %(offer)s in its column and %(price)s among the bidders.", offer=offer, price=ours[0].price)
        return None

    def _bid_commands(self, row, bids):
        known = {comparable(bidder.name): bidder for bidder in row.record.bidder_ids} if row.record else {}
        commands = []
        for bid in bids:
            bidder = known.pop(bid.key, None)
            vals = {fname: getattr(bid, fname) for fname in BID_FIGURES if getattr(bid, fname) != (bidder and bidder[fname] or 0)}
            if bidder is None:
                commands.append(Command.create({"name": bid.name, "is_us": bid.is_us, **vals}))
            elif vals:
                commands.append(Command.update(bidder.id, vals))
        return commands + [Command.delete(bidder.id) for bidder in known.values() if not bidder.is_us]

    # === RECORDS === #

    @api.model
    def _sheet_write(self, rows, live):
        """Companies first that nobody knew."""
        wanted = {company_key(row.more[key]): row.more[key] for row in rows for key in COMPANIES if key in row.more}
        if wanted:
            companies = {key: found[0] for key, found in self._sheet_companies(wanted.values()).items()}  # an earlier batch may have made them
            missing = wanted.keys() - companies.keys()
            created = self.env["res.partner"].create([{"name": wanted[key], "is_company": True} for key in missing])
            companies.update(zip(missing, created, strict=True))
            for row in rows:
                row.vals.update({fname: companies[company_key(row.more[key])].id for key, fname in COMPANIES.items() if key in row.more})
        return super()._sheet_write(rows, live)
