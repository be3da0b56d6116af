"""人民币大写: an amount in the characters that Chinese contracts are written in. A plain function."""
from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def chinese_amount(amount):
    """112125 -> 壹拾壹万贰仟壹佰贰拾伍元整; 10.05 -> 壹拾元零伍分."""
    cents = int((Decimal(str(abs(amount))) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    whole, cents = divmod(cents, 100)
    jiao, fen = divmod(cents, 10)
    text = f"{_whole(whole)}元" if whole or not cents else ""
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif fen and whole:
        text += "零"
    if fen:
        text += f"{DIGITS[fen]}分"
    return ("负" if amount < 0 else "") + text + ("" if fen else "整")


def _whole(number):
    """Groups of four digits; one 零 stands for any run of noughts inside the number."""
    if not number:
        return DIGITS[0]
    text, gap = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10 ** place % 10
        if digit:
            text += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place % 4]
        gap = bool(text) and (not digit)
        if place % 4 == 0 and number // 10 ** place % 10000:
            text += GROUPS[place // 4]
    return text
