"""Users and records by their external ids, made over HTTP by the administrator."""
PASSWORD = "Very-Long-Password-1"
SALESPERSON, TEAM_LEADER = "sales_team.group_sale_salesman", "sales_full_cycle.group_sfc_team_leader"


def as_admin(server, model, method, *arguments, **keywords):
    return server.json_rpc("admin", "admin", model, method, arguments, keywords)


def reference(server, xml_id):
    """Id of the record with this external id."""
    return server.sql("SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s", xml_id.split("."))[0][0]


def make_user(server, login, name, group, **values):
    """An internal user of a sales role, with PASSWORD; the id."""
    return as_admin(server, "res.users", "create", [{
        "name": name, "login": login, "password": PASSWORD, "tz": "Asia/Shanghai", "odoobot_state": "disabled",
        "group_ids": [[4, reference(server, "base.group_user")], [4, reference(server, group)]], **values}])[0]


def run_job(server, name):
    """Run a scheduled job of the add-on now."""
    as_admin(server, "ir.cron", "method_direct_trigger", [reference(server, f"sales_full_cycle.{name}")])


# === A PROPOSAL THAT MAY BE SUBMITTED === #

COMPLETE = {"solution_line_ids": [[0, 0, {"need": "Faster tests", "solution": "A bench"}]], "no_value_service": True, "no_success_case": True}


def evaluate(server, login, deal):
    """Evaluate the deal as the facts hint; a proposal is submitted for approval only after that (D11)."""
    def call(method, *arguments):
        return server.json_rpc(login, PASSWORD, "sfc.deal.evaluation", method, arguments)
    [wizard] = call("create", [{"deal_ids": [[6, 0, [deal]]], "go_on_reason": "the customer is in a hurry"}])
    call("action_apply", [wizard])


# === ON A PAGE === #


def choose(page, field, text, inside=""):
    """Pick a record in a many-to-one field by typing."""
    page.fill(f"{inside} div[name={field}] input", text)
    page.click(f".o-autocomplete--dropdown-menu a:has-text('{text}')")
