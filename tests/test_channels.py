"""Channels of step 1 from outside (S1.1): the web site's own form, events and surveys with Odoo's bridges; a double tap on the lead page."""
import concurrent.futures
import re
import time

import pytest
import requests

from dev import instance, logs, postgres

DATABASE = "sfc_web_channels"
BRIDGES = "website_crm,event_crm,survey_crm"
ADMIN = ("admin", "admin")


@pytest.fixture(scope="module")
def database(database_server):
    """The add-on first and Odoo's bridges after it, which is the harder order."""
    instance.new_database(DATABASE)
    log = instance.LOGS / f"install-{DATABASE}-bridges.log"
    instance.install(DATABASE, BRIDGES, log=log)
    instance.keep_offline(DATABASE)
    assert not logs.problems(log)
    yield DATABASE
    instance.drop_database(DATABASE)


@pytest.fixture
def site(database, start_server):
    return start_server(database)


def last_lead(site):
    fields = ["name", "type", "partner_name", "contact_name", "function", "wechat", "need_summary", "description", "source_id", "industry_id", "lead_number"]
    lead, = site.json_rpc(*ADMIN, "crm.lead", "search_read", [[], fields], {"limit": 1, "order": "id desc"})
    return lead


def source_name(site, xmlid):
    return site.sql(
        "SELECT s.name FROM utm_source s JOIN ir_model_data d ON d.res_id = s.id AND d.model = 'utm.source' WHERE d.name = %s", [xmlid])[0][0]


def source_of(site, lead):
    return site.sql("SELECT name FROM utm_source WHERE id = %s", [lead["source_id"][0]])[0][0]


def test_form_of_the_web_site(site):
    """S1.1, S1.2, S1.4: a posted form of website_crm makes a lead with our source and the fields of the sheet; its message is the need."""
    industry, = site.sql("SELECT res_id FROM ir_model_data WHERE name = 'industry_retail' AND module = 'sales_full_cycle'")[0]
    answer = requests.post(f"{site.url}/website/form/crm.lead", timeout=60, data={
        "name": "Test benches", "partner_name": "Hongda Machinery", "contact_name": "Wang Li", "email_from": "wang@hongda.example",
        "function": "Buyer", "wechat": "hongda_wang", "industry_id": industry, "description": "Twelve benches\nbefore June", "Colour": "blue",
    })
    assert answer.json()["id"], answer.text
    lead = last_lead(site)
    assert source_of(site, lead) == source_name(site, "source_website")
    assert (lead["type"], lead["function"], lead["wechat"]) == ("lead", "Buyer", "hongda_wang")
    assert lead["industry_id"][0] == industry
    assert lead["need_summary"] == "Twelve benches\nbefore June"
    assert lead["lead_number"]
    assert "blue" in lead["description"], "an unknown field stays where Odoo puts it"

    requests.post(f"{site.url}/website/form/crm.lead", timeout=60, data={
        "name": "Cranes", "email_from": "li@hongda.example", "need_summary": "Two cranes", "description": "Hello"})
    assert last_lead(site)["need_summary"] == "Two cranes"


def test_form_of_the_web_site_behind_a_tracked_link(site):
    """S1.2: a link that says where the visitor came from knows it better than the form."""
    visitor = requests.Session()
    visitor.get(f"{site.url}/contactus?utm_source=Newsletter", timeout=120)
    visitor.post(f"{site.url}/website/form/crm.lead", timeout=60, data={"name": "Benches", "email_from": "zhao@hongda.example"})
    assert source_of(site, last_lead(site)) == "Newsletter"


