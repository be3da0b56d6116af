"""A customer from grading to the pool, in a real browser, in both languages and on a phone ("Done when" 2 of step 2; S2.1-S2.14, ahead 2, 3)."""
from datetime import date, timedelta

import pytest
from people import PASSWORD, SALESPERSON, TEAM_LEADER, as_admin, make_user, reference, run_job

FEEDBACK = "They agree to a yearly framework and want it signed in June"


@pytest.fixture(scope="module")
def people(server):
    """Two salespeople and their leader, and a pool that is on."""
    rep = make_user(server, "customer_rep", "Li Ming", SALESPERSON)
    colleague = make_user(server, "customer_colleague", "Wang Fang", SALESPERSON)
    leader = make_user(server, "customer_leader", "Zhou Min", TEAM_LEADER)
    as_admin(server, "crm.team", "create", [{"name": "South China", "user_id": leader, "member_ids": [[6, 0, [rep, colleague]]]}])
    as_admin(server, "res.company", "write", server.sql("SELECT id FROM res_company ORDER BY id LIMIT 1")[0], {"pool_active": True})
    return {"rep": rep, "colleague": colleague}


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_customer_from_grading_to_claim(server, browser, people, locale):
    """Grade, see why, add the decision maker, answer the questionnaire, finish the due call from the systray; then the pool."""
    name = f"Huasheng Equipment {locale}"
    profile, deal = make_customer(server, name)
    page = browser.page(locale=locale)
    browser.login(page, server, "customer_rep", PASSWORD)
    _grade(server, browser, page, profile)
    _add_decision_maker(server, browser, page, profile)
    _answer_questionnaire(server, browser, page, deal)
    _finish_due_call(server, browser, page, profile, name)

    colleague = browser.page(locale=locale)
    browser.login(colleague, server, "customer_colleague", PASSWORD)
    _to_the_pool_and_claimed(server, browser, colleague, profile, name, people)
    assert not page.errors and not colleague.errors


def make_customer(server, name):
    """A company with a contact and a deal of the salesperson: (customer sheet, deal)."""
    def rep(model, method, values):
        return server.json_rpc("customer_rep", PASSWORD, model, method, [values])
    company = rep("res.partner", "create", {"name": name, "is_company": True, "email": "info@huasheng.example.com"})
    person = rep("res.partner", "create", {"name": f"Chen {name[-5:]}", "parent_id": company, "function": "General manager"})
    deal = rep("crm.lead", "create", {"name": f"Benches for {name}", "type": "opportunity", "partner_id": person})
    return server.sql("SELECT id FROM sfc_customer_profile WHERE partner_id = %s", [company])[0][0], deal


def open_customer(server, page, profile, tab=None):
    page.goto(f"{server.url}/odoo/sfc-customers/{profile}")
    page.wait_for_selector(".o_form_view .oe_title")
    if tab:
        page.click(f".o_notebook_headers a[name={tab}]")


def save(page):
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_button_save", state="hidden")


def name_of(server, page, table, xml_id):
    """The name of a record in the language of the page."""
    return server.sql(f"SELECT COALESCE(name->>%s, name->>'en_US') FROM {table} WHERE id = %s", [
        page.locale.replace("-", "_"), reference(server, f"sales_full_cycle.{xml_id}")])[0][0]


def _grade(server, browser, page, profile):
    """Figures on the sheet, the judgement in the dialog with the result before it is taken, then the explanation."""
    open_customer(server, page, profile)
    for field, value in (("annual_revenue", "900000000"), ("employee_count", "1500"), ("expected_purchase_amount", "5000000")):
        page.fill(f"div[name={field}] input", value)
    save(page)
    page.click(".o_statusbar_buttons button[name=action_grade]")
    for criterion, level in (("strategic_fit", "strategic"), ("chain_complexity", "complex")):
        name = name_of(server, page, "sfc_scorecard_criterion", f"criterion_customer_{criterion}")
        level = name_of(server, page, "sfc_scorecard_level", f"level_customer_{criterion}_{level}")
        row = page.locator(f".modal .o_data_row:has-text('{name}')")
        row.locator("td[name=level_id]").click()
        row.locator("div[name=level_id] input").fill(level)
        page.click(f".o-autocomplete--dropdown-menu a:has-text('{level}')")
    page.click(".modal .modal-title")
    page.wait_for_selector(".modal div[name=preview]:has-text('91')")
    browser.screenshot(page, f"customer_grading_{page.locale}")
    page.click(".modal button[name=action_apply]")
    page.wait_for_selector(".oe_title div[name=grade_id]:has-text('A')")
    page.click(".o_notebook_headers a[name=grading]")
    page.wait_for_selector("div[name=score_explanation]:has-text('25.00')")
    browser.screenshot(page, f"customer_why_{page.locale}")
    assert server.sql("SELECT grade.code, origin FROM sfc_customer_profile profile JOIN sfc_grade grade ON grade.id = grade_id "
                      "JOIN sfc_evaluation evaluation ON evaluation.id = evaluation_id WHERE profile.id = %s", [profile]) == [("A", "person")]


