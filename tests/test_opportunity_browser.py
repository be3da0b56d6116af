"""A deal from its evaluation to the proposal that was sent, in a real browser, in both languages ("Done when" 3 of step 3; S3.1-S3.11)."""
from datetime import date, timedelta

import pytest
from people import COMPLETE, PASSWORD, SALESPERSON, TEAM_LEADER, as_admin, choose, make_user, reference


@pytest.fixture(scope="module")
def team(server):
    rep = make_user(server, "opp_rep", "Li Ming", SALESPERSON, email="li@example.com")
    leader = make_user(server, "opp_leader", "Zhou Min", TEAM_LEADER)
    team = as_admin(server, "crm.team", "create", [{"name": "North China", "user_id": leader, "member_ids": [[6, 0, [rep]]]}])[0]
    product = as_admin(server, "product.product", "create", [{"name": "Test bench", "list_price": 1000, "taxes_id": [[5]]}])[0]
    return {"rep": rep, "team": team, "product": product}


def rep_calls(server, model, method, *arguments):
    return server.json_rpc("opp_rep", PASSWORD, model, method, arguments)


def make_deal(server, team, name):
    """A deal with the customer's contact, whose needs are not known yet."""
    company = rep_calls(server, "res.partner", "create", {"name": name, "is_company": True})
    person = rep_calls(server, "res.partner", "create", {"name": "Chen", "parent_id": company, "email": "chen@example.com", "function": "Director"})
    return rep_calls(server, "crm.lead", "create", {
        "name": f"Benches for {name}", "type": "opportunity", "partner_id": person, "team_id": team["team"], "user_id": team["rep"]})


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_from_the_evaluation_to_the_customer(server, browser, team, locale):
    deal = make_deal(server, team, f"Hengtong {locale}")
    page = browser.page(locale=locale)
    browser.login(page, server, "opp_rep", PASSWORD)
    _weak_deal_demands_a_decision(server, browser, page, deal)
    _evaluated_again(server, browser, page, deal)
    order = _proposal_submitted(server, browser, page, team, deal)
    leader = browser.page(locale=locale)
    browser.login(leader, server, "opp_leader", PASSWORD)
    _refused_with_a_reason(server, browser, leader, order)
    _submitted_again(server, page, order)
    _approved_from_the_systray(server, browser, leader, order)
    _sent_to_the_customer(server, browser, page, deal, order)
    assert not page.errors and not leader.errors


def open_deal(server, page, deal):
    page.goto(f"{server.url}/odoo/sfc-deals/{deal}")
    page.wait_for_selector("div[name=deal_head]")


def evaluate(page):
    page.click(".o_statusbar_buttons button[name=action_evaluate]")
    page.wait_for_selector(".modal div[name=line_ids] .o_data_row")
    if page.locator(".modal div[name=go_on_reason] input").is_visible():
        page.fill(".modal div[name=go_on_reason] input", "the customer asked for a proposal")


def strength(server, deal):
    return server.sql("SELECT opportunity_strength FROM crm_lead WHERE id = %s", [deal])[0][0]


def _weak_deal_demands_a_decision(server, browser, page, deal):
    """Nothing is known: the hints say so, the deal is weak, and somebody has to decide."""
    open_deal(server, page, deal)
    evaluate(page)
    assert page.locator(".modal div[name=line_ids] td[name=hint]").count() == 3
    browser.screenshot(page, f"deal_evaluation_{page.locale}")
    page.click(".modal button[name=action_apply]")
    page.wait_for_selector(".alert button[name=action_decide_weak]")
    assert strength(server, deal) == "weak"
    browser.screenshot(page, f"deal_weak_{page.locale}")
    page.click(".alert button[name=action_decide_weak]")
    page.fill(".modal div[name=note] textarea", "Meet the director on site first")
    browser.screenshot(page, f"deal_decision_{page.locale}")
    page.click(".modal button[name=action_apply]")
    page.wait_for_selector(".alert button[name=action_decide_weak]", state="hidden")
    assert server.sql("SELECT kind, note FROM sfc_deal_decision WHERE lead_id = %s", [deal]) == [("adjust", "Meet the director on site first")]
    assert server.sql("SELECT state FROM sfc_sla_clock WHERE lead_id = %s AND key = 'weak'", [deal]) == [("met",)]


def _evaluated_again(server, browser, page, deal):
    """Facts make the evaluation stale; the hints have changed, the person judges one dimension better than the facts."""
    rep_calls(server, "crm.lead", "write", [deal], {
        "purchase_date": str(date.today() + timedelta(days=60)), "budget_max": 13_000, "expected_revenue": 12_000, "need_function": "12 benches"})
    open_deal(server, page, deal)
    assert page.locator(".alert:has(div[name=evaluation_stale_reasons])").is_visible()
    evaluate(page)
    met = server.sql("SELECT COALESCE(name->>%s, name->>'en_US') FROM sfc_scorecard_level WHERE id = %s", [
        page.locale.replace("-", "_"), reference(server, "sales_full_cycle.level_deal_decision_clarity_met")])[0][0]
    row = page.locator(".modal div[name=line_ids] .o_data_row").nth(2)
    row.locator("td[name=level_id]").click()
    choose(page, "level_id", met, ".modal")
    page.click(".modal .modal-title")
    page.wait_for_timeout(500)
    browser.screenshot(page, f"deal_evaluation_again_{page.locale}")
    page.click(".modal button[name=action_apply]")
    page.wait_for_selector(".modal", state="detached")
    assert strength(server, deal) in ("strong", "medium")
    page.click(".o_notebook_headers a[name=evaluation]")
    page.wait_for_selector("div[name=deal_evaluation_ids] .o_data_row >> nth=1")
    browser.screenshot(page, f"deal_evaluated_{page.locale}")


