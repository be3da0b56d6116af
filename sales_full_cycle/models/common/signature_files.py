"""What people hand in when they sign: a drawn name, or pages of a sealed copy. Plain functions; the content decides what a file is, never its name.

What is wrong is raised as `BadFile` with a key; who asked says it in words.
"""
import base64
import binascii
import io

from PIL import Image

from odoo.tools.pdf import PdfFileReader, PdfReadError, merge_pdf

MAX_DRAWING_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 40_000_000  # a phone's camera makes less
MAX_COPY_BYTES = 20 * 1024 * 1024
MAX_COPY_FILES = 30
WHITE = 250  # of 255: paper is not always quite white
MIMETYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
STARTS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}


class BadFile(Exception):
    """`key`: missing, empty, invalid, too_large, too_many, wrong_type."""

    def __init__(self, key, name=""):
        super().__init__(key)
        self.key, self.name = key, name


def drawn_signature(data):
    """The drawing as base64, as the field takes it; `data` is what a browser posts.

    :raises BadFile: nothing, nothing drawn, no picture, or too large
    """
    if not data:
        raise BadFile("missing")
    try:
        text = data if isinstance(data, bytes) else data.encode("ascii")
        if len(text) > MAX_DRAWING_BYTES * 4 / 3:
            raise BadFile("too_large")
        content = base64.b64decode(text, validate=True)
    except (AttributeError, UnicodeEncodeError, binascii.Error) as error:
        raise BadFile("invalid") from error
    if _is_blank(_picture(content)):
        raise BadFile("empty")
    return base64.b64encode(content)


def _picture(content, name=""):
    """An opened picture of bearable size."""
    try:
        image = Image.open(io.BytesIO(content))
        if image.width * image.height > MAX_PIXELS:
            raise BadFile("too_large", name)
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:  # what Pillow raises for broken files
        raise BadFile("invalid", name) from error
    return image


def _is_blank(image):
    """Nothing but paper: transparent or white everywhere."""
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    paper.alpha_composite(layer)
    return paper.convert("L").getextrema()[0] >= WHITE


def kind_of(content):
    """pdf, jpg or png by the first bytes; None for anything else."""
    return next((kind for start, kind in STARTS.items() if content.startswith(start)), None)


def check_file(name, content):
    """The MIME type of one handed-in file.

    :raises BadFile: empty, too large, neither PDF nor JPG nor PNG, or broken
    """
    if not content:
        raise BadFile("empty", name)
    if len(content) > MAX_COPY_BYTES:
        raise BadFile("too_large", name)
    kind = kind_of(content)
    if not kind:
        raise BadFile("wrong_type", name)
    if kind == "pdf":
        _check_pdf(name, content)
    else:
        _picture(content, name)
    return MIMETYPES[kind]


def _check_pdf(name, content):
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        if reader.isEncrypted or not reader.getNumPages():
            raise BadFile("invalid", name)
    except (PdfReadError, OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:  # what broken PDFs make it raise
        raise BadFile("invalid", name) from error


def signed_copy(files):
    """One PDF of the files [(name, content)] in their order; a single PDF stays byte for byte what it is.

    :raises BadFile: see check_file; or no file, or too many
    """
    if not files:
        raise BadFile("missing")
    if len(files) > MAX_COPY_FILES:
        raise BadFile("too_many")
    if sum(len(content or b"") for _name, content in files) > MAX_COPY_BYTES:
        raise BadFile("too_large")
    pages = []
    for name, content in files:
        mimetype = check_file(name, content)
        pages.append(content if mimetype == MIMETYPES["pdf"] else _page_of(_picture(content, name)))
    return pages[0] if len(pages) == 1 else merge_pdf(pages)


def _page_of(image):
    """A PDF page with the picture, at most A4 wide."""
    page = io.BytesIO()
    image.convert("RGB").save(page, "PDF", resolution=max(72.0, image.width / 8.27))
    return page.getvalue()
