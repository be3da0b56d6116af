"""What a visitor types on a public lead page, made safe to keep: plain text, known lengths (S1.1)."""
import ipaddress
import re

# Longest answers; the form tells the browser the same.
LIMITS = {"company": 120, "name": 80, "function": 80, "contact": 200, "need": 2000}

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def clean(posted):
    """The known answers as plain text: no control characters, one line except for the need. Files and unknown names are dropped."""
    answers = {name: _plain(posted.get(name)) for name in (*LIMITS, "industry")}
    return {
        **{name: answer if name == "need" else " ".join(answer.split()) for name, answer in answers.items()},
        "consent": bool(_plain(posted.get("consent"))),
    }


def _plain(value):
    text = value if isinstance(value, str) else ""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def network(address):
    """What counts as one sender: an IPv4 address, or the /64 network that one IPv6 connection may choose its addresses from."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if ip.version == 6 and not ip.ipv4_mapped:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip.version == 6 and ip.ipv4_mapped or ip)
