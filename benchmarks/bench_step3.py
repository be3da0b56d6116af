"""Reading opportunities in list, kanban and form, against the same database without the add-on (issue 4, "Done when" 4)."""
import os
import statistics
import sys
import time

import requests
from lxml import etree
from worker import serve, workers

from dev import instance, postgres
from dev.common import ADDON
from dev.server import Server

BASE, OURS = "sfc_bench_base", "sfc_bench_addon"
DEALS = int(os.environ.get("SFC_BENCH_DEALS", "100000"))  # fewer, to try the benchmark itself
ROUNDS, REPEATS = 9, 5
PAGE, FORMS = 80, 20
TARGET = 1.1
CHATTER = ["activities", "attachments", "contact_fields", "followers", "scheduledMessages", "suggestedRecipients"]
OPEN_DEALS = [("type", "=", "opportunity")]
# The columns of the add-on that a deal has when somebody works with it.
OUR_COLUMNS = """
    UPDATE crm_lead deal SET deal_number = 'SJ-' || deal.id, captured_at = deal.create_date, customer_profile_id = profile.id,
           customer_grade_id = profile.grade_id, need_priority = 'medium',
           cycle_step = (ARRAY['captured', 'qualified', 'evaluated'])[deal.id %% 3 + 1], origin_type = 'new', is_complete = TRUE,
           opportunity_strength = (ARRAY['strong', 'medium', 'weak', NULL])[deal.id %% 4 + 1], needs_completeness = deal.id %% 5 * 20
      FROM sfc_customer_profile profile WHERE profile.partner_id = deal.partner_id"""

# === WORK, done in a worker process on either database === #


