"""The words that the sender of an e-mail wrote, without what came along with them."""
from lxml import etree, html

from odoo.tools import html2plaintext, html_sanitize


def own_words(body, limit):
    """First `limit` characters of a mail's text; quotes and signatures that Odoo recognises are dropped.

    A forwarded mail is nothing but a quote: then all of its text counts.
    """
    if not body:
        return ""
    tree = html.fragment_fromstring(html_sanitize(body), create_parent="div")  # sanitizing marks the quotes
    for quote in tree.xpath("//*[@data-o-mail-quote]"):
        if quote.getparent() is not None:
            quote.drop_tree()
    return (_text(tree) or _text(html.fragment_fromstring(body, create_parent="div")))[:limit].strip()


def _text(tree):
    etree.strip_tags(tree, "b", "strong", "em", "i")  # html2plaintext would draw them with * and /
    for block in tree.iter("div", "li"):
        block.tail = "\n" + (block.tail or "")
    text = html2plaintext(html.tostring(tree, encoding="unicode"), include_references=False)
    return "\n".join(filter(None, (line.strip() for line in text.splitlines())))
