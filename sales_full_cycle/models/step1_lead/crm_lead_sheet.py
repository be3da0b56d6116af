from odoo import api, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ..common.sheet import Column
from . import contact_channel

_lt = LazyTranslate(__name__)


class CrmLead(models.Model):
    """线索信息表 as XLSX: eleven columns, both ways (S1.3, T1, P11). This file: the way out; crm_lead_sheet_import.py: the way back."""
    _name = "crm.lead"
    _inherit = ["crm.lead", "sfc.sheet.mixin"]

    @api.model
    def _sheet_title(self):
        return self.env._("Lead sheet")

    @api.model
    def _sheet_columns(self):
        return [
            Column("lead_number", _lt("Lead ID"), 10),
            Column("partner_name", _lt("Customer"), 28),
            Column("industry", _lt("Industry"), 16),
            Column("contact_name", _lt("Contact"), 12),
            Column("function", _lt("Position"), 14),
            Column("contact_channel", _lt("Phone/e-mail"), 24),
            Column("need_summary", _lt("Initial need"), 36),
            Column("source", _lt("Source"), 14),
            Column("level", _lt("Priority"), 10),
            Column("owner", _lt("Owner"), 12),
            Column("captured_at", _lt("Created"), 20),
        ]

    @api.model
    def _sheet_fields(self):
        return ["lead_number", "partner_name", "industry_id", "contact_name", "function", "phone", "email_from", "email_normalized", "wechat",
                "need_summary", "source_id", "screening_level", "user_id", "captured_at"]

    @api.model
    def _sheet_domain(self):
        return Domain("type", "=", "lead")

    def _sheet_values(self):
        self.ensure_one()
        return {
            "lead_number": self.lead_number, "partner_name": self.partner_name, "industry": self.industry_id.display_name,
            "contact_name": self.contact_name, "function": self.function,
            # the bare address: '"Wang, Li" <w@x.cn>' could not be told apart from separators
            "contact_channel": contact_channel.join(self.phone, self.email_normalized or self.email_from, self.wechat),
            "need_summary": self.need_summary, "source": self.source_id.display_name, "level": self._sheet_choice_label("screening_level"),
            "owner": self.user_id.name, "captured_at": self._sheet_local(self.captured_at),
        }

    @api.model
    def get_import_templates(self):
        """Odoo's own import dialog offers the lead sheet first."""
        return [self._sheet_template(), *super().get_import_templates()]
