"""A leader decides in the chatter, in the list that the activity menu opens, on the document and on a phone, in a real browser (S3.11)."""
import pytest
from people import COMPLETE, PASSWORD, SALESPERSON, TEAM_LEADER, as_admin, evaluate, make_user


@pytest.fixture(scope="module")
def team(server):
    leader = make_user(server, "approve_leader", "Zhou Min", TEAM_LEADER)
    rep = make_user(server, "approve_rep", "Li Ming", SALESPERSON)
    team = as_admin(server, "crm.team", "create", [{"name": "Approving team", "user_id": leader}])[0]
    product = as_admin(server, "product.product", "create", [{"name": "Approved bench", "list_price": 1000}])[0]
    return {"rep": rep, "team": team, "product": product}


def call(server, model, method, *arguments):
    return server.json_rpc("approve_rep", PASSWORD, model, method, arguments)


def submitted(server, team, name):
    """A quotation of the salesperson that waits for the leader; its id."""
    partner = call(server, "res.partner", "create", {"name": name, "is_company": True})
    deal = call(server, "crm.lead", "create", {
        "name": name, "type": "opportunity", "partner_id": partner, "team_id": team["team"], "user_id": team["rep"]})
    evaluate(server, "approve_rep", deal)
    order = call(server, "sale.order", "create", {
        "partner_id": partner, "opportunity_id": deal, "team_id": team["team"], "user_id": team["rep"],
        **COMPLETE, "order_line": [[0, 0, {"product_id": team["product"], "product_uom_qty": 2}]]})
    call(server, "sale.order", "action_submit_for_approval", [order])
    return order


def state_of(server, order):
    return server.sql("SELECT approval_state FROM sale_order WHERE id = %s", [order])[0][0]


def fill_refusal(page):
    page.locator(".modal div[name=reason_id] input").first.check()
    page.fill(".modal div[name=note] textarea", "Too cheap")
    page.click(".modal button[name=action_apply]")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_in_the_chatter(server, browser, team, locale):
    """The activity offers Approve and Refuse, not done, edit or cancel."""
    good, bad = submitted(server, team, f"Chatter good {locale}"), submitted(server, team, f"Chatter bad {locale}")
    page = browser.page(locale=locale, width=1400, height=900)
    browser.login(page, server, "approve_leader", PASSWORD)
    page.goto(f"{server.url}/odoo/sales/{good}")
    activity = page.locator(".o-mail-Activity:has(.o-sfc-Activity-approve)")
    activity.wait_for()
    assert activity.locator(".o-mail-Activity-markDone, .o-mail-Activity-edit").count() == 0
    browser.screenshot(page, f"approval_chatter_{locale}")
    activity.locator(".o-sfc-Activity-approve").click()
    activity.wait_for(state="detached")
    assert state_of(server, good) == "approved"
    page.goto(f"{server.url}/odoo/sales/{bad}")
    page.click(".o-sfc-Activity-refuse")
    fill_refusal(page)
    activity.wait_for(state="detached")
    assert state_of(server, bad) == "refused"
    page.click(".o_notebook_headers a[name=approval]")
    page.wait_for_selector("div[name=approval_ids] .o_data_row")
    browser.screenshot(page, f"approval_history_{locale}")
    assert not page.errors


def test_in_lists(server, browser, team):
    """From the activity popover of the quotation list, and from the list of approvals."""
    first, second = submitted(server, team, "List one"), submitted(server, team, "List two")
    page = browser.page(locale="en-US", width=1400, height=900)
    browser.login(page, server, "approve_leader", PASSWORD)
    page.goto(f"{server.url}/odoo/action-sales_full_cycle.sfc_approval_action_mine")
    page.locator(".o_data_row:has-text('List one') button[name=action_approve]").click()
    page.locator(".o_data_row:has-text('List one')").wait_for(state="detached")
    assert state_of(server, first) == "approved"
    browser.screenshot(page, "approval_list")
    page.click(".o_menu_systray .o-mail-ActivityMenu-counter, .o_menu_systray i[aria-label=Activities]")
    page.locator(".o-mail-ActivityGroup").filter(has_text="Sales Order").first.click()
    row = page.locator(".o_data_row:has-text('List two')")
    row.locator("button[name=action_approve_document]").wait_for()
    row.locator(".o-mail-ActivityButton").click()
    page.wait_for_selector(".o-sfc-ActivityListPopoverItem-approve")
    assert page.locator(".o-mail-ActivityListPopoverItem-markAsDone, .o-mail-ActivityListPopoverItem-cancel").count() == 0
    browser.screenshot(page, "approval_popover")
    page.click(".o-sfc-ActivityListPopoverItem-approve")
    row.locator("button[name=action_approve_document]").wait_for(state="hidden")
    assert state_of(server, second) == "approved"
    assert not page.errors


def test_on_a_phone(server, browser, team):
    """One page as wide as the phone: figures, difference, and the buttons."""
    order = submitted(server, team, "Phone")
    [[approval]] = server.sql("SELECT id FROM sfc_approval WHERE sale_order_id = %s", [order])
    page = browser.page(locale="en-US", width=390, height=844)
    browser.login(page, server, "approve_leader", PASSWORD)
    page.goto(f"{server.url}/odoo/sfc.approval/{approval}")
    page.wait_for_selector("div[name=amount]")
    browser.screenshot(page, "approval_phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.click(".o_form_sheet button[name=action_open_refusal]")
    page.wait_for_selector(".modal div[name=reason_id]")
    browser.screenshot(page, "approval_phone_refuse")
    assert not page.errors
