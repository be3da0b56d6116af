from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

ROLES = [
    ("product", "Product"), ("technical", "Technical"), ("legal", "Legal"), ("finance", "Finance"), ("logistics", "Logistics"), ("sales", "Sales"),
]


class SfcCollaborator(models.Model):
    """协同成员: somebody of another department (or a colleague) who works on one deal (S0.2, S0.12).

    What each role opens stands in security/ir_rule_collaboration.xml; who may choose the people stands here.
    """
    _name = "sfc.collaborator"
    _description = "Collaborator"
    _order = "lead_id, role, id"
    _rec_name = "user_id"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Person", required=True, ondelete="cascade", domain=[("share", "=", False)])
    role = fields.Selection(ROLES, required=True, default="technical")

    _once_per_role = models.UniqueIndex("(lead_id, user_id, role)", "This person has this role on the deal already.")
    # What the record rules look up for every reader.
    _deals_of_person = models.Index("(user_id, lead_id)")

    @api.constrains("user_id")
    def _check_user(self):
        for collaborator in self:
            if collaborator.user_id.share:
                raise ValidationError(self.env._(
                    "%(name)s is not an employee. Only employees work on a deal; customers see their proposals on the portal.", name=collaborator.user_id.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        collaborators = super().create(vals_list)
        collaborators._check_may_choose()
        collaborators._open_the_door()
        collaborators._welcome()
        return collaborators

    def write(self, vals):
        self._check_may_choose()
        if not self.env.su and {"lead_id", "user_id"} & vals.keys():
            raise UserError(self.env._("Add another person instead: who was on the deal is not rewritten. Only the role can be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_chooser(self):
        self._check_may_choose()

    def _check_may_choose(self):
        """Owner of the deal, leader of its team, sales managers (S0.2).

        :raises UserError: anybody else
        """
        if self.env.su:
            return
        refused = self.lead_id.filtered(lambda lead: not lead._is_in_charge())
        if refused:
            raise UserError(self.env._(
                "Only the owner of the deal, the team leader or a sales manager chooses who works on it: %(deals)s.",
                deals=", ".join(refused.mapped("name"))))

    def _open_the_door(self):
        """Whoever has no sales role gets the group of collaborators, which opens nothing but the deals that name the person.

        sudo: the owner of a deal may not edit users; this group, and no other, follows from his choice.
        """
        group = self.env.ref("sales_full_cycle.group_sfc_collaborator").sudo()
        newcomers = self.user_id.sudo().filtered(
            lambda user: not user.has_group("sales_team.group_sale_salesman") and not user.has_group("sales_full_cycle.group_sfc_collaborator"))
        if newcomers:
            newcomers.write({"group_ids": [(4, group.id)]})

    def _welcome(self):
        """Tell the person, in his language, who asked for him and as what."""
        if self.env["crm.lead"]._is_import():
            return
        for collaborator in self.filtered(lambda collaborator: collaborator.user_id != self.env.user):
            user = collaborator.user_id.sudo()  # sudo: name and language of a colleague
            told = collaborator.with_context(lang=user.lang)
            role = dict(told._fields["role"]._description_selection(told.env))[collaborator.role]
            told.lead_id.message_notify(
                partner_ids=user.partner_id.ids, email_layout_xmlid="mail.mail_notification_light",
                subject=told.env._("You work on the deal %(deal)s", deal=told.lead_id.name),
                body=told.env._("%(name)s asked you to work on the deal %(deal)s as: %(role)s.", name=told.env.user.name, deal=told.lead_id.name, role=role))

    # === WHO === #

    def _of_role(self, role):
        """The people who have the role, in the order in which they were added."""
        return self.filtered(lambda collaborator: collaborator.role == role and collaborator.user_id.active).sorted("id").user_id
