from . import lead_capture
from . import sheet
from . import portal_proposal
from . import portal_instalments
from . import portal_minutes
from . import portal_contract
