from . import test_common_numbers_and_steps
from . import test_common_scoring
from . import test_common_sla
from . import test_step1_assignment
from . import test_step1_duplicates
from . import test_step1_roles
from . import test_step1_screening
