"""Step 3 comes: its standard is put in force, as on a fresh installation."""
from odoo import SUPERUSER_ID, api

from odoo.addons.sales_full_cycle.hooks import put_standard_in_force


def migrate(cr, version):
    put_standard_in_force(api.Environment(cr, SUPERUSER_ID, {}), "scorecard_opportunity")
