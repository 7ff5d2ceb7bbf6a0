"""What other tests play of troubles comes out the same: appeals, winners who leave, amendments, returned reports, cures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.replay.replay import replay
from tests.committee import test_after_results as after_results
from tests.completeness import test_refusals as checking
from tests.contracting import test_plan as planning
from tests.monitoring import test_gate as gate
from tests.monitoring import test_judging as judging
from tests.monitoring import test_ladder as ladder
from tests.monitoring import test_reading as reading
from tests.offices import Desk
from tests.replay.dossiers import material
from tests.replay.test_replay import name_of

Open = Callable[..., Desk]
MODULES = (after_results, checking)
CHOSEN: dict[Any, tuple[str, ...]] = {
    planning: ("who_signs_late", "another_sum", "accepted_periods", "what_the_sum_grows_by"),
    gate: ("only_what_the_pack_lets_be_lifted", "a_longer_term"),
    judging: ("only_the_named_part", "a_refused_report"),
    reading: ("rounds_that_were_returned", "a_returned_report_brings"),
    ladder: ("while_paused", "a_returned_report_has_a_term"),
}


def scenarios() -> Iterator[Any]:
    """Tests that need nothing but an office at a stage."""
    for module in (*MODULES, *CHOSEN):
        names = [name for name in vars(module) if name.startswith("test_")]
        for name in names:
            mine = name.removeprefix("test_").startswith(CHOSEN.get(module, ("",)))
            play = getattr(module, name)
            if mine and play.__code__.co_varnames[: play.__code__.co_argcount] == ("desk_at",):
                yield pytest.param(play, id=name)


@pytest.mark.parametrize("play", list(scenarios()))
def test_what_was_played_comes_out_the_same(play: Callable[[Open], None], desk_at: Open, tmp_path: Path):
    opened: list[Desk] = []

    def at(stage: str, **settings: Any) -> Desk:
        opened.append(desk_at(stage, **settings))
        return opened[-1]

    play(at)

    for number, desk in enumerate(opened):
        told = replay(material(desk.office, *name_of(desk)).write(tmp_path / f"{number}.zip"))
        assert [(one.act, one.what, one.recorded, one.recomputed) for one in told.different] == []
        assert [(one.act, one.what, one.why) for one in told.unknown if one.why != "copies"] == []
