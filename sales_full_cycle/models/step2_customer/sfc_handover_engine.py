import functools
from functools import partial
from typing import NamedTuple

from markupsafe import Markup, escape

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..common.bulk_write import bulk_update

BATCH = 500


class Work(NamedTuple):
    """What changes hands together."""
    profiles: models.Model
    leads: models.Model
    activities: models.Model

    def __bool__(self):
        return any(self)


class SfcHandoverEngine(models.AbstractModel):
    """客户交接: customers, open deals, activities and promises change hands without loss (ahead 15, P14).

    Claiming, the wizard and the archiving of a user all come here. It moves in sudo: its callers have checked the rights,
    with the two checks at the end of this file where a person chose.
    """
    _name = "sfc.handover.engine"
    _description = "Handover of customers and deals"

    # === WHAT THERE IS TO MOVE === #

    @api.model
    def _work_models(self):
        """Where the work of a salesperson hangs; activities elsewhere stay with who has them. Later steps add theirs."""
        return ("sfc.customer.profile", "crm.lead", "res.partner")

    @api.model
    def _work_with(self, profiles):
        """The customers with the open deals of whoever has them, and with their activities."""
        leads = self._deals_of(profiles)
        return Work(profiles, leads, self._activities_on(profiles, leads, profiles._owners_or_former() | leads.user_id))

    @api.model
    def _deals_of(self, profiles):
        """Open deals that whoever has the customer (in the pool: had) works on, and those that nobody does; colleagues keep theirs."""
        leads = self.env["crm.lead"].search([("customer_profile_id", "in", profiles.ids), ("won_status", "=", "pending")])
        return leads.filtered(lambda lead: not lead.user_id.active or lead.user_id == lead.customer_profile_id._owners_or_former())

    @api.model
    def _documents_of(self, user):
        """Customers and open deals of the person, of what the environment may see."""
        return (
            self.env["sfc.customer.profile"].search([("user_id", "=", user.id)]),
            self.env["crm.lead"].search([("user_id", "=", user.id), ("won_status", "=", "pending")]))

    @api.model
    def _activities_of(self, user):
        return self.env["mail.activity"].search([("user_id", "=", user.id), ("res_model", "in", self._work_models())])

    @api.model
    def _has_work(self, users):
        """One query; it is asked whenever any user is archived."""
        self.env.flush_all()
        [[found]] = self.env.execute_query(SQL(
            """SELECT EXISTS (SELECT FROM sfc_customer_profile WHERE user_id = ANY(%(ids)s)) OR EXISTS (SELECT FROM crm_lead WHERE user_id = ANY(%(ids)s))
                   OR EXISTS (SELECT FROM mail_activity WHERE user_id = ANY(%(ids)s) AND active AND res_model = ANY(%(models)s))""",
            ids=users.ids, models=list(self._work_models())))
        return found

    @api.model
    def _activities_on(self, profiles, leads, users):
        """Open activities of the users on customers, their contacts, and deals."""
        contacts = self.env["res.partner"].with_context(active_test=False).search([("commercial_partner_id", "in", profiles.partner_id.ids)])
        places = Domain.OR(
            Domain("res_model", "=", records._name) & Domain("res_id", "in", records.ids) for records in (profiles, leads, contacts))
        return self.env["mail.activity"].search(Domain("user_id", "in", users.ids) & places)

    # === WHO GETS IT === #

    @api.model
    def _distribute(self, work, receivers):
        """{receiver: work}: as evenly as it goes, with everything of one customer in one hand."""
        if len(receivers) == 1:
            return {receivers: work}
        load = dict.fromkeys(receivers, 0)
        shares = {receiver: ([], [], []) for receiver in receivers}
        for parts in sorted(self._by_customer(work).values(), key=lambda parts: -sum(map(len, parts))):
            receiver = min(load, key=load.get)
            load[receiver] += sum(map(len, parts))
            for share, part in zip(shares[receiver], parts, strict=True):
                share += part
        return {receiver: Work(*(records.browse(ids) for records, ids in zip(work, share, strict=True))) for receiver, share in shares.items()}

    @api.model
    def _by_customer(self, work):
        """{key of the customer: ids of its profiles, leads and activities}."""
        found = {}
        for position, records in enumerate(work):
            for record, key in self._customer_keys(records).items():
                found.setdefault(key, ([], [], []))[position].append(record.id)
        return found

    @api.model
    def _customer_keys(self, records):
        """{record: its commercial partner, or what it hangs on when nobody knows the customer}."""
        if records._name != "mail.activity":
            return {record: record.partner_id.commercial_partner_id or record for record in records}
        keys = {}
        for model, activities in records.grouped("res_model").items():
            documents = self.env[model].browse(activities.mapped("res_id")).exists()
            by_document = {p: p.commercial_partner_id for p in documents} if model == "res.partner" else self._customer_keys(documents)
            by_id = {document.id: key for document, key in by_document.items()}
            keys.update({activity: by_id.get(activity.res_id, activity) for activity in activities})
        return keys

    @api.model
    def _successors(self, user, leaving):
        """{receiver: work of the user} when the user leaves: the leader of each record's team, else a sales manager of its company.

        What nobody can take stays where it is.
        """
        work = Work(*self._documents_of(user), self._activities_of(user))
        own_team, successor = user.sale_team_id, functools.cache(partial(self._successor, leaving))
        receivers, by_customer = {}, {}
        for records in (work.profiles, work.leads):
            for record, key in self._customer_keys(records).items():
                receivers[record] = by_customer[key] = successor(record.team_id, record.company_id)
        for activity, key in self._customer_keys(work.activities).items():
            receivers[activity] = by_customer.get(key) or successor(own_team, own_team.company_id)
        return {
            receiver: Work(*(records.filtered(lambda record, to=receiver: receivers[record] == to) for records in work))
            for receiver in self.env["res.users"].union(*receivers.values())
        }

    def _successor(self, leaving, team, company):
        leader = team.user_id
        if leader and leader not in leaving and self._may_receive(leader, company):
            return leader
        return (self.env["res.users"]._sfc_sales_managers(company) - leaving)[:1]

    # === MOVING === #

    @api.model
    def _hand_over(self, receiver, work, note, kind="handover"):
        """Give the work to the receiver, in batches of a fixed number of queries each; what the receiver has already stays as it is.

        :param str note: why; goes to the history, and with one message to each customer and deal
        :return: the work that was moved
        """
        # sudo: the receiver's side of the change is out of the giver's sight
        engine, (profiles, leads, activities) = self.sudo(), (records.sudo() for records in work)
        profiles = profiles.filtered(lambda profile: profile.user_id != receiver)
        leads = leads.filtered(lambda lead: lead.user_id != receiver)
        for documents, move in ((profiles, engine._move_customers), (leads, engine._move_deals)):
            for company, theirs in documents.grouped("company_id").items():
                alone = theirs.with_context(allowed_company_ids=company.ids or self.env.companies.ids)
                for batch in split_every(BATCH, theirs.ids, alone.browse):
                    move(batch, receiver, note, kind)
        for batch in split_every(BATCH, activities.ids, activities.with_context(mail_activity_quick_update=True).browse):
            batch.write({"user_id": receiver.id})
        return Work(profiles, leads, activities)

    def _quiet(self, documents, **context):
        """One note a document and one message a receiver say it all: no tracking values, no message for each new owner."""
        return documents.with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True, **context)

    def _move_customers(self, profiles, receiver, note, kind):
        givers = {profile.id: profile._owners_or_former() for profile in profiles}
        self._quiet(profiles, sfc_assignment={"kind": kind, "note": note}).write({"user_id": receiver.id})
        self._leave_note(profiles, givers, receiver, note)

    def _move_deals(self, leads, receiver, note, kind):
        givers = {lead.id: lead.user_id for lead in leads}
        opened = {lead.id: (lead.date_open,) for lead in leads if lead.user_id and lead.date_open}
        for team, theirs in self._teams(leads, receiver).items():
            vals = {"user_id": receiver.id, **({"team_id": team.id} if team else {})}
            self._quiet(theirs, sfc_handover=True).write(vals)
        bulk_update(leads, opened, ["date_open"])  # the first assignment is a fact of the deal, not of its owner
        leads._sla_hand_over(self.env["res.users"].union(*givers.values()))
        self.env["sfc.assignment.log"].create([{
            "profile_id": lead.customer_profile_id.id, "lead_id": lead.id, "kind": kind, "note": note,
            "from_user_id": givers[lead.id].id, "to_user_id": receiver.id,
        } for lead in leads])
        self._leave_note(leads, givers, receiver, note)

    def _teams(self, leads, receiver):
        """{team to write or an empty one: leads}. A deal stays in a team to which the receiver belongs; Odoo would search once a deal."""
        teams = {}
        for kind, theirs in leads.grouped("type").items():
            staying = theirs.filtered(lambda lead: receiver in lead.team_id.member_ids | lead.team_id.user_id)
            uses = "use_leads" if kind == "lead" else "use_opportunities"
            team = theirs.env["crm.team"]._get_default_team_id(user_id=receiver.id, domain=[(uses, "=", True)])
            for key, part in ((team.browse(), staying), (team, theirs - staying)):
                if part:
                    teams[key] = teams.get(key, part.browse()) | part
        return teams

    def _leave_note(self, documents, givers, receiver, note):
        documents._message_log_batch({document.id: self.env._(
            "%(giver)s → %(receiver)s: %(note)s", giver=givers[document.id].name or "–", receiver=receiver.name, note=note) for document in documents})

    # === TELLING === #

    @api.model
    def _tell_receiver(self, receiver, work, note):
        """One message a handover, however much it is."""
        if receiver == self.env.user or not work:
            return
        texts = self.with_context(lang=receiver.lang).env
        subject = texts._(
            "You have taken over %(customers)s customers, %(deals)s deals and %(activities)s activities",
            customers=len(work.profiles), deals=len(work.leads), activities=len(work.activities))
        names = (work.profiles or work.leads).mapped("display_name")
        self._tell(receiver, subject, [note, *names[:20]], len(names) - 20)

    @api.model
    def _tell(self, user, subject, lines, left_out=0):
        """A message about more than one record; it hangs on none of them."""
        if left_out > 0:
            lines = [*lines, self.with_context(lang=user.lang).env._("and %(count)s more", count=left_out)]
        self.env["mail.thread"].with_context(lang=user.lang).message_notify(
            partner_ids=user.partner_id.ids, subject=subject, body=Markup("<br/>").join(escape(text) for text in lines),
            email_layout_xmlid="mail.mail_notification_light")

    # === RIGHTS, for people who choose === #

    @api.model
    def _givable(self, documents):
        """Customers or deals that the user may hand over: managers all, leaders those of their teams, everybody their own."""
        user = self.env.user
        if user._has_group("sales_team.group_sale_manager"):
            return documents
        return documents.filtered(lambda document: user in (document.user_id, document.team_id.user_id))

    @api.model
    def _may_give_all_of(self, person):
        return person == self.env.user or self.env.user._has_group("sales_team.group_sale_manager")

    @api.model
    def _check_may_give(self, documents):
        documents.check_access("write")
        if self._givable(documents) != documents:
            self._refuse_giving()

    @api.model
    def _check_may_give_of(self, person):
        """What of it is the user's to give, _givable() says."""
        if not self._may_give_all_of(person) and not self._led_teams():
            self._refuse_giving()

    def _refuse_giving(self):
        raise AccessError(self.env._(
            "You may hand over your own customers and deals and those of the teams that you lead; a sales manager hands over all."))

    @api.model
    def _may_receive(self, user, companies):
        return bool(user.active and not user.share and user._has_group("sales_team.group_sale_salesman") and companies <= user.company_ids)

    @api.model
    def _check_receivers(self, receivers, companies):
        """:raises UserError: somebody cannot work with what they would get
        :raises AccessError: a salesperson gives to somebody outside the team
        """
        unfit = receivers.sudo().filtered(lambda user: not self._may_receive(user, companies.sudo()))
        if unfit or not receivers:
            raise UserError(self.env._(
                "Choose active salespeople who may work in the company of these customers and deals; not: %(names)s", names=", ".join(unfit.mapped("name"))))
        if not receivers <= self._possible_receivers():
            raise AccessError(self.env._("You may hand over to the members and leaders of your own team. For others ask your leader."))

    @api.model
    def _possible_receivers(self):
        """Leaders and managers choose among all salespeople, others among the members and leaders of their teams."""
        user = self.env.user
        if user._has_group("sales_team.group_sale_manager") or self._led_teams():
            users = self.env.ref("sales_team.group_sale_salesman").sudo().all_user_ids
        else:
            # sudo: who is in which team is no secret among colleagues
            teams = self.env["crm.team"].sudo().search([("member_ids", "in", user.ids)])
            users = teams.member_ids | teams.user_id
        return users.filtered(lambda user: user.active and not user.share).sudo(self.env.su)

    @api.model
    def _led_teams(self):
        return self.env["crm.team"].sudo().search([("user_id", "=", self.env.uid)])
