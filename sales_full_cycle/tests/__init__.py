from . import test_common_scoring
from . import test_common_sla
