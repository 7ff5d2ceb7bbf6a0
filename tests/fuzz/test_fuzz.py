"""A short run of each target, blind and always the same; `make fuzz` runs long. Below: bytes that once broke a reader."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.run import mutated
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

IN_CHILDREN = {"old_office", "xlsx_sheet", "xlsx_whole"}  # 0.15 s each: a few of them are enough here


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_and_what_they_change_into_get_a_verdict(target: str) -> None:
    chance, known = random.Random(target), [seed for seed in seeds(target) if len(seed) < 20_000]

    for seed in known:
        TARGETS[target](seed)
    for _ in range(8 if target in IN_CHILDREN else 60):
        TARGETS[target](mutated(chance.choice(known), chance))


@pytest.mark.parametrize("target", sorted(set(TARGETS) - IN_CHILDREN))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=400))
def test_any_bytes_get_a_verdict(target: str, data: bytes) -> None:
    TARGETS[target](data)
