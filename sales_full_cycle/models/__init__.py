from . import common
from . import step1_lead
