"""Step 1 against the same database without the add-on: creating leads (issue 2, "Done when" 3)."""
import statistics
import sys

from worker import measured, serve, workers

from dev import instance, postgres
from dev.common import ADDON

BASE, OURS = "sfc_bench_base", "sfc_bench_addon"
ROUNDS = 7
LEADS, BATCH = 1000, 100
CREATE_TARGET = 1.1
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


TASKS = {"prepare": prepare, "create": create}

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


def main():
    instance.new_database(BASE, addon=False)
    instance.new_database(OURS)
    with workers(__file__, base=BASE, ours=OURS) as pair:
        users = {name: worker.call("prepare") for name, worker in pair.items()}
        print(f"creating leads, target at most {CREATE_TARGET}; medians", flush=True)
        for number, owners in enumerate(OWNERS, 1):
            bench_queries(pair, users, owners, number * 10_000_000)
            bench_create(pair, users, owners, number * 10_000_000 + 10_000)
    for database in (BASE, OURS):
        instance.drop_database(database)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        serve(sys.argv[2], TASKS)
    else:
        with postgres.running():
            print(f"== {ADDON}: step 1", flush=True)
            main()