def prepare(env, count):
    """`count` opportunities of a team of five in the stages of Odoo, for a tenth as many customers; a third has an activity."""
    manager, salesman = env.ref("sales_team.group_sale_manager"), env.ref("sales_team.group_sale_salesman")
    users = env["res.users"].with_context(no_reset_password=True, mail_create_nosubscribe=True).create([{
        "name": f"Salesperson {number}", "login": f"deals{number}", "email": f"deals{number}@example.com",
        "group_ids": [(4, (salesman if number else manager).id)],
    } for number in range(5)])
    team = env["crm.team"].create({"name": "Deals", "member_ids": [(6, 0, users.ids)], "use_leads": True})
    stages = env["crm.stage"].search([("is_won", "=", False)]).ids
    env.flush_all()
    [[last_id]] = query(env, "SELECT max(id) FROM res_partner")
    query(env, """INSERT INTO res_partner (name, complete_name, is_company, active, type, autopost_bills, commercial_company_name)
                  SELECT 'Company ' || n, 'Company ' || n, TRUE, TRUE, 'contact', 'ask', 'Company ' || n FROM generate_series(1, %s) n""", max(count // 10, 10))
    query(env, "UPDATE res_partner SET commercial_partner_id = id WHERE id > %s", last_id)
    partners = [row[0] for row in query(env, "SELECT id FROM res_partner WHERE id > %s", last_id)]
    query(env, """INSERT INTO crm_lead
                         (name, type, active, won_status, user_id, team_id, stage_id, partner_id, company_id, expected_revenue, probability,
                          automated_probability, priority, date_deadline, date_last_stage_update, date_open, contact_name, email_from,
                          create_uid, write_uid, create_date, write_date)
                  SELECT 'Test benches ' || n, 'opportunity', TRUE, 'pending', (%s::int[])[n %% 5 + 1], %s, (%s::int[])[n %% %s + 1],
                         (%s::int[])[n %% %s + 1], %s, n %% 1000 * 100, 20, 20, '1', CURRENT_DATE + (n %% 90)::int, now() - n %% 60 * interval '1 day', now(),
                         'Wang', 'wang' || n || '@example.com', 1, 1, now() - n * interval '1 minute', now()
                    FROM generate_series(1, %s) n""",
          users.ids, team.id, stages, len(stages), partners, len(partners), env.company.id, count)
    query(env, """INSERT INTO mail_activity (res_model, res_model_id, res_id, user_id, activity_type_id, date_deadline, active, automated,
                                             create_uid, write_uid, create_date, write_date)
                  SELECT 'crm.lead', %s, id, user_id, %s, CURRENT_DATE + (id %% 20)::int - 5, TRUE, FALSE, 1, 1, now(), now()
                    FROM crm_lead WHERE type = 'opportunity' AND id %% 3 = 0""",
          env["ir.model"]._get_id("crm.lead"), env.ref("mail.mail_activity_data_call").id)
    if "sfc.customer.profile" in env:
        add_customers(env, users, partners)
    query(env, "ANALYZE")
    env.cr.commit()
    return users.ids


def add_customers(env, users, partners):
    query(env, """INSERT INTO sfc_customer_profile
                         (partner_id, name, active, company_id, currency_id, user_id, grade_id, customer_number, create_uid, write_uid, create_date, write_date)
                  SELECT partner.id, partner.name, TRUE, %s, %s, (%s::int[])[partner.id %% 5 + 1],
                         (SELECT id FROM sfc_grade ORDER BY id OFFSET partner.id %% 3 LIMIT 1), 'D' || partner.id, 1, 1, now(), now()
                    FROM res_partner partner WHERE partner.id = ANY(%s)""",
          env.company.id, env.company.currency_id.id, users.ids, partners)
    query(env, OUR_COLUMNS)


def query(env, text, *arguments):
    env.cr.execute(text, arguments)
    return env.cr.fetchall() if env.cr.description else None


def list_page(env, user, view, place):
    """A page of the list, as the web client asks for it."""
    deals = env(user=user)["crm.lead"]
    specification = view_specification(deals, view, "list")
    with timed(env) as result:
        for repeat in range(REPEATS):
            env.invalidate_all()
            offset = PAGE * (place * REPEATS + repeat) % (DEALS // 2)
            found = deals.web_search_read(OPEN_DEALS, specification, offset=offset, limit=PAGE, count_limit=10_001)
            assert len(found["records"]) == PAGE
    return result


def kanban(env, user, view, place):
    """The pipeline by stage, with its progress bars."""
    deals = env(user=user)["crm.lead"]
    specification = view_specification(deals, view, "kanban")
    bar = {"field": "activity_state", "colors": {"planned": "success", "today": "warning", "overdue": "danger"}}
    with timed(env) as result:
        for _repeat in range(REPEATS):
            env.invalidate_all()
            found = deals.web_read_group(
                OPEN_DEALS, ["stage_id"], ["expected_revenue:sum"], auto_unfold=True, unfold_read_specification=specification,
                unfold_read_default_limit=PAGE // 4)
            assert any(group.get("__records") for group in found["groups"])
            deals.read_progress_bar(OPEN_DEALS, "stage_id", bar)
    return result


def form(env, user, view, place):
    """Opening one deal after another."""
    deals = env(user=user)["crm.lead"]
    specification = view_specification(deals, view, "form")
    found = deals.search(OPEN_DEALS, offset=FORMS * place % (DEALS // 2), limit=FORMS)
    with timed(env) as result:
        for deal in found:
            env.invalidate_all()
            assert deals.browse(deal.id).web_read(specification)
    return result


def what_to_open(env, view):
    """What the web client asks for when it opens a deal: the specification of the form, and some deals."""
    deals = env["crm.lead"]
    return {"specification": view_specification(deals, view, "form"), "ids": deals.search(OPEN_DEALS, limit=FORMS * (ROUNDS + 1)).ids}


class timed:
    """Seconds and queries of the block; reading only, so nothing is committed."""

    def __init__(self, env):
        self.env, self.result = env, {}

    def __enter__(self):
        self.queries, self.start = self.env.cr.sql_log_count, time.perf_counter()
        return self.result

    def __exit__(self, *_error):
        self.result.update(seconds=time.perf_counter() - self.start, queries=self.env.cr.sql_log_count - self.queries)


def view_specification(model, xml_id, kind):
    """What the web client reads for a view."""
    view = model.env.ref(xml_id)
    arch = etree.fromstring(model.get_view(view.id, kind)["arch"])
    specification = node_specification(model, arch)
    if color := arch.get("highlight_color"):
        specification.setdefault(color, {})
    return specification


def node_specification(model, node):
    specification = {}
    for child in node.iterchildren(tag=etree.Element):
        if child.tag == "field" and child.get("name") in model._fields:
            specification.setdefault(child.get("name"), field_specification(model, child))
        elif child.tag != "groupby":
            specification.update(node_specification(model, child))
    return specification


def field_specification(model, node):
    field = model._fields[node.get("name")]
    if field.type == "many2one":  # the web client asks for no name of what it never shows
        return {"fields": {} if node.get("invisible") in ("1", "True") else {"display_name": {}}}
    if field.type not in ("one2many", "many2many"):
        return {}
    lines = model.env[field.comodel_name]
    inner = next((child for child in node.iterchildren("list", "kanban")), None)
    if inner is None and node.get("widget"):
        return {"fields": {"display_name": {}}}
    if inner is None:
        inner = etree.fromstring(lines.get_view(view_type=(node.get("mode") or "list").split(",")[0])["arch"])
    return {"fields": {"id": {}, **node_specification(lines, inner)}, "limit": 40}


TASKS = {"prepare": prepare, "list_page": list_page, "kanban": kanban, "form": form, "what_to_open": what_to_open}

# === DRIVER === #

# What is read: task, view without and with the add-on. The add-on's own list and kanban are compared with Odoo's.
READS = {
    "Odoo's list": ("list_page", "crm.crm_case_tree_view_oppor", "crm.crm_case_tree_view_oppor"),
    "our list of deals": ("list_page", "crm.crm_case_tree_view_oppor", f"{ADDON}.crm_lead_view_list_deals"),
    "Odoo's kanban": ("kanban", "crm.crm_case_kanban_view_leads", "crm.crm_case_kanban_view_leads"),
    "our kanban of deals": ("kanban", "crm.crm_case_kanban_view_leads", f"{ADDON}.crm_lead_view_kanban_deals"),
    "the record of the form alone": ("form", "crm.crm_lead_view_form", "crm.crm_lead_view_form"),
}


def bench(pair, users, label, task, base_view, our_view):
    """Ratio of the same reading on both databases, one right after the other."""
    views, rounds = {"base": base_view, "ours": our_view}, []
    for turn in range(ROUNDS + 1):
        names = list(pair) if turn % 2 else list(reversed(pair))
        rounds.append({name: pair[name].call(task, user=users[name][0], view=views[name], place=turn) for name in names})
    rounds = rounds[1:]  # the first one warms up
    base, ours = (1000 * statistics.median(r[name]["seconds"] for r in rounds) / (FORMS if task == "form" else REPEATS) for name in ("base", "ours"))
    ratios = [r["ours"]["seconds"] / r["base"]["seconds"] for r in rounds]
    print(f"  {label}: {base:.1f} ms without, {ours:.1f} ms with the add-on, ratio {statistics.median(ratios):.2f} "
          f"({min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} rounds); queries {rounds[-1]['base']['queries']}, {rounds[-1]['ours']['queries']}", flush=True)


class Visitor:
    """Opens deals over HTTP as the web client does: the record, then its conversation and activities."""

    def __init__(self, server, opened):
        self.server, self.opened, self.session = server, opened, requests.Session()
        self._post("/web/session/authenticate", db=server.database, login="admin", password="admin")

    def _post(self, path, **params):
        answer = self.session.post(self.server.url + path, json={"jsonrpc": "2.0", "method": "call", "params": params}, timeout=120).json()
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def open_deals(self, turn):
        """Seconds a deal."""
        start = time.perf_counter()
        for deal in self.opened["ids"][FORMS * turn:FORMS * (turn + 1)]:
            thread = {"thread_model": "crm.lead", "thread_id": deal}
            self._post("/web/dataset/call_kw/crm.lead/web_read", model="crm.lead", method="web_read", args=[[deal]],
                       kwargs={"specification": self.opened["specification"]})
            self._post("/mail/thread/messages", **thread, fetch_params={"limit": 30})
            self._post("/mail/data", fetch_params=[["mail.thread", {**thread, "access_params": {}, "request_list": CHATTER}]], context={})
        return (time.perf_counter() - start) / FORMS


def bench_opening(opened):
    """Ratio of opening a deal in the web client, with everything that the client asks the server for."""
    servers = {name: Server(database, "--workers=0", "--max-cron-threads=0", log=instance.LOGS / f"{database}.log")
               for name, database in (("base", BASE), ("ours", OURS))}
    try:
        visitors = {name: Visitor(server.wait(), opened[name]) for name, server in servers.items()}
        rounds = [{name: visitors[name].open_deals(turn) for name in (visitors if turn % 2 else reversed(visitors))} for turn in range(ROUNDS + 1)]
    finally:
        for server in servers.values():
            server.stop()
    rounds = rounds[1:]  # the first one warms up
    base, ours = (1000 * statistics.median(r[name] for r in rounds) for name in ("base", "ours"))
    ratios = [r["ours"] / r["base"] for r in rounds]
    print(f"  opening a deal in the web client: {base:.1f} ms without, {ours:.1f} ms with the add-on, ratio {statistics.median(ratios):.2f} "
          f"({min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} rounds)", flush=True)


def main():
    instance.new_database(BASE, addon=False)
    instance.new_database(OURS)
    with workers(__file__, base=BASE, ours=OURS) as pair:
        users = {name: worker.call("prepare", count=DEALS) for name, worker in pair.items()}
        for database in (BASE, OURS):  # one of them was filled in two goes: no dead rows on either side
            postgres.execute("VACUUM (FULL, ANALYZE) crm_lead", database=database)
            postgres.execute("VACUUM crm_lead", database=database)  # FULL leaves no visibility map, which autovacuum keeps in real life
        print(f"reading {DEALS} opportunities, target at most {TARGET}", flush=True)
        for label, (task, base_view, our_view) in READS.items():
            bench(pair, users, label, task, base_view, our_view)
        opened = {name: worker.call("what_to_open", view="crm.crm_lead_view_form") for name, worker in pair.items()}
    bench_opening(opened)
    for name in (BASE, OURS):
        instance.drop_database(name)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        serve(sys.argv[2], TASKS)
    else:
        with postgres.running():
            print(f"== {ADDON}: step 3", flush=True)
            main()
