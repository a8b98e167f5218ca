import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.card_number import ALPHABET, CardNumberWrong, make_card_number, parse_card_number, spaced

numbers = st.binary(min_size=5, max_size=5).map(make_card_number)


@given(numbers)
def test_a_number_read_aloud_in_threes_is_understood(number):
    assert parse_card_number(spaced(number).lower()) == number


@given(numbers, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(number, place, other):
    wrong = number[:place] + other + number[place + 1 :]
    if wrong == number:
        return
    with pytest.raises(CardNumberWrong):
        parse_card_number(wrong)


def test_nearly_all_swapped_neighbours_are_noticed():
    # The hybrid systems of ISO 7064 find all single errors, and nearly all swaps: about 13 of 10,000 go by.
    dice, swaps, missed = random.Random(7), 0, 0
    for _ in range(1000):
        number = make_card_number(dice.randbytes(5))
        for place in range(8):
            wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            swaps += wrong != number
            missed += wrong != number and _is_taken(wrong)
    assert missed <= swaps * 0.004, f"{missed} of {swaps}"


def _is_taken(text):
    try:
        parse_card_number(text)
    except CardNumberWrong:
        return False
    return True


@pytest.mark.parametrize("text", ["", "12345678", "1234567890", "ILOU0000A", "        "])
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(CardNumberWrong):
        parse_card_number(text)
