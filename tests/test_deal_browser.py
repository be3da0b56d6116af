"""The head of a deal and its stage gates in a real browser: what is next, a warning passed with a reason, a dragged card that goes back (P7, D11)."""
import pytest
from people import PASSWORD, SALESPERSON, as_admin, make_user, reference

STAGE = ".o_form_statusbar button[data-value='{stage}']"


@pytest.fixture(scope="module")
def gate(server):
    """A warning before Odoo's stage Proposition: the customer is graded."""
    make_user(server, "deal_rep", "Li Ming", SALESPERSON)
    stage = reference(server, "crm.stage_lead3")
    gate = as_admin(server, "sfc.stage.gate", "create", {"stage_id": stage, "check": "customer_graded"})
    yield stage
    as_admin(server, "sfc.stage.gate", "unlink", gate)


@pytest.fixture
def deal(server, request):
    """A deal of the salesperson whose customer nobody graded, called like the test."""
    customer = server.json_rpc("deal_rep", PASSWORD, "res.partner", "create", [{"name": "Huasheng Equipment", "is_company": True}])
    return server.json_rpc("deal_rep", PASSWORD, "crm.lead", "create", [
        {"name": request.node.name, "type": "opportunity", "partner_id": customer, "expected_revenue": 900}])


def stage_of(server, deal):
    return server.sql("SELECT stage_id FROM crm_lead WHERE id = %s", [deal])[0][0]


def test_next_thing_and_a_warning_that_is_passed(server, browser, gate, deal):
    page = browser.page()
    browser.login(page, server, "deal_rep", PASSWORD)
    page.goto(f"{server.url}/odoo/sfc-deals/{deal}")
    page.wait_for_selector("div[name=deal_head] button[name=action_next_thing]")
    assert page.inner_text("div[name=deal_head] button[name=action_next_thing]").strip() == "Grade the customer"
    assert page.locator(".o_statusbar_buttons .btn-primary:visible").count() == 0, "the one highlighted button is that of the next thing"
    assert page.locator("div[name=deal_head] .o_arrow_button_current").inner_text().strip() == "Leads"
    browser.screenshot(page, "deal_head")

    page.click(STAGE.format(stage=gate))
    page.wait_for_selector(".modal :text('customer not graded')")
    browser.screenshot(page, "deal_gate")
    page.click(".modal-footer button:text-is('Go on anyway')")
    page.fill(".modal div[name=reason] input", "the customer is in a hurry")
    page.click(".modal-footer button[name=action_go_on]")
    page.wait_for_selector(".modal", state="detached")
    page.wait_for_selector(STAGE.format(stage=gate) + ".o_arrow_button_current")
    assert stage_of(server, deal) == gate
    assert server.sql("SELECT reason FROM sfc_gate_override WHERE lead_id = %s", [deal]) == [("the customer is in a hurry",)]
    assert not page.errors


def test_a_dragged_card_goes_back(server, browser, gate, deal):
    before = stage_of(server, deal)
    page = browser.page()
    browser.login(page, server, "deal_rep", PASSWORD)
    page.goto(f"{server.url}/odoo/sfc-deals?view_type=kanban")
    card = ".o_kanban_record :text-is('test_a_dragged_card_goes_back')"
    page.wait_for_selector(card)
    columns = page.locator(".o_kanban_group")
    names = [columns.nth(place).locator(".o_column_title").first.inner_text() for place in range(columns.count())]
    target = next(place for place, name in enumerate(names) if name.startswith("Proposition"))
    page.hover(card)
    page.mouse.down()
    box = columns.nth(target).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200, steps=20)
    page.mouse.up()
    page.wait_for_selector(".modal :text('customer not graded')")
    browser.screenshot(page, "deal_gate_kanban")
    page.click(".modal-footer button:text-is('Close')")
    page.wait_for_selector(".modal", state="detached")
    page.wait_for_selector(card)
    assert columns.nth(target).locator(card).count() == 0, "the card went back"
    assert stage_of(server, deal) == before
    assert not page.errors
