"""The cadence cron over many customers, against creating the same activities alone (issue 3, "Done when" 3)."""
import statistics
import sys

from worker import measured, serve, workers

from dev import instance, postgres
from dev.common import ADDON

DATABASE = "sfc_bench_customers"
CUSTOMERS, DUE = 100_000, 1000
ROUNDS = 7
TARGET, IDLE_TARGET = 1.3, 100

# === WORK, done in a worker process === #


def prepare(env):
    """CUSTOMERS graded customers of four salespeople, each with a decision maker; DUE of them are due. Returns how many are."""
    salesman = env.ref("sales_team.group_sale_salesman")
    users = env["res.users"].with_context(no_reset_password=True, mail_create_nosubscribe=True).create([{
        "name": f"Salesperson {number}", "login": f"bench{number}", "email": f"bench{number}@example.com", "group_ids": [(4, salesman.id)],
    } for number in range(4)])
    env.flush_all()
    [[last_id]] = query(env, "SELECT max(id) FROM res_partner")
    query(env, """INSERT INTO res_partner (name, complete_name, is_company, active, type, autopost_bills)
                  SELECT 'Company ' || n, 'Company ' || n, TRUE, TRUE, 'contact', 'ask' FROM generate_series(1, %s) n""", CUSTOMERS)
    query(env, """INSERT INTO res_partner (name, complete_name, is_company, active, type, autopost_bills, parent_id, commercial_partner_id)
                  SELECT 'Wang', name || ', Wang', FALSE, TRUE, 'contact', 'ask', id, id FROM res_partner WHERE id > %s""", last_id)
    query(env, "UPDATE res_partner SET commercial_partner_id = id WHERE id > %s AND is_company", last_id)
    query(env, """INSERT INTO sfc_customer_profile
                         (partner_id, name, active, company_id, currency_id, user_id, grade_id, cadence_amount, cadence_unit, cadence_anchor,
                          next_follow_up_date, customer_number, create_uid, write_uid, create_date, write_date)
                  SELECT partner.id, partner.name, TRUE, %s, %s, (%s::int[])[n %% 4 + 1], grade.id, grade.cadence_amount, grade.cadence_unit, 1,
                         CURRENT_DATE + CASE WHEN n %% %s = 0 THEN -(n %% 3)::int ELSE 2 + (n %% 60)::int END, 'B' || n, 1, 1, now(), now()
                    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM res_partner WHERE id > %s AND is_company) partner
                    JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM sfc_grade) grade ON grade.place = n %% 3""",
          env.company.id, env.company.currency_id.id, users.ids, CUSTOMERS // DUE, last_id)
    query(env, """INSERT INTO sfc_decision_role (profile_id, contact_id, role, role_rank, attitude, influence, influence_rank)
                  SELECT profile.id, person.id, 'decision_maker', 0, 'unknown', 'medium', 1
                    FROM sfc_customer_profile profile JOIN res_partner person ON person.parent_id = profile.partner_id""")
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return query(env, "SELECT count(*) FROM sfc_customer_profile WHERE next_follow_up_date <= CURRENT_DATE")[0][0]


def query(env, text, *arguments):
    env.cr.execute(text, arguments)
    return env.cr.fetchall() if env.cr.description else None


def values(env):
    """What the cron writes, for creating the same alone: [values of mail.activity]."""
    env["sfc.customer.profile"]._cron_follow_up()
    activities = env["mail.activity"].search([("sfc_cadence_profile_id", "!=", False)])
    fnames = ["res_model_id", "res_id", "activity_type_id", "user_id", "date_deadline", "summary", "note", "automated", "follow_up_contact_id"]
    found = activities.read(fnames, load=None)
    undo(env)
    return [{**{fname: row[fname] for fname in fnames}, "date_deadline": str(row["date_deadline"])} for row in found]


def cron(env):
    with measured(env) as result:
        env["sfc.customer.profile"]._cron_follow_up()
    result["activities"] = undo(env)
    return result


def alone(env, vals_list, batch, read_names=False):
    """The same activities through the ORM, in batches that are committed as the cron's are.

    :param read_names: read the customers' names of a batch first; Odoo itself asks for them one by one
    """
    activities = env["mail.activity"].with_context(mail_activity_quick_update=True)
    with measured(env) as result:
        for start in range(0, len(vals_list), batch):
            part = vals_list[start:start + batch]
            if read_names:
                env["sfc.customer.profile"].browse(vals["res_id"] for vals in part).mapped("display_name")
            activities.create(part)
            env.cr.commit()
    result["activities"] = undo(env)
    return result


def idle(env):
    """The cron when nothing is due."""
    query(env, "UPDATE sfc_customer_profile SET next_follow_up_date = next_follow_up_date + 10")
    env.invalidate_all()
    with measured(env) as result:
        env["sfc.customer.profile"]._cron_follow_up()
    query(env, "UPDATE sfc_customer_profile SET next_follow_up_date = next_follow_up_date - 10")
    env.cr.commit()
    return result


def undo(env):
    """The database as it was before; how many activities there were."""
    [[count]] = query(env, "SELECT count(*) FROM mail_activity WHERE res_model = 'sfc.customer.profile'")
    query(env, "DELETE FROM mail_activity WHERE res_model = 'sfc.customer.profile'")
    query(env, "DELETE FROM mail_followers WHERE res_model = 'sfc.customer.profile'")
    query(env, "DELETE FROM bus_bus")
    env.cr.commit()
    env.invalidate_all()
    return count


TASKS = {"prepare": prepare, "values": values, "cron": cron, "alone": alone, "idle": idle}

# === DRIVER === #


def bench_due(worker, vals_list):
    """Ratio of the cron's run to creating its activities: in its own batches, all at once, and spared the reading one by one."""
    runs = {
        "the cron": ("cron", {}),
        "creating its activities alone, in the same batches": ("alone", {"vals_list": vals_list, "batch": 200}),
        "creating them alone, all at once": ("alone", {"vals_list": vals_list, "batch": len(vals_list)}),
        "creating them alone, names of customers read before": ("alone", {"vals_list": vals_list, "batch": 200, "read_names": True}),
    }
    rounds = []
    for turn in range(ROUNDS + 1):
        names = list(runs) if turn % 2 else list(reversed(runs))
        rounds.append({name: worker.call(runs[name][0], **runs[name][1]) for name in names})
    rounds = rounds[1:]  # the first one warms up
    assert all(result["activities"] == DUE for one in rounds for result in one.values()), "not the same activities"
    print(f"{DUE} of {CUSTOMERS} customers are due, target at most {TARGET}; medians of {ROUNDS} rounds")
    for name in runs:
        ratios = [r["the cron"]["seconds"] / r[name]["seconds"] for r in rounds]
        print(f"  {name}: {statistics.median(r[name]['seconds'] for r in rounds):.2f} s, {rounds[-1][name]['queries']} queries; "
              f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def bench_idle(worker):
    results = [worker.call("idle") for _round in range(ROUNDS + 1)][1:]
    milliseconds = [1000 * result["seconds"] for result in results]
    print(f"none of {CUSTOMERS} customers is due, target below {IDLE_TARGET} ms: {statistics.median(milliseconds):.0f} ms "
          f"({min(milliseconds):.0f} to {max(milliseconds):.0f}), {results[-1]['queries']} queries", flush=True)


def main():
    instance.new_database(DATABASE)
    with workers(__file__, only=DATABASE) as started:
        worker = started["only"]
        assert worker.call("prepare") == DUE
        bench_due(worker, worker.call("values"))
        bench_idle(worker)
    instance.drop_database(DATABASE)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        serve(sys.argv[2], TASKS)
    else:
        with postgres.running():
            print(f"== {ADDON}: step 2", flush=True)
            main()
