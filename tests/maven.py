"""The Maven CRM data set as rows for Odoo's import: what goes where, what was wrong, what stands in for what is missing.

Plain values, no server. Every cell that is not taken as it stands is a Remark with its file and row, so nothing is bent silently.

Stand-ins (the pipeline has no contacts, the lead sheet demands them, S1.4): the contact is "Purchasing" with the position
"Purchasing manager", the e-mail is made from the company's name under example.com, the need is the product, the source is "Other".
A deal without an account is of "Unknown account <id>" in "Other industry". Days become noon UTC, the same day almost everywhere.
"""
import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

SECTOR_TYPOS = {"technolgy": "technology"}
PRODUCT_TYPOS = {"GTXPro": "GTX Pro"}
COUNTRY_NAMES = {"Philipines": "Philippines", "Korea": "South Korea"}
OTHER_INDUSTRY = "Other industry"
# Odoo's stage by its place in a fresh pipeline; a lost deal stays on the stage that it reached.
STAGES = {"Prospecting": "stage_lead1", "Engaging": "stage_lead2", "Lost": "stage_lead2", "Won": "stage_lead4"}
# How clear the need is, judged by how far the deal came: our rule for screening history.
NEED_BY_STAGE = {"Won": "full", "Engaging": "product", "Prospecting": "interest", "Lost": "none"}


@dataclass(frozen=True)
class Remark:
    """A cell that was not taken as it stands; `row` counts like a spreadsheet, the heading is row 1."""
    file: str
    row: int
    column: str
    value: str
    taken_as: str

    def __str__(self):
        return f"{self.file} row {self.row}: {self.column} '{self.value}' taken as '{self.taken_as}'"


@dataclass
class Source:
    """The files as they are, and remarks gathered while mapping them."""
    folder: object
    remarks: list = field(default_factory=list)

    def __post_init__(self):
        self.accounts, self.teams, self.pipeline = (self._read(name) for name in ("accounts", "sales_teams", "sales_pipeline"))

    def _read(self, name):
        with open(self.folder / f"{name}.csv", newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def remark(self, file, row, column, value, taken_as):
        self.remarks.append(Remark(file, row, column, value, taken_as))
        return taken_as

    def remark_counts(self):
        """{(file, column, value, taken as): rows}; values of single rows (an account without a name) are counted together."""
        return Counter((r.file, r.column, r.value, re.sub(r"account \w{8}$", "account <id>", r.taken_as)) for r in self.remarks)


def external_id(kind, name):
    return f"maven_{kind}_" + re.sub(r"\W", "_", name.casefold())


def day(text):
    """A day of the data set as Odoo writes a moment."""
    return f"{parse_day(text)} 12:00:00"


def parse_day(text):
    return datetime.strptime(text, "%m/%d/%Y").date()


def comparable(name):
    return re.sub(r"[\W_]+", "", name.casefold())


def industries_by_name(records):
    """{comparable name or alias: id} of the industries that the product offers, read over HTTP; a name beats an alias."""
    names = {comparable(alias): r["id"] for r in records for alias in (r["aliases"] or "").split("/") if alias}
    return names | {comparable(r["name"]): r["id"] for r in records}


# === ROWS FOR THE IMPORT === #

PARTNER_FIELDS = ["id", "name", "is_company", "industry_id/.id", "country_id/.id", "parent_id/id"]


def partner_rows(source, industries, countries):
    """Accounts as customers, parents before their subsidiaries."""
    rows = {a["account"]: _partner_row(source, number, a, industries, countries) for number, a in enumerate(source.accounts, 2)}
    return [rows[a["account"]] for a in sorted(source.accounts, key=lambda a: bool(a["subsidiary_of"]))]


def _partner_row(source, number, account, industries, countries):
    parent, country = account["subsidiary_of"], account["office_location"]
    if country in COUNTRY_NAMES:
        country = source.remark("accounts.csv", number, "office_location", country, COUNTRY_NAMES[country])
    return [
        external_id("account", account["account"]), account["account"], "1", str(_industry(source, number, account["sector"], industries)),
        str(countries[country]), external_id("account", parent) if parent else "",
    ]


def _industry(source, number, sector, industries):
    known = sector
    if sector in SECTOR_TYPOS:
        known = source.remark("accounts.csv", number, "sector", sector, SECTOR_TYPOS[sector])
    if comparable(known) not in industries:
        known = source.remark("accounts.csv", number, "sector", sector, OTHER_INDUSTRY)
    return industries[comparable(known)]


DEAL_FIELDS = [
    "id", "type", "name", "partner_id/id", "partner_name", "industry_id/.id", "contact_name", "function", "email_from", "need_summary",
    "source_id/.id", "user_id/.id", "team_id/.id", "stage_id/.id", "active", "probability", "lost_reason_id/.id", "expected_revenue",
    "captured_at", "date_closed",
]


@dataclass
class Targets:
    """Ids in the database, read or made over HTTP before the deals."""
    industry_of_account: dict
    other_industry: int
    source: int
    users: dict
    teams: dict
    stages: dict
    lost_reason: int
    import_day: date


def deal_rows(source, targets):
    return [_deal_row(source, number, deal, targets) for number, deal in enumerate(source.pipeline, 2)]


def _deal_row(source, number, deal, targets):
    file, stage, account = "sales_pipeline.csv", deal["deal_stage"], deal["account"]
    product, engaged = deal["product"], deal["engage_date"]
    if product in PRODUCT_TYPOS:
        product = source.remark(file, number, "product", product, PRODUCT_TYPOS[product])
    company = account or source.remark(file, number, "account", "", f"Unknown account {deal['opportunity_id']}")
    captured = day(engaged) if engaged else source.remark(file, number, "engage_date", "", f"{targets.import_day} 12:00:00")
    return [
        external_id("deal", deal["opportunity_id"]), "opportunity", f"{product} - {company}",
        external_id("account", account) if account else "", company,
        str(targets.industry_of_account[account] if account else targets.other_industry),
        "Purchasing", "Purchasing manager", f"purchasing@{comparable(company)}.example.com", product,
        str(targets.source), str(targets.users[deal["sales_agent"]]), str(targets.teams[deal["sales_agent"]]), str(targets.stages[STAGES[stage]]),
        "0" if stage == "Lost" else "1", {"Won": "100", "Lost": "0"}.get(stage, "10"),
        str(targets.lost_reason) if stage == "Lost" else "", deal["close_value"] or "0",
        captured, day(deal["close_date"]) if deal["close_date"] else "",
    ]
