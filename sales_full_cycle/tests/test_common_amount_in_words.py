from odoo.tests.common import BaseCase

from ..models.common.amount_in_words import chinese_amount


class TestAmountInWords(BaseCase):

    def test_amounts(self):
        """S4.8: 大写金额, as banks and tax offices read it."""
        for amount, words in (
                (63200, "陆万叁仟贰佰元整"), (0, "零元整"), (10, "壹拾元整"), (100005, "壹拾万零伍元整"), (10500, "壹万零伍佰元整"),
                (105000, "壹拾万伍仟元整"), (100000005, "壹亿零伍元整"), (120300000000, "壹仟贰佰零叁亿元整"), (1.5, "壹元伍角整"), (1.05, "壹元零伍分"),
                (0.05, "伍分"), (0.5, "伍角整"), (1234.56, "壹仟贰佰叁拾肆元伍角陆分"), (-200, "负贰佰元整"), (19.99, "壹拾玖元玖角玖分"),
                (0.1 + 0.2, "叁角整")):
            self.assertEqual(chinese_amount(amount), words, amount)
