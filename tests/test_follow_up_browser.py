"""A salesperson finishes due calls, once with feedback and once by "Done + record", in a real browser (T5, S2.7; nobody types twice)."""
import pytest
from people import PASSWORD, SALESPERSON, make_user, reference


@pytest.fixture(scope="module")
def rep(server):
    make_user(server, "follow_rep", "Li Ming", SALESPERSON)
    return lambda model, method, *arguments: server.json_rpc("follow_rep", PASSWORD, model, method, arguments)


def customer(server, rep, name):
    """A customer sheet of the salesperson, with two people and a deal; its ids."""
    company = rep("res.partner", "create", {"name": name, "is_company": True})
    [person, _other] = rep("res.partner", "create", [{"name": f"Wang Wei {name}", "parent_id": company}, {"name": f"Li Na {name}", "parent_id": company}])
    deal = rep("crm.lead", "create", {"name": f"Benches for {name}", "type": "opportunity", "partner_id": person})
    [[profile]] = server.sql("SELECT id FROM sfc_customer_profile WHERE partner_id = %s", [company])
    return profile, deal


def due_call(server, rep, model, record, summary):
    [[model_id]] = server.sql("SELECT id FROM ir_model WHERE model = %s", [model])
    call = reference(server, "mail.mail_activity_data_call")
    return rep("mail.activity", "create", {"res_model_id": model_id, "res_id": record, "activity_type_id": call, "summary": summary})


def records_of(server, activity):
    return server.sql(
        "SELECT content, method, (SELECT count(*) FROM sfc_follow_up_contact_rel WHERE follow_up_id = id) FROM sfc_follow_up WHERE activity_id = %s",
        [activity])


@pytest.mark.parametrize(("locale", "width", "height"), [("en-US", 1400, 900), ("en-US", 390, 844), ("zh-CN", 1400, 900)])
def test_due_calls(server, browser, rep, locale, width, height):
    """From the chatter of the customer sheet: one call by Mark Done with feedback, one by the dialog; one record each."""
    name = f"Hengli {locale} {width}"
    shot = f"{locale}_{width}"
    profile, _deal = customer(server, rep, name)
    marked = due_call(server, rep, "sfc.customer.profile", profile, "First call")
    recorded = due_call(server, rep, "sfc.customer.profile", profile, "Second call")
    page = browser.page(locale=locale, width=width, height=height)
    browser.login(page, server, "follow_rep", PASSWORD)
    page.goto(f"{server.url}/odoo/sfc-customers/{profile}")

    first = page.locator(".o-mail-Activity:has-text('First call')")
    first.locator(".o-mail-Activity-markDone").click()
    page.fill(".o-mail-ActivityMarkAsDone textarea", "They want twelve benches before June")
    browser.screenshot(page, f"follow_up_mark_done_{shot}")
    page.locator(".o-mail-ActivityMarkAsDone button").nth(1).click()  # the first one also asks for the next activity
    first.wait_for(state="detached")
    assert records_of(server, marked) == [("They want twelve benches before June", "call", 0)]

    second = page.locator(".o-mail-Activity:has-text('Second call')")
    second.scroll_into_view_if_needed()
    browser.screenshot(page, f"follow_up_activity_{shot}")
    second.locator(".o-sfc-Activity-record").click()
    fill_in(page, f"Wang Wei {name}")
    browser.screenshot(page, f"follow_up_quick_{shot}")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    page.click(".modal button[name=action_quick_save]")
    second.wait_for(state="detached")
    assert records_of(server, recorded) == [("Agreed on the price of the benches", "call", 1)]
    assert server.sql("SELECT active, feedback FROM mail_activity WHERE id = %s", [recorded]) == [(False, "Agreed on the price of the benches")]
    next_activity = server.sql(
        "SELECT summary FROM mail_activity WHERE res_model = 'sfc.customer.profile' AND res_id = %s AND active AND summary = 'Send the contract'", [profile])
    assert next_activity == [("Send the contract",)]
    page.wait_for_selector(".o-mail-Activity:has-text('Send the contract')")
    page.click(".o_notebook_headers a[name=follow_ups]")
    page.locator("div[name=follow_up_ids] .o_data_row:has-text('twelve benches')").scroll_into_view_if_needed()
    browser.screenshot(page, f"follow_up_customer_{shot}")
    assert not page.errors


