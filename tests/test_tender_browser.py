"""A tender workspace in a real browser: made on the deal, worked through, decided ("Done when" of step 3; S0.11, T4b, ahead 12)."""
from datetime import datetime, timedelta

import pytest
from people import PASSWORD, SALESPERSON, make_user, reference


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_tender_from_the_deal_to_the_result(server, browser, locale):
    login = f"tender_rep_{locale[:2]}"
    make_user(server, login, f"Li Ming {locale}", SALESPERSON)

    def rep(model, method, *arguments):
        return server.json_rpc(login, PASSWORD, model, method, arguments)
    customer = rep("res.partner", "create", {"name": f"City Transport {locale}", "is_company": True})
    deal = rep("crm.lead", "create", {"name": f"Bus displays {locale}", "type": "opportunity", "partner_id": customer})
    page = browser.page(locale=locale)
    browser.login(page, server, login, PASSWORD)

    page.goto(f"{server.url}/odoo/crm/{deal}")
    [[label]] = server.sql("SELECT COALESCE(name->>%s, name->>'en_US') FROM ir_act_server WHERE id = %s", [
        locale.replace("-", "_"), reference(server, "sales_full_cycle.crm_lead_action_create_tender")])
    page.click(".o_cp_action_menus button")
    page.click(f".o-dropdown--menu .o-dropdown-item:has-text('{label}')")
    page.wait_for_selector("div[name=bid_deadline]")
    [tender] = server.sql("SELECT id FROM sfc_tender WHERE lead_id = %s", [deal])[0]
    bid = datetime.now() + timedelta(days=4)
    rep("sfc.tender", "write", [tender], {"bid_deadline": f"{bid:%Y-%m-%d} 01:30:00"})
    page.reload()
    page.click(".o_notebook_headers a[name=checklist]")
    page.wait_for_selector("div[name=task_ids] .o_data_row")
    browser.screenshot(page, f"tender_checklist_{locale}")
    page.click(".o_notebook_headers a[name=bidders]")
    page.wait_for_selector("div[name=bidder_ids] .o_data_row")

    for view in ("list", "kanban", "calendar", "pivot", "activity"):
        page.goto(f"{server.url}/odoo/sfc-tenders?view_type={view}")
        page.wait_for_selector(f".o_{view}_view")
        browser.screenshot(page, f"tenders_{view}_{locale}")

    page.goto(f"{server.url}/odoo/sfc-tenders/{tender}")
    page.click("button[name=action_submitted]")
    page.click("button[name=action_record_result].btn-primary")
    page.check(".modal div[name=result] input[data-value=lost]")
    reason = reference(server, "sales_full_cycle.reason_tender_price")
    page.click(".modal div[name=reason_id] input")
    page.click(".o-autocomplete--dropdown-menu a >> nth=0")
    page.click(".modal button[name=action_apply]")
    page.wait_for_selector(".modal div[name=lost_reason_id]")
    assert server.sql("SELECT result, result_reason_id, state FROM sfc_tender WHERE id = %s", [tender]) == [("lost", reason, "decided")]
    assert page.locator(".modal div[name=lost_reason_id] .active").count() == 1, "the reason is filled in"
    browser.screenshot(page, f"tender_lost_{locale}")
    assert not page.errors
