"""联系方式: one box for phone, WeChat and e-mail, told apart by their form."""
import re
import unicodedata

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[\d\s().-]{6,}")
_WECHAT_LABEL = re.compile(r"^(微信号?|wechat|wx)\s*[:： ]\s*", re.IGNORECASE)
_SEPARATORS = re.compile(r"\s*[/;,、；，|\n]\s*")
WECHAT_LABEL = "微信: "


def join(phone, email, wechat):
    """The one box: phone / e-mail / 微信: id, what is empty left out."""
    return " / ".join(part for part in (phone, email, wechat and WECHAT_LABEL + wechat) if part)


def split(text):
    """{'phone', 'email', 'wechat'} found in the box; the first of each kind counts, the rest comes back under 'rest'."""
    found, rest = {}, []
    for part in filter(None, _SEPARATORS.split(unicodedata.normalize("NFKC", text or "").strip())):
        kind, value = _recognise(part)
        if kind in found:
            rest.append(part)
        else:
            found[kind] = value
    return {"phone": found.get("phone"), "email": found.get("email"), "wechat": found.get("wechat"), "rest": rest}


def _recognise(part):
    if label := _WECHAT_LABEL.match(part):
        return "wechat", part[label.end():]
    if _EMAIL.fullmatch(part):
        return "email", part
    if _PHONE.fullmatch(part):
        return "phone", part
    return "wechat", part


def phone_key(phone):
    """Digits of a phone number, without the international prefix of a Chinese number; '' when there are too few to compare."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone or ""))
    digits = re.sub(r"^(00)?86(?=\d{10,11}$)", "", digits)
    return digits if len(digits) >= 7 else ""
