"""What data files cannot say: it depends on the records that the database already has."""
from odoo.tools import SQL


def post_init_hook(env):
    env["res.partner.industry"]._keep_to_own_list()
    _adopt_existing_leads(env)
    adopt_existing_customers(env)


def _adopt_existing_leads(env, batch=10_000):
    """Leads and deals from before get numbers in the order of their creation, their own date, and a first step in the log."""
    Lead = env["crm.lead"].with_context(active_test=False, sfc_import=True)
    env.cr.execute("UPDATE crm_lead SET captured_at = create_date WHERE lead_number IS NULL AND deal_number IS NULL")
    env.invalidate_all()
    for kind, fname, code in (("lead", "lead_number", "sfc.lead"), ("opportunity", "deal_number", "sfc.deal")):
        while leads := Lead.search([("type", "=", kind), (fname, "=", False)], order="id", limit=batch):
            numbers = env["ir.sequence"]._next_numbers(code, len(leads))
            rows = SQL(", ").join(SQL("(%s, %s)", lead_id, number) for lead_id, number in zip(leads.ids, numbers, strict=True))
            env.cr.execute(SQL(
                "UPDATE crm_lead SET %(column)s = new.number FROM (VALUES %(rows)s) AS new (id, number) WHERE crm_lead.id = new.id",
                column=SQL.identifier(fname), rows=rows))
            leads.invalidate_recordset([fname], flush=False)
            leads._log_first_step()
            leads._sync_cycle_step()


def adopt_existing_customers(env, batch=1000):
    """Customers of the deals from before get customer sheets, a company at a time."""
    deals = [("type", "=", "opportunity"), ("partner_id", "!=", False), ("customer_profile_id", "=", False)]
    Lead = env["crm.lead"].with_context(active_test=False, sfc_import=True, tracking_disable=True)
    while leads := Lead.search(deals, order="id", limit=batch):
        leads._ensure_customers()
        env.flush_all()
        env.invalidate_all()


def put_standard_in_force(env, name):
    """On an upgrade: activate a standard that came with it, unless the company has one of its own (<function> in data runs on installation only)."""
    card = env.ref(f"sales_full_cycle.{name}", raise_if_not_found=False)
    if card and card.state == "draft" and not card._same_key().filtered(lambda other: other.state == "active"):
        card.action_activate()


def uninstall_hook(env):
    """Give back what was changed in Odoo's own records; tables and columns go by themselves."""
    env["mail.activity"].with_context(active_test=False).search([
        "|", ("sfc_clock_id", "!=", False), ("activity_type_id.category", "=", "sfc_approval")]).unlink()
    env.cr.execute("UPDATE ir_attachment SET sfc_frozen = NULL WHERE sfc_frozen")  # evidence goes with the documents
    env["ir.attachment"].invalidate_model(["sfc_frozen"])
    _forget_external_ids(env)


def _forget_external_ids(env):
    """Odoo's mixins note external ids for what they add to our models; it goes by a database cascade, which leaves them behind."""
    env.cr.execute("""
        DELETE FROM ir_model_data entry USING ir_model model
         WHERE model.model LIKE 'sfc.%' AND entry.module != 'sales_full_cycle' AND (
               entry.model = 'ir.model.inherit' AND entry.res_id IN (SELECT id FROM ir_model_inherit WHERE model_id = model.id)
            OR entry.model = 'ir.model.fields.selection' AND entry.res_id IN (
                   SELECT selection.id FROM ir_model_fields_selection selection JOIN ir_model_fields field ON field.id = selection.field_id
                    WHERE field.model_id = model.id))""")
