from . import lead_capture
from . import sheet
