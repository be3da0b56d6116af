"""Arithmetic of a score, on plain values: no database, no translation.

A *card* is what a snapshot keeps: {"bands": [[code, minimum], ...] best first,
"criteria": [{"id", "dimension", "weight", "levels": [[level id, points], ...]}, ...]}.
A card with "zeros" gives its lowest result as soon as so many dimensions are at 0 points, whatever the total.
*Picks* map a criterion id to the level id that was found or chosen.
"""

# Below this share of the weight there is no result at all (defaults.md).
MINIMUM_ANSWERED = 50.0


def evaluate(card, picks):
    """Score the picks: the card plus level, points and contribution per criterion, total, result, provisional.

    Criteria without a pick are left out and the weights of the others rescaled to 100;
    the result is then provisional, and None below MINIMUM_ANSWERED percent of the weight.
    """
    answered = sum(c["weight"] for c in card["criteria"] if picks.get(c["id"]))
    whole = sum(c["weight"] for c in card["criteria"])
    criteria = [_contribution(c, picks.get(c["id"]), answered) for c in card["criteria"]]
    share = 100 * answered / whole if whole else 0.0
    total = round(sum(c["contribution"] for c in criteria), 2)
    enough = share >= MINIMUM_ANSWERED
    return {
        **card,
        "criteria": criteria,
        "answered": round(share, 2),
        "total": total if enough else 0.0,
        "result": _result(card, criteria, total) if enough else None,
        "provisional": enough and share < 100,
    }


def _contribution(criterion, level_id, answered_weight):
    points = dict(map(tuple, criterion["levels"])).get(level_id) if level_id else None
    contribution = round(points * criterion["weight"] / answered_weight, 4) if points is not None else 0.0
    return {**criterion, "level": level_id if points is not None else None, "points": points, "contribution": contribution}


def _result(card, criteria, total):
    return card["bands"][-1][0] if is_capped(card, criteria) else band(card["bands"], total)


def is_capped(card, criteria):
    """Whether the card's rule about dimensions at 0 points decides the result."""
    return bool(card.get("zeros")) and _dimensions_at_zero(criteria) >= card["zeros"]


def _dimensions_at_zero(criteria):
    best = {}
    for criterion in criteria:
        if criterion["points"] is not None:
            best[criterion["dimension"]] = max(best.get(criterion["dimension"], 0), criterion["points"])
    return sum(not points for points in best.values())


def band(bands, total):
    """Code of the first band (best first) whose minimum the total reaches; the last band catches the rest."""
    return next((code for code, minimum in bands if total >= minimum), bands[-1][0])


def subtotals(snapshot):
    """Contribution of each dimension, as {dimension: (contribution, weight)} in the card's order."""
    totals = {}
    for criterion in snapshot["criteria"]:
        contribution, weight = totals.get(criterion["dimension"], (0.0, 0.0))
        totals[criterion["dimension"]] = (round(contribution + criterion["contribution"], 4), weight + criterion["weight"])
    return totals


def picks_of(snapshot):
    return {c["id"]: c["level"] for c in snapshot["criteria"] if c["level"]}


def lifts(snapshot):
    """What would lift the result to the next band: a list of alternatives, each a list of (criterion id, level id).

    Every single change that is enough, the smallest step of each criterion first; when none is enough alone,
    the one combination that takes the largest gains first. Empty at the top band, or when nothing helps.
    """
    codes = [code for code, _minimum in snapshot["bands"]]
    if snapshot["result"] is None or snapshot["result"] == codes[0]:
        return []
    better = set(codes[:codes.index(snapshot["result"])])
    singles = [[change] for change in _improvements(snapshot) if evaluate(snapshot, picks_of(snapshot) | dict([change]))["result"] in better]
    first_of_criterion = {alternative[0][0]: alternative for alternative in reversed(singles)}
    if first_of_criterion:
        return [alternative for alternative in singles if first_of_criterion[alternative[0][0]] is alternative]
    combination = _combination(snapshot, better)
    return [combination] if combination else []


def _improvements(snapshot):
    """Every (criterion, level) above the current points, the smallest step of each criterion first."""
    for criterion in snapshot["criteria"]:
        current = -1 if criterion["points"] is None else criterion["points"]
        for level_id, _points in sorted((lv for lv in criterion["levels"] if lv[1] > current), key=lambda lv: lv[1]):
            yield criterion["id"], level_id


def _combination(snapshot, better):
    picks, changes = picks_of(snapshot), []
    best = {c["id"]: max(c["levels"], key=lambda lv: lv[1]) for c in snapshot["criteria"] if c["levels"]}

    def gain(criterion):
        return (best[criterion["id"]][1] - (criterion["points"] or 0)) * criterion["weight"]

    for criterion in sorted((c for c in snapshot["criteria"] if c["levels"]), key=gain, reverse=True):
        level_id, points = best[criterion["id"]]
        if points <= (criterion["points"] if criterion["points"] is not None else -1):
            continue
        picks[criterion["id"]] = level_id
        changes.append((criterion["id"], level_id))
        if evaluate(snapshot, picks)["result"] in better:
            return changes
    return []
