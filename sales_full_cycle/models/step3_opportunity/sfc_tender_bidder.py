from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# The bidders stand in one cell of the form, a line each, their values between bars.
SEPARATORS = ("|", "｜", "\n")


class SfcTenderBidder(models.Model):
    """投标单位: who bid how much, the score and the rank; exactly one of them is us (T4b)."""
    _name = "sfc.tender.bidder"
    _description = "Tender Bidder"
    _order = "tender_id, is_us desc, id"

    tender_id = fields.Many2one("sfc.tender", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one("res.partner", "Company", ondelete="set null", index="btree_not_null", domain=[("is_company", "=", True)])
    name = fields.Char("Bidder", required=True, compute="_compute_name", store=True, readonly=False, precompute=True)
    is_us = fields.Boolean("Us", readonly=True)
    currency_id = fields.Many2one(related="tender_id.currency_id")
    price = fields.Monetary()
    score = fields.Float(digits=(6, 2), aggregator=None)
    rank_given = fields.Integer("Published rank", readonly=True, help="Typed by a person; 0: the rank follows from the scores.")
    rank = fields.Integer(
        compute="_compute_rank", store=True, readonly=False, aggregator=None,
        help="名次: by the score, or as it was published. Type 0 to have it computed again.")
    disqualified = fields.Boolean(help="The bid was rejected: it has no rank.")

    _one_is_us = models.UniqueIndex("(tender_id) WHERE is_us", "One bidder of a tender is us already.")

    @api.depends("partner_id")
    def _compute_name(self):
        for bidder in self:
            bidder.name = bidder.partner_id.name or bidder.name

    @api.depends("rank_given", "disqualified", "score", "tender_id.bidder_ids.score", "tender_id.bidder_ids.disqualified")
    def _compute_rank(self):
        for bidder in self:
            scores = bidder.tender_id.bidder_ids.filtered(lambda other: other.score and not other.disqualified).mapped("score")
            is_ranked = bidder.score and not bidder.disqualified
            bidder.rank = bidder.rank_given or (1 + sum(score > bidder.score for score in scores) if is_ranked else 0)

    @api.constrains("name")
    def _check_name(self):
        for bidder in self:
            if any(separator in bidder.name for separator in SEPARATORS):
                raise ValidationError(self.env._("The name of a bidder is one line without a bar: %(name)s", name=bidder.name))

    @api.constrains("price", "score", "rank")
    def _check_figures(self):
        for bidder in self:
            if min(bidder.price, bidder.score, bidder.rank) < 0:
                raise ValidationError(self.env._("Price, score and rank of %(name)s cannot be negative.", name=bidder.name))

    # === CREATE AND WRITE === #

    @api.model_create_multi
    def create(self, vals_list):
        bidders = super().create([self._typed_vals(vals) for vals in vals_list])
        bidders.tender_id._sync_activities()  # a score says that the bids were opened
        return bidders

    def write(self, vals):
        if "is_us" in vals and any(bidder.is_us != vals["is_us"] for bidder in self):
            raise UserError(self.env._("Which bidder is us stays as it is. Correct the name on that line instead."))
        result = super().write(self._typed_vals(vals))
        if "score" in vals:
            self.tender_id._sync_activities()
        return result

    @api.model
    def _typed_vals(self, vals):
        """A rank that somebody writes is the published one."""
        vals = dict(vals)
        if "rank" in vals:
            vals["rank_given"] = vals.pop("rank")
        return vals

    @api.ondelete(at_uninstall=False)
    def _unlink_except_us(self):
        # a tender that is deleted takes its lines along by the database
        if any(bidder.is_us for bidder in self):
            raise UserError(self.env._("One bidder of each tender is us. If we do not bid, record the result 'Bid withdrawn'."))
