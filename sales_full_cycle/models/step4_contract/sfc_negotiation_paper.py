from odoo import api, fields, models

from .sfc_negotiation_sheet import TOPIC_COLUMNS

# The handbook's form has a place for these, also when nothing was said about them.
FORM_TOPICS = ("price", "payment", "delivery", "breach")
SALES = "sales_team.group_sale_salesman"


class SfcNegotiation(models.Model):
    """谈判纪要 on paper and on the portal (T3); who may read the internal page, and what stands there."""
    _inherit = "sfc.negotiation"

    # what is internal is not for every reader of the minutes: legal, experts of other departments
    price_sensitivity = fields.Selection(groups=SALES)
    service_needs = fields.Text(groups=SALES)
    concerns = fields.Text(groups=SALES)
    may_see_inside = fields.Boolean(
        "Internal page", compute="_compute_may_see_inside", help="Whether the reader may see the internal page: options, price sensitivity, concerns.")

    @api.depends("lead_id", "user_id")
    @api.depends_context("uid", "company")
    def _compute_may_see_inside(self):
        """Who may write the minutes: whoever leads the round, the owner of the deal, its leader, sales managers; no reader of the minutes, such as legal.

        Never with all rights: what the system renders is for anybody.
        """
        inside = self.browse() if self.env.su else self._origin._filtered_access("write")
        for minutes in self:
            minutes.may_see_inside = minutes._origin in inside

    # === FOR THE CUSTOMER === #

    def _on_paper(self, lang=None):
        """The minutes as they are printed: in the customer's language, the times as the clock of who leads the negotiation shows them."""
        self.ensure_one()
        leader = self.user_id.sudo()  # sudo: the time zone of a colleague
        return self.with_context(lang=lang or self._minutes_lang(), tz=leader.tz or self.company_id.sudo().resource_calendar_id.tz or "UTC")

    def _minutes_topics(self):
        """[(name of the topic, its lines)] in the order of the form."""
        self.ensure_one()
        names, lines = self.line_ids._minutes_names(), self.line_ids.sorted(lambda line: (line.sequence, line.id)).grouped("topic")
        return [(names[topic], lines.get(topic, self.line_ids.browse())) for topic in TOPIC_COLUMNS if topic in FORM_TOPICS or topic in lines]

    def _minutes_to_do(self):
        """Lines that are open, or that somebody has to do something about."""
        return self.line_ids.filtered(lambda line: line.outcome == "open" or line.responsible_id or line.due_date)

    # === INSIDE === #

    def _minutes_floor(self):
        """The floor of the deal as the user may read it; none for everybody else."""
        self.ensure_one()
        floors = self.env["sfc.negotiation.floor"]
        if self.env.su or not floors.has_access("read"):
            return floors
        return floors.search([("lead_id", "=", self.lead_id.id)], limit=1)

    def _minutes_discount(self, floor):
        """20 % off as people say it: 20 % (8/10, 8折)."""
        tenths = f"{(100 - floor.max_discount) / 10:.3f}".rstrip("0").rstrip(".")
        percent = f"{floor.max_discount:.2f}".rstrip("0").rstrip(".")
        if not floor.max_discount:
            return self.env._("No discount")
        return self.env._("%(percent)s %% (%(tenths)s/10)", percent=percent, tenths=tenths)
