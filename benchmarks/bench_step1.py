"""Step 1 against the same database without the add-on: creating leads, importing leads (issue 2, "Done when" 3)."""
import base64
import io
import statistics
import sys

import xlsxwriter
from worker import measured, serve, workers

from dev import instance, postgres
from dev.common import ADDON

BASE, OURS = "sfc_bench_base", "sfc_bench_addon"
ROUNDS = 5
LEADS, BATCH = 1000, 100
CREATE_TARGET = 1.1
IMPORT_ROUNDS, IMPORTED, LOADED_AT_ONCE = 3, 5000, 2000  # Odoo's import dialog sends 2,000 rows a request
IMPORT_TARGET = 0.4
# Whose the new leads are; Odoo sends a notification to those who did not create them.
OWNERS = {"of the author": lambda users: users[:1], "of the team": lambda users: users, "of nobody": lambda users: [False]}

# === WORK, done in a worker process on either database === #


def prepare(env):
    """A sales manager and four salespeople; returns their ids."""
    manager, salesman = env.ref("sales_team.group_sale_manager"), env.ref("sales_team.group_sale_salesman")
    users = env["res.users"].with_context(no_reset_password=True, mail_create_nosubscribe=True).create([{
        "name": f"Salesperson {number}", "login": f"bench{number}", "email": f"bench{number}@example.com",
        "group_ids": [(4, (salesman if number else manager).id)],
    } for number in range(5)])
    env.cr.commit()
    return users.ids


def create(env, users, start, count, owners):
    """The sales manager creates `count` leads, numbered from `start`, in one batch."""
    env = env(user=users[0])
    sources = env["utm.source"].search([], limit=5).ids
    industries = env["res.partner.industry"].search([]).ids if "industry_id" in env["crm.lead"]._fields else None
    values = [lead_values(number, OWNERS[owners](users), sources, industries) for number in range(start, start + count)]
    with measured(env) as result:
        env["crm.lead"].create(values)
    return result


def lead_values(number, users, sources, industries):
    """What a lead from a fair has; industries only where leads have one."""
    values = {
        "type": "lead", "name": f"Office equipment for company {number}", "partner_name": f"深圳第{number}科技有限公司",
        "contact_name": f"Contact {number}", "function": "Purchasing manager", "phone": f"+86 755 {number:08d}",
        "email_from": f"buyer{number}@company{number}.example.com", "user_id": users[number % len(users)],
        "source_id": sources[number % len(sources)],
    }
    if industries:
        values["industry_id"] = industries[number % len(industries)]
    return values


def import_sheet(env, users, start, count):
    """Our lead sheet with `count` historic leads, from the bytes of the XLSX file to the database."""
    content = base64.b64encode(workbook(sheet_rows(start, count)))
    env = env(user=users[0])
    with measured(env) as result:
        wizard = env["sfc.sheet.import"].create({"file": content, "filename": "leads.xlsx"})
        wizard.action_import()
        assert wizard.created_count == count, wizard.line_ids[:3].mapped("message")
    return result


def import_by_odoo(env, users, start, count):
    """Odoo's own import of the same rows, without reading a file; context and size of a request are its dialog's."""
    env = env(user=users[0], context={"import_file": True, "tracking_disable": True, "lang": "en_US"})
    leads = env["crm.lead"]
    columns = [column for column in LOAD_COLUMNS if column in leads._fields]
    rows = [[row[LOAD_COLUMNS[column]] for column in columns] for row in sheet_rows(start, count)]
    fields, rows = [*columns, "type", "name"], [[*row, "lead", row[0]] for row in rows]
    with measured(env) as result:
        for first in range(0, count, LOADED_AT_ONCE):
            loaded = leads.load(fields, rows[first:first + LOADED_AT_ONCE])
            assert loaded["ids"] and not loaded["messages"], loaded["messages"][:3]
    return result


HEADINGS = ["Customer", "Industry", "Contact", "Position", "Phone/e-mail", "Initial need", "Source", "Priority", "Owner", "Created"]
# Odoo's field for each heading; those that only the add-on has are left out without it.
LOAD_COLUMNS = {
    "partner_name": "Customer", "industry_id": "Industry", "contact_name": "Contact", "function": "Position", "phone": "Phone/e-mail",
    "description": "Initial need", "source_id": "Source", "user_id": "Owner", "captured_at": "Created",
}


def sheet_rows(start, count):
    """Historic leads as rows of the lead sheet."""
    for number in range(start, start + count):
        yield dict(zip(HEADINGS, (
            f"广州第{number}贸易有限公司", ("IT & Internet", "Automotive", "Food & Consumer Goods")[number % 3], f"Contact {number}", "Purchasing manager",
            f"+86 20 {number:08d}", f"Wants {number % 90 + 10} work benches before summer", ("Newsletter", "Facebook", "LinkedIn")[number % 3],
            ("high", "medium", "low")[number % 3], f"Salesperson {number % 4 + 1}", f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d} 09:30:00",
        ), strict=True))


