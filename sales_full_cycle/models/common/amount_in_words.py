"""大写金额: an amount as a Chinese contract writes it out, in the numerals that cannot be altered (S4.8)."""
NUMERALS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ((10 ** 8, "亿"), (10 ** 4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def chinese_amount(amount):
    """陆万叁仟贰佰元整 for 63200; to the 分."""
    whole, rest = divmod(round(abs(amount) * 100), 100)
    tenths, hundredths = divmod(rest, 10)
    text = f"{_reading(whole)}元" if whole or not rest else ""
    if tenths:
        text += f"{NUMERALS[tenths]}角"
    elif whole and hundredths:
        text += NUMERALS[0]
    text += f"{NUMERALS[hundredths]}分" if hundredths else "整"
    return f"负{text}" if amount < 0 and (whole or rest) else text


def _reading(number):
    if number < 10:
        return NUMERALS[number]
    size, place = next((size, place) for size, place in PLACES if number >= size)
    high, low = divmod(number, size)
    gap = NUMERALS[0] if low < size // 10 else ""
    return f"{_reading(high)}{place}{gap}{_reading(low)}" if low else f"{_reading(high)}{place}"
