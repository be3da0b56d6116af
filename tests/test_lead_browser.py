"""A salesperson, a leader and a customer's lead, in a real browser (S1.3-S1.9; "Done when" 2 of step 1)."""
import pytest
from people import PASSWORD, SALESPERSON, TEAM_LEADER, as_admin, choose, make_user


@pytest.fixture(scope="module")
def people(server):
    """A salesperson, a team leader and their team, made over HTTP by the administrator."""
    rep = make_user(server, "browser_rep", "Li Ming", SALESPERSON)
    leader = make_user(server, "browser_leader", "Zhou Min", TEAM_LEADER)
    [team] = as_admin(server, "crm.team", "create", [{"name": "East China", "user_id": leader, "use_leads": True, "member_ids": [[6, 0, [rep]]]}])
    return {"rep": rep, "leader": leader, "team": team}


def action(server, page, xml_id):
    page.goto(f"{server.url}/odoo/action-sales_full_cycle.{xml_id}")
    page.wait_for_selector(".o_view_controller, .modal .o_form_view")


def open_lead(page, name):
    page.click(f".o_data_row:has-text('{name}') td[name=partner_name]")
    page.wait_for_selector(".o_form_view .o_statusbar_buttons")


@pytest.mark.parametrize(("locale", "texts"), [
    ("en-US", {"industry": "Manufacturing", "source": "Trade fair", "later": "To be assigned", "level": "High", "need": "Product, quantity and date known",
               "promise": "High leads get an owner", "met": "Met", "assign": "Assign", "contact": "First contact (high)"}),
    ("zh-CN", {"industry": "制造业", "source": "展会推广", "later": "待分配", "level": "高", "need": "产品、数量/规格、时间均明确",
               "promise": "高优先级线索分配", "met": "已达成", "assign": "分配", "contact": "首次联系（高）"}),
])
def test_lead_from_entry_to_first_contact(server, browser, people, locale, texts):
    """Capture with eight inputs, screen high, see the countdown, assign, see the clock met."""
    name = f"Hengli Precision {locale}"
    page = browser.page(locale=locale)
    browser.login(page, server, "browser_rep", PASSWORD)
    _capture(server, browser, page, name, texts)
    _screen(server, browser, page, name, texts)

    boss = browser.page(locale=locale)
    browser.login(boss, server, "browser_leader", PASSWORD)
    _assign(server, browser, boss, name, texts)

    action(server, page, "crm_lead_action")
    open_lead(page, name)
    page.click(".o_notebook_headers a[name=promises]")
    page.wait_for_selector(f".o_data_row:has-text('{texts['promise']}'):has-text('{texts['met']}')")
    page.wait_for_selector(f".o_data_row:has-text('{texts['contact']}')")
    browser.screenshot(page, f"lead_promises_{locale}")
    state = server.sql(
        "SELECT state FROM sfc_sla_clock clock JOIN crm_lead lead ON lead.id = lead_id WHERE partner_name = %s AND key = 'assign'", [name])
    assert state == [("met",)]
    assert not page.errors and not boss.errors


def _capture(server, browser, page, name, texts):
    action(server, page, "crm_lead_action_quick")
    page.fill("div[name=partner_name] input", name)
    choose(page, "industry_id", texts["industry"])
    page.fill("div[name=contact_name] input", "Wang Wei")
    page.fill("div[name=function] input", "Buyer")
    page.fill("div[name=contact_channel] input", f"wang@{page.locale.lower()}.example.com")
    page.fill("div[name=need_summary] textarea", "12 test benches before June")
    choose(page, "source_id", texts["source"])
    page.click(f".modal label:has-text('{texts['later']}')")
    browser.screenshot(page, f"lead_quick_{page.locale}")
    page.click(".modal button[name=action_quick_save]")
    page.wait_for_selector(".modal", state="detached")
    assert server.sql("SELECT user_id, screening_level FROM crm_lead WHERE partner_name = %s", [name]) == [(None, None)]


def _screen(server, browser, page, name, texts):
    action(server, page, "crm_lead_action")
    browser.screenshot(page, f"leads_{page.locale}")
    open_lead(page, name)
    page.click("button[name=action_screen]")
    page.click(".modal td[name=level_id]")
    choose(page, "level_id", texts["need"])
    page.click(".modal .modal-title")
    page.wait_for_selector(".modal div[name=preview]:has-text('82.5')")
    browser.screenshot(page, f"lead_screen_{page.locale}")
    page.click(".modal button[name=action_apply]")
    page.wait_for_selector(f".o_field_badge:has-text('{texts['level']}')")
    page.wait_for_selector(f"div[name=sla_promise]:has-text('{texts['promise']}')")
    assert page.inner_text("div[name=sla_time_left]") in ("23h", "24h")
    browser.screenshot(page, f"lead_form_{page.locale}")


def _assign(server, browser, page, name, texts):
    action(server, page, "crm_lead_action_to_assign")
    row = page.locator(f".o_data_row:has-text('{name}')")
    row.wait_for()
    browser.screenshot(page, f"leads_to_assign_{page.locale}")
    row.locator(".o_list_record_selector input").click()
    page.click(f".o_control_panel button:has-text('{texts['assign']}'):not([name=action_assign_to_me])")
    page.wait_for_selector(".modal .o_data_row:has-text('Li Ming')")
    browser.screenshot(page, f"lead_assign_{page.locale}")
    page.click(".modal button[name=action_assign]")
    row.wait_for(state="detached")


def test_quick_entry_on_a_phone(server, browser, people):
    """screens.md (P): the quick form fits a phone; a known company is said at once."""
    page = browser.page(locale="zh-CN", width=390, height=844)
    browser.login(page, server, "browser_rep", PASSWORD)
    action(server, page, "crm_lead_action_quick")
    page.fill("div[name=partner_name] input", "HENGLI PRECISION EN-US LTD")
    page.press("div[name=partner_name] input", "Tab")
    page.wait_for_selector("div[name=duplicate_warning]:has-text('LX')")
    browser.screenshot(page, "lead_quick_phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert not page.errors


def test_kanban_by_level(server, browser, people):
    """Kanban colours mean something: red is late; columns are levels, also the one for leads not screened."""
    page = browser.page(locale="en-US")
    browser.login(page, server, "browser_rep", PASSWORD)
    action(server, page, "crm_lead_action")
    page.click(".o_cp_switch_buttons .o_kanban")
    page.wait_for_selector(".o_kanban_group:has-text('High') .o_kanban_record")
    browser.screenshot(page, "leads_kanban_en-US")
    assert not page.errors