def _add_decision_maker(server, browser, page, profile):
    """The gap is named, the person is put on the chain, the gap that is left is another one."""
    open_customer(server, page, profile, "decision_chain")
    gaps = page.locator("div[name=decision_gaps]")
    gaps.wait_for()
    before = gaps.inner_text()
    page.click("div[name=role_ids] .o-kanban-button-new, div[name=role_ids] .o_kanban_add, div[name=role_ids] .o_kanban_renderer button")
    page.fill(".modal div[name=contact_id] input", "Chen")
    page.click(".o-autocomplete--dropdown-menu a:has-text('Chen')")
    page.click(".modal .o_form_button_save")
    page.wait_for_selector(".modal", state="detached")
    page.wait_for_selector("div[name=role_ids] .o_kanban_record:has-text('Chen')")
    save(page)
    assert gaps.inner_text() != before
    browser.screenshot(page, f"customer_decision_chain_{page.locale}")
    assert server.sql("SELECT role FROM sfc_decision_role WHERE profile_id = %s", [profile]) == [("decision_maker",)]


def _answer_questionnaire(server, browser, page, deal):
    """The salesperson opens it together with the customer, who needs no login; the answers become needs when they are confirmed."""
    page.goto(f"{server.url}/odoo/crm/{deal}")
    page.click(".o_notebook_headers a[name=needs]")
    with page.expect_popup() as opened:
        page.click("button[name=action_fill_in_questionnaire]")
    opened.value.close()
    [(token, survey)] = server.sql("SELECT answer.access_token, survey.access_token FROM survey_user_input answer "
                                   "JOIN survey_survey survey ON survey.id = survey_id WHERE sfc_lead_id = %s", [deal])
    visitor = browser.page(locale=page.locale)
    visitor.goto(f"{server.url}/survey/start/{survey}?answer_token={token}")
    if visitor.locator(".o_survey_form button[value=start]").count():
        visitor.click(".o_survey_form button[value=start]")
    visitor.wait_for_selector(".o_survey_form textarea")
    for number, box in enumerate(visitor.locator(".o_survey_form textarea:visible").all(), 1):
        box.fill(f"Answer {number}: twelve benches, 30 seconds a piece")
    visitor.locator(".o_survey_form input[type=number], .o_survey_form input.o_survey_question_numerical_box").first.fill("350000")
    visitor.locator(".o_survey_form .o_survey_question_date input, .o_survey_form input.datetimepicker-input").first.fill(
        "2027年6月30日" if page.locale == "zh-CN" else "06/30/2027")
    for box in visitor.locator(".o_survey_form input[type=text]:visible").all():
        if not box.input_value():
            box.fill("Lianto, and twelve benches of our own")
    visitor.keyboard.press("Escape")
    visitor.locator(".o_survey_form .o_survey_choice_btn, .o_survey_form label.o_survey_choice_btn").first.click()
    browser.screenshot(visitor, f"questionnaire_{page.locale}")
    visitor.click(".o_survey_form button[type=submit]")
    visitor.click(".modal-footer .btn-primary")
    visitor.wait_for_selector(".o_survey_finished")
    page.reload()
    page.click("button[name=action_confirm_answers]")
    page.wait_for_selector(".modal .o_data_row")
    browser.screenshot(page, f"questionnaire_confirm_{page.locale}")
    page.click(".modal button[name=action_confirm]")
    page.wait_for_selector(".modal", state="detached")
    [(function, budget, day, completeness)] = server.sql(
        "SELECT need_function, budget_max, purchase_date, needs_completeness FROM crm_lead WHERE id = %s", [deal])
    assert "twelve benches" in function and budget == 350_000 and day == date(2027, 6, 30) and completeness == 100
    page.click(".o_notebook_headers a[name=needs]")
    browser.screenshot(page, f"deal_needs_{page.locale}")