def test_registration_for_an_event(site):
    """S1.1, S1.2: a lead of event_crm has the source Marketing event."""
    def create(model, **values):
        record_id, = site.json_rpc(*ADMIN, model, "create", [[values]])
        return record_id

    # without the event's own e-mails: their tickets need a package for bar codes
    event = create("event.event", name="Open day", date_begin="2030-05-01 08:00:00", date_end="2030-05-01 18:00:00", event_mail_ids=[(5, 0, 0)])
    create("event.lead.rule", name="Everybody", lead_creation_trigger="create", event_id=event, lead_type="lead")
    create("event.registration", event_id=event, name="Qian", email="qian@hongda.example")
    lead = last_lead(site)
    assert "Qian" in (lead["contact_name"] or lead["name"])
    assert source_of(site, lead) == source_name(site, "source_event")


def test_answered_survey(site):
    """S1.1, S1.2: survey_crm names a source after each survey; the lead sheet knows these as Marketing event."""
    survey, = site.json_rpc(*ADMIN, "survey.survey", "create", [[{
        "title": "After the fair", "questions_layout": "one_page", "access_mode": "public", "users_login_required": False,
        "question_and_page_ids": [(0, 0, {
            "title": "May we call you?", "question_type": "simple_choice",
            "suggested_answer_ids": [(0, 0, {"value": "Yes", "generate_lead": True}), (0, 0, {"value": "No"})]})],
    }]])
    (token,), = site.sql("SELECT access_token FROM survey_survey WHERE id = %s", [survey])
    (question, yes), = site.sql(
        "SELECT q.id, a.id FROM survey_question q JOIN survey_question_answer a ON a.question_id = q.id WHERE q.survey_id = %s AND a.generate_lead",
        [survey])
    visitor = requests.Session()
    page = visitor.get(f"{site.url}/survey/start/{token}", timeout=120)
    answer_token, = site.sql("SELECT access_token FROM survey_user_input WHERE survey_id = %s", [survey])[0]
    csrf = re.search(r'csrf_token: "([^"]+)"', page.text)[1]
    for step, answers in (("begin", {}), ("submit", {str(question): str(yes)})):
        done = visitor.post(f"{site.url}/survey/{step}/{token}/{answer_token}", timeout=120, json={
            "jsonrpc": "2.0", "method": "call", "params": {"csrf_token": csrf, **answers}})
        assert "error" not in done.json(), done.text
    lead = last_lead(site)
    assert lead["type"] == "opportunity", "survey_crm's own decision"
    assert source_of(site, lead) == source_name(site, "source_event")


def test_double_tap_makes_one_lead(site):
    """S1.1, P10: the same form arriving several times at the same moment, as an impatient thumb on slow Wi-Fi sends it."""
    source, = site.sql("SELECT res_id FROM ir_model_data WHERE name = 'source_fair' AND module = 'sales_full_cycle'")[0]
    site.json_rpc(*ADMIN, "sfc.capture.page", "create", [[{"name": "Fair", "source_id": source}]])
    token, = site.sql("SELECT token FROM sfc_capture_page ORDER BY id DESC LIMIT 1")[0]
    visitor = requests.Session()
    page = visitor.get(f"{site.url}/lead/{token}", timeout=120)
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("csrf_token", "stamp")}
    time.sleep(3.5)
    data = {**hidden, "company": "Hongda", "contact": "138 0000 9999", "consent": "1", "need": "Benches"}

    def send(_number):
        return requests.post(page.url, data=data, cookies=visitor.cookies, timeout=60)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert all(answer.url.endswith("/thanks") for answer in answers)
    assert site.sql("SELECT count(*) FROM crm_lead WHERE phone = '138 0000 9999'") == [(1,)]


def test_lead_page_inside_the_web_site(site):
    """S1.1: with the web site installed the page still works and is not found under a wrong address."""
    assert requests.get(f"{site.url}/lead/nothing", timeout=60).status_code == 404


def test_whitelist_survives_a_restart(database):
    """S1.1: which fields a web form may fill is stored once."""
    rows = postgres.execute(
        """SELECT name FROM ir_model_fields WHERE model = 'crm.lead' AND NOT website_form_blacklisted
              AND name IN ('wechat', 'need_summary', 'function', 'industry_id')""", database=database)
    assert len(rows) == 4
