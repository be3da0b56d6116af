"""Two colleagues negotiate about the same deals at the same moment (S4.3, S4.4): one round a deal, one quotation an option."""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from conftest import RpcError
from people import COMPLETE, PASSWORD, SALESPERSON, as_admin, make_user

DEALS = 6
REP, MANAGER = "negotiate_rep", "negotiate_manager"


def test_two_start_the_first_round_at_once(server):
    """The second one waits, is begun again, and opens the round of the first."""
    deals = prepare(server)
    opened = at_once(server, "crm.lead", "action_new_negotiation", deals)
    assert opened[REP] == opened[MANAGER], opened
    rounds = server.sql("SELECT lead_id, array_agg(round) FROM sfc_negotiation WHERE lead_id = ANY(%s) GROUP BY lead_id", [deals])
    assert len(rounds) == DEALS
    assert all(numbers == [1] for _deal, numbers in rounds), rounds
    make_quotations_at_once(server, deals)
    count_rounds_at_once(server, deals)


def make_quotations_at_once(server, deals):
    """Both press "make quotation from this option": each option becomes one."""
    options = [row[0] for row in server.sql(
        """SELECT min(option.id) FROM sfc_negotiation_option option JOIN sfc_negotiation round ON round.id = negotiation_id
            WHERE lead_id = ANY(%s) GROUP BY lead_id""", [deals])]
    before = server.sql("SELECT count(*) FROM sale_order WHERE opportunity_id = ANY(%s)", [deals])[0][0]
    opened = at_once(server, "sfc.negotiation.option", "action_make_quotation", options)
    assert opened[REP] == opened[MANAGER], opened
    assert server.sql("SELECT count(*) FROM sale_order WHERE opportunity_id = ANY(%s)", [deals]) == [(before + DEALS,)]


def count_rounds_at_once(server, deals):
    """By API each of two at once gets a number of its own."""
    at_once(server, "sfc.negotiation", "create", [[{"lead_id": deal}] for deal in deals], wrapped=False)
    rounds = server.sql("SELECT lead_id, array_agg(round ORDER BY round) FROM sfc_negotiation WHERE lead_id = ANY(%s) GROUP BY lead_id", [deals])
    assert all(numbers == [1, 2, 3] for _deal, numbers in rounds), rounds


def at_once(server, model, method, arguments, wrapped=True):
    """{login: ids that the answers open} of two people who do the same to each of the arguments at the same moment."""
    barrier = Barrier(2, timeout=60)

    def do(login):
        opened = []
        for argument in arguments:
            barrier.wait()
            try:
                answer = server.json_rpc(login, PASSWORD, model, method, [[argument] if wrapped else argument])
            except RpcError as error:
                opened.append(f"{error.name}: {error}")
                continue
            opened.append(answer["res_id"] if wrapped else answer)
        return opened

    with ThreadPoolExecutor(2) as pool:
        doing = {login: pool.submit(do, login) for login in (REP, MANAGER)}
        results = {login: done.result() for login, done in doing.items()}
    assert not [answer for answers in results.values() for answer in answers if isinstance(answer, str)], results
    return results


def prepare(server):
    """Deals with a proposal and a floor: a round may start."""
    user = make_user(server, REP, REP, SALESPERSON)
    make_user(server, MANAGER, MANAGER, "sales_team.group_sale_manager")
    team = as_admin(server, "crm.team", "create", [{"name": f"Team of {REP}", "user_id": False}])[0]
    partner = as_admin(server, "res.partner", "create", [{"name": f"Customer of {REP}", "is_company": True}])[0]
    product = as_admin(server, "product.product", "create", [{"name": f"Bench of {REP}", "list_price": 10}])[0]
    for login in (REP, MANAGER):
        server.session(login, PASSWORD)
    deals = server.json_rpc(REP, PASSWORD, "crm.lead", "create", [[{
        "name": f"Benches {number}", "type": "opportunity", "partner_id": partner, "team_id": team, "user_id": user} for number in range(DEALS)]])
    server.json_rpc(REP, PASSWORD, "sale.order", "create", [[{
        "partner_id": partner, "opportunity_id": deal, "team_id": team, "user_id": user, **COMPLETE,
        "order_line": [[0, 0, {"product_id": product, "product_uom_qty": 1}]]} for deal in deals]])
    server.json_rpc(REP, PASSWORD, "sfc.negotiation.floor", "create", [[{"lead_id": deal, "asked_discount": 10} for deal in deals]])
    return deals
