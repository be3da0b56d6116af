from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, hmac
from odoo.tools.constants import GC_UNLINK_LIMIT

from . import capture_form

DEFAULT_LIMIT = 30
KEPT = timedelta(days=1)


class SfcCaptureHit(models.Model):
    """What a public lead page remembers of its visitors for a day: who sent how often, and who was just there (S1.1).

    Addresses and persons are kept as hashes that only this database can make.
    """
    _name = "sfc.capture.hit"
    _description = "Visit of a Lead Page"
    _log_access = False

    page_id = fields.Many2one("sfc.capture.page", required=True, ondelete="cascade")
    seen_at = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    address_hash = fields.Char(help="Set on a row that counts one sent form.")
    person_hash = fields.Char(help="Set on the one row of a person, which two simultaneous forms of that person meet on.")

    _address_index = models.Index("(page_id, address_hash, seen_at)")
    _person_unique = models.UniqueIndex("(page_id, person_hash) WHERE person_hash IS NOT NULL")

    @api.model
    def _hash(self, kind, text):
        return hmac(self.env(su=True), f"sfc_capture_{kind}", text)

    @api.model
    def _count_or_refuse(self, page, address):
        """Count one sent form; False when this address has sent as many as allowed within an hour."""
        hits_sudo = self.sudo()  # a visitor has no rights here, and only counts
        limit = int(self.env["ir.config_parameter"].sudo().get_param("sales_full_cycle.capture_limit", DEFAULT_LIMIT))
        address_hash = self._hash("address", capture_form.network(address))
        since = fields.Datetime.now() - timedelta(hours=1)
        sent = hits_sudo.search_count([("page_id", "=", page.id), ("address_hash", "=", address_hash), ("seen_at", ">", since)])
        if sent >= limit:
            return False
        hits_sudo.create({"page_id": page.id, "address_hash": address_hash})
        return True

    @api.model
    def _meet_person(self, page, person):
        """Make two simultaneous forms of one person wait for each other, as a double tap sends them.

        The second one fails to serialize when the first has committed, Odoo runs it again, and it then sees the first one's lead.
        """
        self.env.cr.execute(SQL(
            """INSERT INTO sfc_capture_hit (page_id, person_hash, seen_at) VALUES (%s, %s, %s)
               ON CONFLICT (page_id, person_hash) WHERE person_hash IS NOT NULL DO UPDATE SET seen_at = EXCLUDED.seen_at""",
            page.id, self._hash("person", person), fields.Datetime.now()))

    @api.autovacuum
    def _gc_hits(self):
        old = self.search([("seen_at", "<", fields.Datetime.now() - KEPT)], limit=GC_UNLINK_LIMIT)
        old.unlink()
        return len(old), len(old) == GC_UNLINK_LIMIT