def _proposal_submitted(server, browser, page, team, deal):
    """The next thing on the deal leads to the proposal; what is missing is named, then it is submitted."""
    [[partner]] = server.sql("SELECT partner_id FROM crm_lead WHERE id = %s", [deal])
    order = rep_calls(server, "sale.order", "create", {
        "partner_id": partner, "opportunity_id": deal, "team_id": team["team"], "user_id": team["rep"],
        "order_line": [[0, 0, {"product_id": team["product"], "product_uom_qty": 12}]]})
    page.goto(f"{server.url}/odoo/sales/{order}")
    page.wait_for_selector("div[name=proposal_gaps]")
    assert page.locator(".o_statusbar_buttons button[name=action_quotation_send]:visible").count() == 0, "what would be refused is not offered"
    page.click(".o_notebook_headers a[name=proposal]")
    browser.screenshot(page, f"proposal_gaps_{page.locale}")
    rep_calls(server, "sale.order", "write", [order], {**COMPLETE, "solution_line_ids": [[5]]})
    rep_calls(server, "sale.order", "write", [order], {"solution_line_ids": COMPLETE["solution_line_ids"]})
    page.reload()
    page.click(".o_statusbar_buttons button[name=action_submit_for_approval]")
    page.wait_for_selector(".o_statusbar_buttons button[name=action_withdraw_approval]")
    browser.screenshot(page, f"proposal_submitted_{page.locale}")
    assert server.sql("SELECT approval_state FROM sale_order WHERE id = %s", [order]) == [("pending",)]
    return order


def _refused_with_a_reason(server, browser, page, order):
    page.goto(f"{server.url}/odoo/sales/{order}")
    page.click(".o_statusbar_buttons button[name=action_refuse_document]")
    page.locator(".modal div[name=reason_id] input").first.check()
    page.fill(".modal div[name=note] textarea", "Leave out the third year")
    browser.screenshot(page, f"proposal_refusing_{page.locale}")
    page.click(".modal button[name=action_apply]")
    page.wait_for_selector(".modal", state="detached")
    assert server.sql("SELECT approval_state FROM sale_order WHERE id = %s", [order]) == [("refused",)]


def _submitted_again(server, page, order):
    [[line]] = server.sql("SELECT id FROM sale_order_line WHERE order_id = %s", [order])
    rep_calls(server, "sale.order", "write", [order], {"order_line": [[1, line, {"product_uom_qty": 11}]]})
    page.reload()
    page.click(".o_statusbar_buttons button[name=action_submit_for_approval]")
    page.wait_for_selector(".o_statusbar_buttons button[name=action_withdraw_approval]")


def _approved_from_the_systray(server, browser, page, order):
    """The activity menu leads to the list; the difference since the last submission stands on the approval."""
    [[approval, name]] = server.sql(
        """SELECT approval.id, name FROM sfc_approval approval JOIN sale_order ON sale_order.id = sale_order_id
            WHERE sale_order_id = %s AND approval.state = 'pending'""", [order])
    page.goto(f"{server.url}/odoo/sfc.approval/{approval}")
    page.wait_for_selector("div[name=difference]:has-text('11')")
    browser.screenshot(page, f"approval_difference_{page.locale}")
    page.goto(f"{server.url}/odoo")
    page.click(".o_menu_systray .o-mail-ActivityMenu-counter, .o_menu_systray i[aria-label=Activities], .o_menu_systray button:has(i.fa-clock-o)")
    page.wait_for_selector(".o-mail-ActivityGroup")
    label = server.sql("SELECT COALESCE(name->>%s, name->>'en_US') FROM ir_model WHERE model = 'sale.order'", [page.locale.replace("-", "_")])[0][0]
    browser.screenshot(page, f"approval_systray_{page.locale}")
    page.locator(".o-mail-ActivityGroup").filter(has_text=label).first.click()
    row = page.locator(f".o_data_row:has-text('{name}')")
    row.locator("button[name=action_approve_document]").click()
    row.locator("button[name=action_approve_document]").wait_for(state="hidden")
    assert server.sql("SELECT approval_state, proposal_released FROM sale_order WHERE id = %s", [order]) == [("approved", True)]


def _sent_to_the_customer(server, browser, page, deal, order):
    """Sending by mail is the submission; the deal has moved on."""
    page.goto(f"{server.url}/odoo/sales/{order}")
    page.click(".o_statusbar_buttons button[name=action_quotation_send]:visible")
    page.wait_for_selector(".modal button[name=action_send_mail]")
    browser.screenshot(page, f"proposal_sending_{page.locale}")
    page.click(".modal button[name=action_send_mail]")
    page.wait_for_selector(".modal", state="detached")
    assert server.sql("SELECT channel FROM sfc_proposal_submission WHERE sale_order_id = %s", [order]) == [("mail",)]
    assert server.sql("SELECT cycle_step FROM crm_lead WHERE id = %s", [deal]) == [("proposed",)]
    open_deal(server, page, deal)
    browser.screenshot(page, f"deal_proposed_{page.locale}")