def fill_in(page, person):
    """What was talked about, with whom, and the next step."""
    page.wait_for_selector(".modal div[name=content] textarea")
    assert page.locator(".modal div[name=activity_summary]").inner_text() == "Second call"
    page.fill(".modal div[name=content] textarea", "Agreed on the price of the benches")
    contacts = page.locator(".modal div[name=contact_ids] input")
    if contacts.get_attribute("readonly") is None:
        contacts.fill(person[:8])
        page.click(f".o-autocomplete--dropdown-menu a:has-text('{person}')")
    else:  # a phone opens a dialog to choose from
        contacts.click()
        page.click(f".modal .o_kanban_record:has-text('{person}')")
        page.wait_for_selector(f".modal div[name=contact_ids] .o_tag:has-text('{person[:8]}')")
    page.fill(".modal div[name=next_step] input", "Send the contract")
    page.locator(".modal div[name=next_date] input, .modal div[name=next_date] button").first.click()
    page.locator(".o_date_item_cell.o_today").click()


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (390, 844)])
def test_popover_of_a_list(server, browser, rep, width, height):
    """From the clock icon in the list of customers, without opening the customer."""
    name = f"Tianhe {width}"
    profile, _deal = customer(server, rep, name)
    recorded = due_call(server, rep, "sfc.customer.profile", profile, "Second call")
    page = browser.page(width=width, height=height)
    browser.login(page, server, "follow_rep", PASSWORD)
    page.goto(f"{server.url}/odoo/sfc-customers")
    page.wait_for_selector(".o_list_view, .o_kanban_view")
    if width > 1000:  # a phone begins with the cards
        page.click(".o_cp_switch_buttons .o_kanban")
    card = page.locator(f".o_kanban_record:has-text('{name}')")
    card.locator(".o-mail-ActivityButton").click()
    page.wait_for_selector(".o-mail-ActivityListPopoverItem:has-text('Second call')")
    browser.screenshot(page, f"follow_up_popover_{width}")
    page.click(".o-sfc-ActivityListPopoverItem-record")
    fill_in(page, f"Wang Wei {name}")
    page.click(".modal button[name=action_quick_save]")
    page.wait_for_selector(".modal", state="detached")
    assert records_of(server, recorded) == [("Agreed on the price of the benches", "call", 1)]
    assert not page.errors


def test_deal_and_record_list(server, browser, rep):
    """The deal's button fills in customer, deal and person; the record list opens in every view."""
    name = "Ruida Tools"
    _profile, deal = customer(server, rep, name)
    page = browser.page(width=1400, height=900)
    browser.login(page, server, "follow_rep", PASSWORD)
    page.goto(f"{server.url}/odoo/crm/{deal}")
    page.click("button[name=action_new_follow_up]")
    page.wait_for_selector(f".modal div[name=contact_ids] .o_tag:has-text('Wang Wei {name}')")
    browser.screenshot(page, "follow_up_quick_deal")
    page.fill(".modal div[name=content] textarea", "They compare us with two others")
    page.click(".modal button[name=action_quick_save]")
    page.wait_for_selector(".modal", state="detached")
    assert server.sql("SELECT count(*) FROM sfc_follow_up WHERE lead_id = %s", [deal]) == [(1,)]
    page.goto(f"{server.url}/odoo/sfc-follow-ups")
    page.wait_for_selector(f".o_data_row:has-text('{name}')")
    browser.screenshot(page, "follow_up_list")
    for view in ("calendar", "pivot", "graph"):
        page.click(f".o_cp_switch_buttons .o_{view}, .o_switch_view.o_{view}")
        page.wait_for_selector(f".o_{view}_view")
        page.wait_for_timeout(500)
        browser.screenshot(page, f"follow_up_{view}")
    page.click(".o_cp_switch_buttons .o_list, .o_switch_view.o_list")
    page.click(f".o_data_row:has-text('{name}') td[name=done_at]")
    page.wait_for_selector(".o_form_view div[name=usage_feedback]")
    browser.screenshot(page, "follow_up_form")
    assert not page.errors
