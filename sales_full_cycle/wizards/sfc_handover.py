from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.step2_customer.sfc_handover_engine import Work


class SfcHandover(models.TransientModel):
    """客户交接: give everything of a person, or a selection, to one colleague or to several (ahead 15, P14)."""
    _name = "sfc.handover"
    _description = "Handover"

    from_user_id = fields.Many2one("res.users", "Everything of", domain="[('share', '=', False)]", context={"active_test": False})
    profile_ids = fields.Many2many("sfc.customer.profile", string="Selected customers")
    lead_ids = fields.Many2many("crm.lead", string="Selected deals")
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids")
    receiver_ids = fields.Many2many(
        "res.users", "sfc_handover_receiver_rel", "handover_id", "user_id", "Give to", required=True, domain="[('id', 'in', candidate_ids)]",
        help="Several: evenly, with all deals of one customer in one hand.")
    note = fields.Text("Handover note", required=True)
    move_customers = fields.Boolean("Customers", default=True)
    move_deals = fields.Boolean("Open leads and deals", default=True)
    move_activities = fields.Boolean("Open activities", default=True)
    is_selection = fields.Boolean(compute="_compute_is_selection")
    summary = fields.Char("What is moved", compute="_compute_summary")

    @api.model
    def default_get(self, fields):
        """Opened from a list of customers or deals, or from a user; from the menu for what is one's own."""
        values = super().default_get(fields)
        source = {"sfc.customer.profile": "profile_ids", "crm.lead": "lead_ids"}.get(self.env.context.get("active_model"))
        if source and not values.get(source):
            values[source] = [(6, 0, self.env.context.get("active_ids", []))]
        return values

    @api.depends("from_user_id")
    def _compute_candidate_ids(self):
        candidates = self.env["sfc.handover.engine"]._possible_receivers()
        for wizard in self:
            wizard.candidate_ids = candidates - wizard.from_user_id

    @api.depends("profile_ids", "lead_ids")
    def _compute_is_selection(self):
        for wizard in self:
            wizard.is_selection = bool(wizard.profile_ids or wizard.lead_ids)

    @api.depends("from_user_id", "profile_ids", "lead_ids", "move_customers", "move_deals", "move_activities")
    def _compute_summary(self):
        for wizard in self:
            profiles, leads, activities = wizard._work()
            wizard.summary = self.env._(
                "%(customers)s customers, %(deals)s leads and deals, %(activities)s activities",
                customers=len(profiles), deals=len(leads), activities=len(activities))

    def action_hand_over(self):
        """Move it all, in one go.

        :raises AccessError: it is not the user's to give, or a receiver is not theirs to choose
        :raises UserError: there is nothing to move, no note, or a receiver could not work with it
        """
        self.ensure_one()
        if not self.note.strip():
            raise UserError(self.env._("Write a handover note: what does the colleague have to know?"))
        engine = self.env["sfc.handover.engine"]
        if self.is_selection:
            engine._check_may_give(self.profile_ids)
            engine._check_may_give(self.lead_ids)
        else:
            engine._check_may_give_of(self.from_user_id)
        work = self._work()
        if not work:
            raise UserError(self.env._("There is nothing to hand over. Choose another person, or more of the options."))
        engine._check_receivers(self.receiver_ids, work.profiles.company_id | work.leads.company_id)
        for receiver, share in engine._distribute(work, self.receiver_ids).items():
            engine._tell_receiver(receiver, engine._hand_over(receiver, share, self.note), self.note)
        return {"type": "ir.actions.act_window_close"}

    def _work(self):
        """What would change hands, of what the user may give."""
        profiles, leads = self._selected() if self.is_selection else self._of_person()
        if not self.move_customers:
            profiles = profiles.browse()
        if not self.move_deals:
            leads = leads.browse()
        return Work(profiles, leads, self._activities(profiles, leads) if self.move_activities else self.env["mail.activity"])

    def _selected(self):
        """Customers come with their open deals, as far as these are the user's to give."""
        engine = self.env["sfc.handover.engine"]
        profiles, leads = self.profile_ids._origin, self.lead_ids._origin.filtered(lambda lead: lead.won_status == "pending")
        return profiles, leads | engine._givable(engine._deals_of(profiles))

    def _of_person(self):
        engine = self.env["sfc.handover.engine"]
        profiles, leads = engine._documents_of(self.from_user_id._origin)
        return engine._givable(profiles), engine._givable(leads)

    def _activities(self, profiles, leads):
        """Those of the owners on what is moved; of a person who gives everything also those on documents of others."""
        engine = self.env["sfc.handover.engine"]
        # sudo: a colleague's activities go with the document that the user may give
        activities = engine.sudo()._activities_on(profiles, leads, self.from_user_id._origin | profiles._owners_or_former() | leads.user_id)
        if self.from_user_id and self.move_customers and self.move_deals and engine._may_give_all_of(self.from_user_id._origin):
            activities |= engine._activities_of(self.from_user_id._origin).sudo()
        return activities
