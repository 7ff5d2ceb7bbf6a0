"""Each city's files hang together: people, commission, contest and applicants."""

import pytest

from cli.demo import cities
from rules import likeness
from schemas.customer import Role

LANGUAGES = {"ky", "ru", "en"}


@pytest.mark.parametrize("code", cities.CITIES)
def test_every_role_that_acts_for_the_customer_is_held_by_somebody(code):
    people = cities.load(code).raw["people"]
    held = {role for person in people for role in person["roles"]}

    assert {role.value for role in Role} >= held
    assert held >= {"head", "coordinator", "secretary", "finance", "lawyer", "council", "chair", "member"}
    assert len({person["login"] for person in people}) == len(people)


@pytest.mark.parametrize("code", cities.CITIES)
def test_the_commission_has_a_chair_officials_and_experts_and_one_member_with_a_relative_among_the_applicants(code):
    city = cities.load(code)
    members = city.raw["commission"]
    related = [member for member in members if member.get("relations")]
    relative = next(one for one in city.applicants if one.situation == "relative")
    told = {(each["kind"], each["value"]) for each in related[0]["relations"]}

    assert 5 <= len(members) <= 7
    assert [member["seat"] for member in members].count("chair") == 1
    assert sum(member["background"] == "expert" for member in members) >= 3
    assert {member["person"] for member in members} <= {person["login"] for person in city.raw["people"]}
    assert len(related) == 1
    assert ("address", relative.address) in told or ("phone", relative.phone) in told
    assert any(likeness.surname(value) == likeness.surname(relative.head) for kind, value in told if kind == "surname")


@pytest.mark.parametrize("code", cities.CITIES)
def test_all_that_is_published_is_in_three_languages_and_the_figures_are_said_to_be_invented(code):
    city = cities.load(code)
    contest = city.raw_contest
    texts = [contest["title"], contest["goal"], contest["problem"], contest["submit_to"], *contest["tasks"]]
    texts += [theme["title"] for theme in contest["themes"]]
    texts += [text for problem in city.raw["problems"] for text in (problem["title"], problem["description"])]
    texts += [city.name, city.city, city.raw["programme"]["title"]]

    assert all(set(text) == LANGUAGES and all(text.values()) for text in texts)
    assert all(problem["numbers_status"] == "invented for the demo" for problem in city.raw["problems"])


@pytest.mark.parametrize("code", cities.CITIES)
def test_one_problem_is_funded_and_the_contest_spends_what_the_programme_has(code):
    city = cities.load(code)
    contest = city.raw_contest

    assert [problem["funded"] for problem in city.raw["problems"]].count(True) == 1
    assert contest["budget_som"] == city.raw["programme"]["amount_som"]
    assert contest["awards"] == 1
    assert all(theme["ceiling_som"] <= contest["budget_som"] for theme in contest["themes"])
    assert city.announced_on < city.cutoff.date() < city.project_starts < city.project_ends


@pytest.mark.parametrize("code", cities.CITIES)
def test_only_who_is_meant_to_asks_for_more_than_the_ceiling(code):
    city = cities.load(code)
    ceilings = {theme["code"]: theme["ceiling_som"] for theme in city.raw_contest["themes"]}
    over = {one.situation for one in city.applicants if one.theme in ceilings and one.requested > ceilings[one.theme]}

    assert over <= {"over_ceiling"}


@pytest.mark.parametrize("code", cities.CITIES)
def test_numbers_of_organisations_are_well_formed_and_their_own(code):
    applicants = cities.load(code).applicants

    assert all(len(one.inn) == 14 and f"{one.registered_on:%d%m%Y}" == one.inn[1:9] for one in applicants)
    assert all(len(one.okpo) == 8 for one in applicants)
    for numbers in ({one.inn for one in applicants}, {one.registration_number for one in applicants}):
        assert len(numbers) == len(applicants)