def workbook(rows):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, HEADINGS)
        for number, row in enumerate(rows, 1):
            page.write_row(number, 0, list(row.values()))
    return content.getvalue()


TASKS = {"prepare": prepare, "create": create, "import_sheet": import_sheet, "import_by_odoo": import_by_odoo}

# === DRIVER === #


def alternate(pair, turn, task, **arguments):
    """Run the task once on each worker, with its own arguments, in an order that changes from turn to turn."""
    names = list(pair) if turn % 2 else list(reversed(pair))
    return {name: pair[name].call(task, **arguments[name]) for name in names}


def bench_create(pair, users, owners, start):
    """Ratio of creating LEADS leads in batches: each batch is made on one database and at once on the other."""
    rounds = []
    for turn in range(ROUNDS + 1):
        seconds = dict.fromkeys(pair, 0.0)
        for batch in range(LEADS // BATCH):
            for name, result in create_on_both(pair, turn + batch, users, start, BATCH, owners).items():
                seconds[name] += result["seconds"]
            start += BATCH
        rounds.append(seconds)
    rounds = rounds[1:]  # the first one warms up
    base, ours = (statistics.median(r[name] for r in rounds) for name in ("base", "ours"))
    ratios = [r["ours"] / r["base"] for r in rounds]
    print(f"  {LEADS} leads {owners} in batches of {BATCH}: {base:.2f} s without, {ours:.2f} s with the add-on, "
          f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} rounds)", flush=True)


def bench_queries(pair, users, owners, start):
    """Queries of one batch by its size: what we add does not grow with it."""
    create_on_both(pair, 0, users, start, 10, owners)  # fills the caches
    for size in (10, 100, 200):
        start += 200
        counts = {name: result["queries"] for name, result in create_on_both(pair, 0, users, start, size, owners).items()}
        print(f"  queries for {size:>3} leads {owners}: {counts['base']:>5} without, {counts['ours']:>5} with the add-on, "
              f"{counts['ours'] - counts['base']:+}", flush=True)


def create_on_both(pair, turn, users, start, count, owners):
    arguments = {name: {"users": users[name], "start": start, "count": count, "owners": owners} for name in pair}
    return alternate(pair, turn, "create", **arguments)


def bench_import(pair, users):
    """Our sheet on the database with the add-on; Odoo's import of the same rows on the one without, and on the one with it."""
    runs = {"ours": ("ours", "import_sheet"), "odoo": ("base", "import_by_odoo"), "odoo with us": ("ours", "import_by_odoo")}
    for where, task in runs.values():  # fills the caches
        pair[where].call(task, users=users[where], start=50_000_000, count=50)
    rounds = []
    for turn in range(IMPORT_ROUNDS):
        names = list(runs) if turn % 2 else list(reversed(runs))
        rounds.append({
            name: pair[runs[name][0]].call(
                runs[name][1], users=users[runs[name][0]], start=51_000_000 + 100_000 * turn + 10_000 * list(runs).index(name), count=IMPORTED)
            for name in names
        })
    print(f"importing {IMPORTED} historic leads, target at most {IMPORT_TARGET}; medians of {IMPORT_ROUNDS} rounds")
    for name, label in (("ours", "our XLSX sheet"), ("odoo", "Odoo's load, without the add-on"), ("odoo with us", "Odoo's load, with the add-on")):
        print(f"  {label}: {statistics.median(r[name]['seconds'] for r in rounds):.1f} s, {rounds[0][name]['queries']} queries")
    for name, label in (("odoo", "without"), ("odoo with us", "with")):
        ratios = [r["ours"]["seconds"] / r[name]["seconds"] for r in rounds]
        print(f"  ratio of ours to Odoo's {label} the add-on: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def main():
    instance.new_database(BASE, addon=False)
    instance.new_database(OURS)
    with workers(__file__, base=BASE, ours=OURS) as pair:
        users = {name: worker.call("prepare") for name, worker in pair.items()}
        print(f"creating leads, target at most {CREATE_TARGET}; medians", flush=True)
        for number, owners in enumerate(OWNERS, 1):
            bench_queries(pair, users, owners, number * 10_000_000)
            bench_create(pair, users, owners, number * 10_000_000 + 10_000)
        bench_import(pair, users)
    for database in (BASE, OURS):
        instance.drop_database(database)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        serve(sys.argv[2], TASKS)
    else:
        with postgres.running():
            print(f"== {ADDON}: step 1", flush=True)
            main()
