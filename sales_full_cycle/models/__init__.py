from . import common
from . import step1_lead
from . import step2_customer
from . import step3_opportunity
from . import step4_contract
