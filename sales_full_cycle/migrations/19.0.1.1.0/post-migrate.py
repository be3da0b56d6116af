"""Step 2 comes: its standard is put in force, and deals that are there get customer sheets, as on a fresh installation."""
from odoo import SUPERUSER_ID, api

from odoo.addons.sales_full_cycle.hooks import adopt_existing_customers, put_standard_in_force


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    put_standard_in_force(env, "scorecard_customer")
    adopt_existing_customers(env)
