"""A customer's comment on a proposal becomes an objection by one click in the chatter, in a real browser (S3.13)."""
import pytest
from people import PASSWORD, SALESPERSON, as_admin, make_user


@pytest.fixture(scope="module")
def rep(server):
    make_user(server, "objection_rep", "Li Ming", SALESPERSON)
    return lambda model, method, *arguments: server.json_rpc("objection_rep", PASSWORD, model, method, arguments)


def test_comment_becomes_objection(server, browser, rep):
    company = rep("res.partner", "create", {"name": "Hengli Presses", "is_company": True})
    person = rep("res.partner", "create", {"name": "Wang Wei", "parent_id": company, "email": "wang@example.com"})
    deal = rep("crm.lead", "create", {"name": "Benches for Hengli", "type": "opportunity", "partner_id": person})
    order = rep("sale.order", "create", {"partner_id": company, "opportunity_id": deal})
    as_admin(server, "sale.order", "message_post", order, body="Can it be cheaper?", author_id=person, message_type="comment", subtype_xmlid="mail.mt_comment")
    page = browser.page()
    browser.login(page, server, "objection_rep", PASSWORD)

    for _click in range(2):  # the second one opens the same
        page.goto(f"{server.url}/odoo/action-sale.action_quotations/{order}")
        comment = page.locator(".o-mail-Message:has-text('Can it be cheaper?')")
        comment.hover()
        button = page.locator("button[name='sfc-make-objection'], .o-dropdown-item[name='sfc-make-objection']")
        if not button.first.is_visible():
            comment.locator("button[title='Expand']").click()
        browser.screenshot(page, "objection_from_comment")
        button.first.click()
        page.wait_for_selector(".o_form_view .o_breadcrumb:has-text('YY')")
        assert page.input_value("div[name=text] textarea") == "Can it be cheaper?"
    assert server.sql("SELECT channel, contact_id, state FROM sfc_objection WHERE sale_order_id = %s", [order]) == [("portal", person, "open")]

    page.goto(f"{server.url}/odoo/sfc-objections")
    page.wait_for_selector(".o_data_row:has-text('Can it be cheaper?')")
    browser.screenshot(page, "objections")
    page.goto(f"{server.url}/odoo/crm/{deal}")
    page.click(".o_notebook_headers a[name=collaboration]")
    browser.screenshot(page, "deal_collaboration")
    page.click("button[name=action_start_plan]")
    page.wait_for_selector(".modal div[name=plan_id]")
    browser.screenshot(page, "start_plan")