def _finish_due_call(server, browser, page, profile, name):
    """The one activity stands in the systray; its feedback is the follow-up record, and the next date moves by A's seven days."""
    server.sql("UPDATE sfc_customer_profile SET next_follow_up_date = next_follow_up_date - 9 WHERE id = %s", [profile])
    run_job(server, "ir_cron_follow_up")
    page.reload()
    page.click(".o_menu_systray .o-dropdown:has(.fa-clock-o), .o-mail-ActivityMenu, .o_menu_systray button:has(i.fa-clock-o)")
    page.wait_for_selector(".o-mail-ActivityGroup")
    browser.screenshot(page, f"systray_{page.locale}")
    [label] = server.sql("SELECT COALESCE(name->>%s, name->>'en_US') FROM ir_model WHERE model = 'sfc.customer.profile'", [page.locale.replace("-", "_")])[0]
    page.locator(".o-mail-ActivityGroup").get_by_text(label, exact=True).click()
    row = page.locator(f".o_data_row:has-text('{name}')")
    row.locator(".o-mail-ActivityButton").click()
    page.click(".o-mail-ActivityListPopoverItem-markAsDone")
    page.fill(".o-mail-ActivityMarkAsDone textarea", FEEDBACK)
    browser.screenshot(page, f"due_call_{page.locale}")
    page.locator(".o-mail-ActivityMarkAsDone button").nth(1).click()
    page.wait_for_selector(".o-mail-ActivityListPopoverItem", state="detached")
    records = server.sql("SELECT content, is_deep, method FROM sfc_follow_up WHERE profile_id = %s AND method != 'survey'", [profile])
    assert records == [(FEEDBACK, True, "call")]
    [(last, following)] = server.sql("SELECT last_deep_date, next_follow_up_date FROM sfc_customer_profile WHERE id = %s", [profile])
    assert following == last + timedelta(days=7)
    open_customer(server, page, profile, "strategy")
    browser.screenshot(page, f"customer_follow_up_{page.locale}")


def _to_the_pool_and_claimed(server, browser, page, profile, name, people):
    """Idle for too long and warned of it, the customer returns to the pool; a colleague takes it, with the deal."""
    server.sql("UPDATE sfc_customer_profile SET pool_due_on = current_date - 2, pool_warned_on = current_date - 10 WHERE id = %s", [profile])
    run_job(server, "ir_cron_pool")
    assert server.sql("SELECT in_pool, user_id FROM sfc_customer_profile WHERE id = %s", [profile]) == [(True, None)]
    page.goto(f"{server.url}/odoo/sfc-pool")
    row = page.locator(f".o_data_row:has-text('{name}')")
    row.wait_for()
    browser.screenshot(page, f"pool_{page.locale}")
    row.locator("button[name=action_claim]").click()
    row.wait_for(state="detached")
    owners = server.sql("""SELECT profile.in_pool, profile.user_id, lead.user_id FROM sfc_customer_profile profile
                             JOIN crm_lead lead ON lead.customer_profile_id = profile.id WHERE profile.id = %s""", [profile])
    assert owners == [(False, people["colleague"], people["colleague"])]
    open_customer(server, page, profile, "history")
    assert page.locator("div[name=assignment_log_ids] .o_data_row").count() >= 3
    browser.screenshot(page, f"customer_owners_{page.locale}")


def test_customers_on_a_phone(server, browser, people):
    """Cards, the sheet with its tabs and the pool fit a phone."""
    name = "Yongkang Tools 390"
    profile, _deal = make_customer(server, name)
    page = browser.page(locale="zh-CN", width=390, height=844)
    browser.login(page, server, "customer_rep", PASSWORD)
    page.goto(f"{server.url}/odoo/sfc-customers")
    page.wait_for_selector(f".o_kanban_record:has-text('{name}')")
    browser.screenshot(page, "customers_phone")
    open_customer(server, page, profile)
    browser.screenshot(page, "customer_phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.goto(f"{server.url}/odoo/sfc-pool")
    page.wait_for_selector(".o_kanban_view, .o_list_view")
    browser.screenshot(page, "pool_phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert not page.errors
