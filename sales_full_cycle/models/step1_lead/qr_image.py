"""QR codes as PNG. Odoo's own barcode() needs reportlab's renderPM, which is a package of its own and often missing."""
import io

from PIL import Image
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

BORDER = 4  # empty modules around the code that readers need


def png(text, size=600):
    """PNG of about `size` pixels with the text, readable with 15 % of it damaged."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    modules = range(code.getModuleCount())
    side = len(modules) + 2 * BORDER
    image = Image.new("1", (side, side), 1)
    for row in modules:
        for column in modules:
            image.putpixel((column + BORDER, row + BORDER), 0 if code.isDark(row, column) else 1)
    scale = max(1, size // side)
    output = io.BytesIO()
    image.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(output, "PNG")
    return output.getvalue()
