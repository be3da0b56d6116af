"""Step 4 comes: the shipped grades get their floors, the promise about floors its neutral name, as on a fresh installation."""
from odoo import SUPERUSER_ID, api

# D7: maximum discount in %, longest lead time in days; other grades keep the default of the fields.
FLOORS = {"grade_a": (20, 60), "grade_b": (15, 45), "grade_c": (10, 30)}
OLD_NAME = "Approval below the floor"
REVIEWERS_RULES = ("sale_order_rule_reviewer", "sale_order_line_rule_reviewer", "sfc_solution_line_rule_reviewer", "sfc_proposal_submission_rule_reviewer")
NEW_NAMES = {"en_US": "Commercial approval", "zh_CN": "商务审批"}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, (discount, days) in FLOORS.items():
        if grade := env.ref(f"sales_full_cycle.{name}", raise_if_not_found=False):
            grade.write({"floor_discount": discount, "floor_lead_days": days})
    rename_promise(env)
    read_all_approvals(env)


def read_all_approvals(env):
    """The rules of reviewers ask through the field that nobody else reads."""
    for name in REVIEWERS_RULES:
        rule = env.ref(f"sales_full_cycle.{name}")
        rule.domain_force = rule.domain_force.replace("approval_ids.reviewer_ids", "approval_row_ids.reviewer_ids")


def rename_promise(env):
    """Unless somebody has given it a name of the company's own."""
    promise = env.ref("sales_full_cycle.promise_floor", raise_if_not_found=False)
    if promise and promise.with_context(lang="en_US").name == OLD_NAME:
        installed = dict(env["res.lang"].get_installed())
        for lang, name in NEW_NAMES.items():
            if lang in installed:
                promise.with_context(lang=lang).name = name
