"""Install, upgrade, uninstall, reinstall: the logs are clean and uninstalling leaves the database as it was."""
import re

import pytest

from dev import instance, logs, postgres
from dev.common import ADDON

DATABASE = "sfc_lifecycle"
# What the database is made of. Attachments and web assets are left out: they are caches.
CENSUS = {
    "table": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S')",
    "column": """
        SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
          FROM information_schema.columns WHERE table_schema = 'public'""",
    "index": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": "SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "function": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "trigger": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "selection": """
        SELECT field.model || '.' || field.name || '=' || selection.value
          FROM ir_model_fields_selection selection JOIN ir_model_fields field ON field.id = selection.field_id""",
    "job": "SELECT cron_name FROM ir_cron",
    "menu": "SELECT id || ' ' || (name->>'en_US') FROM ir_ui_menu",
    "view": "SELECT id || ' ' || name FROM ir_ui_view",
    "action": "SELECT id || ' ' || type || ' ' || (name->>'en_US') FROM ir_actions",
    "record rule": "SELECT id || ' ' || name FROM ir_rule",
    "access right": "SELECT id || ' ' || name FROM ir_model_access",
    "group": "SELECT id || ' ' || (name->>'en_US') FROM res_groups",
    "privilege": "SELECT id || ' ' || (name->>'en_US') FROM res_groups_privilege",
    "implied group": "SELECT gid || ' implies ' || hid FROM res_groups_implied_rel",
    "parameter": "SELECT key || '=' || value FROM ir_config_parameter",
    "default": "SELECT field.model || '.' || field.name FROM ir_default JOIN ir_model_fields field ON field.id = field_id",
    "number sequence": "SELECT id || ' ' || name FROM ir_sequence",
    "mail template": "SELECT id || ' ' || (name->>'en_US') FROM mail_template",
    "mail alias": "SELECT alias_name FROM mail_alias WHERE alias_name IS NOT NULL",
    "message subtype": "SELECT id || ' ' || (name->>'en_US') FROM mail_message_subtype",
    "activity type": "SELECT id || ' ' || (name->>'en_US') || ' ' || active FROM mail_activity_type",
    "open activity": "SELECT id || ' ' || res_model FROM mail_activity",
    "paper format": "SELECT id || ' ' || name FROM report_paperformat",
    "pipeline stage": "SELECT id || ' ' || (name->>'en_US') FROM crm_stage",
    "survey": "SELECT id || ' ' || (title->>'en_US') FROM survey_survey",
    "dashboard": "SELECT id || ' ' || (name->>'en_US') FROM spreadsheet_dashboard",
    "external id": f"SELECT module || '.' || name FROM ir_model_data WHERE module = '{ADDON}' OR name LIKE '%sfc%'",
}


def _census():
    return {f"{kind} {name}" for kind, query in CENSUS.items() for (name,) in postgres.execute(query, database=DATABASE)}


def _step(action, *arguments):
    """Run one step of the life of the add-on and insist on a silent log."""
    log = instance.LOGS / f"lifecycle-{action.__name__}.log"
    action(DATABASE, *arguments, log=log)
    assert not logs.problems(log)


@pytest.fixture(scope="module", autouse=True)
def database(database_server):
    instance.new_database(DATABASE, addon=False)
    yield
    instance.drop_database(DATABASE)


def test_life_of_the_add_on():
    before = _census()
    _step(instance.install, ADDON)
    installed = _census()
    assert len(installed) > len(before), "nothing was installed"

    _step(instance.update)
    assert sorted(_census() ^ installed) == [], "an upgrade without changes changed the database"

    _step(instance.uninstall)
    after = _census()
    assert sorted(after - before) == [], "left behind by uninstalling"
    assert sorted(before - after) == [], "Odoo's own, lost by uninstalling"

    _step(instance.install, ADDON)
    assert _census_without_ids(installed) == _census_without_ids(_census()), "reinstalling gives another add-on"


def _census_without_ids(census):
    return {re.sub(r"(?<= )\d+ |(?<=ir_sequence_)\d+", "", entry) for entry in census}


def test_upgrade_from_before_customers():
    """A database of version 19.0.1.0.0 gets the grading standard in force and a customer sheet for each customer of a deal."""
    instance.run_odoo("shell", "-c", instance.config_file(), "-d", DATABASE, "--no-http", log=instance.LOGS / "lifecycle-deals.log", stdin="""
companies = env["res.partner"].create([{"name": f"Old customer {number}", "is_company": True} for number in range(3)])
env["crm.lead"].create([{"name": "Old deal", "type": "opportunity", "partner_id": company.id} for company in companies for _deal in range(2)])
env.cr.commit()
""")
    for query in (
        "DELETE FROM sfc_customer_profile", "UPDATE sfc_scorecard SET state = 'draft' WHERE scope = 'customer'",
        f"UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = '{ADDON}'",
    ):
        postgres.execute(query, database=DATABASE)
    _step(instance.update)
    assert postgres.execute("SELECT state FROM sfc_scorecard WHERE scope = 'customer'", database=DATABASE) == [("active",)]
    found = postgres.execute("""SELECT count(*), count(DISTINCT profile.partner_id) FROM crm_lead lead
        JOIN sfc_customer_profile profile ON profile.id = lead.customer_profile_id WHERE lead.name = 'Old deal'""", database=DATABASE)
    assert found == [(6, 3)]
