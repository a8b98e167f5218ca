import pytest

from domain.eligibility import MAX_CONDITIONS, MAX_DEPTH, Answer, Case, RuleRefused, compile_rule

OLD_AND_POOR = {
    "all": [
        {"ge": ["member.age", 60], "why": "age.from_60"},
        {"le": ["household.income_monthly_minor", 1_000_000], "why": "income.low"},
    ]
}


def ask(rule, household=None, member=None, members=()):
    return compile_rule(rule)(Case(household or {}, member or {}, list(members)))


def test_yes_when_every_condition_holds():
    outcome = ask(OLD_AND_POOR, {"income_monthly_minor": 5}, {"age": 60})
    assert outcome.answer is Answer.YES
    assert [reason.why for reason in outcome.reasons] == ["age.from_60", "income.low"]


def test_no_names_only_the_condition_that_decided():
    outcome = ask(OLD_AND_POOR, {}, {"age": 40})
    assert outcome.answer is Answer.NO
    assert [reason.why for reason in outcome.reasons] == ["age.from_60"]
    assert outcome.missing == ()


def test_unknown_names_the_question_to_ask():
    outcome = ask(OLD_AND_POOR, {}, {"age": 70})
    assert outcome.answer is Answer.UNKNOWN
    assert outcome.missing == ("household.income_monthly_minor",)


@pytest.mark.parametrize(
    ("left", "right", "all_of", "any_of"),
    [
        (True, True, "yes", "yes"),
        (True, False, "no", "yes"),
        (True, None, "unknown", "yes"),
        (False, False, "no", "no"),
        (False, None, "no", "unknown"),
        (None, None, "unknown", "unknown"),
    ],
)
def test_logic_is_kleenes(left, right, all_of, any_of):
    facts = {key: value for key, value in (("a", left), ("b", right)) if value is not None}
    parts = [{"eq": ["household.a", True]}, {"eq": ["household.b", True]}]
    for order in (parts, parts[::-1]):
        assert ask({"all": order}, facts).answer == all_of
        assert ask({"any": order}, facts).answer == any_of
        assert ask({"not": {"not": {"all": order}}}, facts).answer == all_of


def test_some_member_looks_at_each_member():
    rule = {"some_member": {"lt": ["member.age", 6]}}
    assert ask(rule, members=[{"age": 30}, {"age": 4}]).answer is Answer.YES
    assert ask(rule, members=[{"age": 30}, {"age": 9}]).answer is Answer.NO
    assert ask(rule, members=[{"age": 30}, {}]).answer is Answer.UNKNOWN
    assert ask(rule).answer is Answer.NO


def test_a_word_is_never_greater_than_a_number():
    assert ask({"ge": ["member.age", 60]}, member={"age": "old"}).answer is Answer.NO


def nested(depth):
    rule = {"eq": ["household.a", 1]}
    for _ in range(depth):
        rule = {"not": rule}
    return rule


@pytest.mark.parametrize(
    "rule",
    [
        None,
        [],
        {},
        {"all": []},
        {"all": "x"},
        {"exec": ["household.a", 1]},
        {"eq": ["a", 1]},
        {"eq": ["os.a", 1]},
        {"eq": ["household.", 1]},
        {"eq": ["household.a"]},
        {"eq": ["household.a", None]},
        {"eq": [1, 1]},
        {"in": ["household.a", "abc"]},
        {"in": ["household.a", [None]]},
        {"eq": ["household.a", 1], "ne": ["household.a", 1]},
        nested(MAX_DEPTH + 1),
        {"all": [{"eq": ["household.a", 1]}] * MAX_CONDITIONS},
    ],
    ids=str,
)
def test_what_is_not_a_rule_is_refused_when_loaded(rule):
    with pytest.raises(RuleRefused):
        compile_rule(rule)


def test_a_rule_at_the_limit_of_depth_works():
    assert ask(nested(MAX_DEPTH), {"a": 1}).answer is Answer.YES
