"""Company names made comparable (P10): 上海某某（集团）有限公司 and 上海某某(集团) are one company."""
import re
import unicodedata

# Legal forms, longest first, so that 有限责任公司 goes before 公司.
_LEGAL_FORMS = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|有限合伙|责任公司|公司"
    r"|\b(co|corp|corporation|company|inc|incorporated|ltd|limited|llc|llp|plc|gmbh|ag|sa|sas|srl|bv|pte|pty)\b\.?)"
)
_NOT_WORD = re.compile(r"[\W_]+")


def company_key(name):
    """Key under which two spellings of one company are equal; '' for an empty name.

    Full width becomes half width, case, spaces, punctuation and the legal form are dropped.
    A branch (上海分公司) keeps its own key.
    """
    text = unicodedata.normalize("NFKC", name or "").casefold().strip()
    bare = _NOT_WORD.sub("", _LEGAL_FORMS.sub(" ", text.replace("分公司", "分部")))
    return bare or _NOT_WORD.sub("", text)
