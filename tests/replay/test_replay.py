"""What was decided comes out again from the dossier alone; what was decided otherwise than the rules say is named."""

import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flows.replay
from cli.main import run
from documents.bag import bag
from flows.replay.decision import Verdict
from flows.replay.replay import Replay, replay
from flows.steps import dossier
from rules import packs
from schemas.errors import BadDossier
from schemas.event import Stream
from schemas.wording import knows, say
from storage.work import looking
from tests.offices import Desk
from tests.replay.dossiers import Body, Material, field, material

DECISIONS = {
    *("terms", "arrival", "cutoff", "cutoff_passed", "findings", "completeness", "cure", "cure_until", "eligibility"),
    *("seed", "routing", "score", "reviewer", "entitled", "quorum", "votes", "decision", "placing", "budget"),
    *("contract_sum", "contract_lines", "parts", "appeal_over", "signed_after", "plan", "parts_follow", "gate"),
    *("unmet", "paid_by", "paid_sum", "report_late", "figures", "report_remarks", "spent", "evaluation", "balance"),
}


def name_of(desk: Desk, number: int | None = None) -> tuple[str, str]:
    """Kind and public name of the contest, or of one of its cases."""
    row = desk.contest if number is None else desk.case(number)
    with looking(desk.office.engine, desk.office.system) as look:
        stream = look.get(Stream, row.stream_id)
    return stream.kind, stream.name


@pytest.fixture(scope="module")
def taken(played: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Material]:
    """Dossiers of the journey's end, each put together once."""
    made: dict[int | None, Material] = {}
    folder = tmp_path_factory.mktemp("taken")

    def of(number: int | None = None) -> Material:
        if number not in made:
            desk = played.desk("evaluated", folder / f"home{number}")
            made[number] = material(desk.office, *name_of(desk, number))
            desk.close()
        return made[number]

    return of


def different(told: Replay) -> set[tuple[str, str]]:
    return {(one.what, one.of.rpartition("/")[2]) for one in told.different}


def said(told: Replay) -> list[str]:
    """What did not come out, in full."""
    return [f"{one.act} {one.what} {one.about}: {one.recorded} / {one.recomputed}" for one in told.different]


class TestAContest:
    def test_every_decision_comes_out_the_same(self, taken: Callable[..., Material], tmp_path: Path):
        told = replay(taken().write(tmp_path / "contest.zip"))
        assert said(told) == []
        assert [one.what for one in told.unknown] == ["copies"] * len(told.unknown)
        assert {one.what for one in told.decisions} >= DECISIONS
        assert told.programs.keys() == {told.program}
        assert told.moves > 30

    def test_every_decision_by_rules_names_their_text(self, taken: Callable[..., Material]):
        [edition] = {one["pack"] for one in taken().bodies if one["pack"]}
        name, _, sha256 = edition.replace("@2017.1+", "+").partition("+")
        assert sha256 == hashlib.sha256((packs.FOLDER / f"{name}.toml").read_bytes()).hexdigest()

    def test_a_case_knows_all_but_what_the_others_decide(self, taken: Callable[..., Material], tmp_path: Path):
        told = replay(taken(1).write(tmp_path / "case.zip"))
        assert said(told) == []
        assert {one.why for one in told.unknown} <= {"contest", "copies"}
        assert {one.what for one in told.decisions if one.verdict is Verdict.SAME} >= {
            *("terms", "arrival", "findings", "completeness", "eligibility", "score", "quorum", "votes", "decision"),
            *("contract_sum", "parts", "appeal_over", "plan", "gate", "paid_by", "report_remarks", "evaluation"),
        }
        assert {one.what for one in told.unknown} >= {"entitled"}


class TestAsItIsTakenOut:
    def test_the_dossiers_that_the_head_takes_out(self, desk_at: Callable[..., Desk], tmp_path: Path):
        desk = desk_at("evaluated")
        whole = dossier.dossier(desk.office, desk.who("head"), desk.contest.stream_id, tmp_path / "contest.zip")
        told = replay(whole.path)
        assert (said(told), told.unknown) == ([], [])
        assert {one.what for one in told.decisions} >= DECISIONS
        case = dossier.dossier(desk.office, desk.who("head"), desk.case(1).stream_id, tmp_path / "case.zip")
        assert said(replay(case.path)) == []

    def test_an_applicants_own_says_what_he_does_not_see(self, desk_at: Callable[..., Desk], tmp_path: Path):
        desk = desk_at("decided")
        made = dossier.dossier(desk.office, desk.ngo(1), desk.case(1).stream_id, tmp_path / "case.zip")
        assert made.withheld > 0
        told = replay(made.path)
        assert said(told) == []
        assert {one.what for one in told.decisions if one.verdict is Verdict.SAME} >= {
            "arrival",
            "findings",
            "eligibility",
        }

    def test_a_certificate_has_next_to_nothing_to_decide_again(self, desk_at: Callable[..., Desk], tmp_path: Path):
        desk = desk_at("evaluated")
        made = dossier.certificate(desk.office, desk.who("head"), desk.contest.id, tmp_path / "closing.zip")
        told = replay(made.path)
        assert said(told) == []
        assert [(one.what, one.verdict) for one in told.decisions] == [
            ("composition", "same"),
            ("cutoff_passed", "same"),
        ]


def score(body: Body) -> None:
    field(body, "sheet", "total", 9999)


def refused(body: Body) -> None:
    """Admitted papers, and a refusal all the same."""
    body["act"] = "application:refuse"
    field(body, "application", "status", "refused")


def other_day(body: Body) -> None:
    field(body, "application", "cure_until", "2018-08-20")


def ordered(body: Body) -> None:
    """The gate held it, and the order was given all the same."""
    body["act"] = "tranche:order"
    field(body, "tranche", "status", "ordered")


def no_quorum(body: Body) -> None:
    field(body, "sitting", "present", next(one for one in body["changes"] if one["field"] == "present")["new"][:2])


def won(body: Body) -> None:
    """The second is made the winner."""
    body["act"] = "application:win"
    field(body, "application", "status", "winner")


def later(body: Body) -> None:
    next(one for one in body["changes"] if one["field"] == "due")["new"] = "2018-12-31"


def more(body: Body) -> None:
    field(body, "contract", "amount", 9_900_000)


def interested(body: Body) -> None:
    """Who said no had an interest; his vote was counted all the same."""
    field(body, "declaration", "conflict", True)


def late(body: Body) -> None:
    """It came a second after the cut-off."""
    body["facts"]["received"] = body["facts"]["cutoff"].replace(":00.000000Z", ":01.000000Z")


def drawn(body: Body) -> None:
    """Somebody else reviews it than was drawn."""
    body["facts"]["seed"] = 7


def judged(body: Body) -> None:
    told = next(one for one in body["changes"] if one["field"] == "evaluation")
    told["new"] = "unsatisfactory" if told["new"] != "unsatisfactory" else "successful"


def less(body: Body) -> None:
    field(body, "contract", "balance", 1)


def spent(body: Body) -> None:
    field(body, "contract", "spent", 1)


def clean(body: Body) -> None:
    """A variance was read, and no remark was written down."""
    field(body, "report", "remarks", [])


def by_others(body: Body) -> None:
    """The text of the rules was another one than the contest was announced under."""
    body["pack"] = body["pack"][:-1] + "x"


def by_none(body: Body) -> None:
    body["pack"] = ""


def by_another(body: Body) -> None:
    body["pack"] = "kg-999-1999@1"


def by_a_number(body: Body) -> None:
    body["pack"] = 5


def unasked(body: Body) -> None:
    """No appeal was pending, it is said, and one was."""
    body["facts"]["appeal"] = True


MUTANTS = [
    pytest.param("sheet:submit", score, {}, "score", id="a score"),
    pytest.param("application:qualify", refused, {}, "eligibility", id="a refusal without a ground"),
    pytest.param("application:admit", refused, {}, "completeness", id="complete and refused"),
    pytest.param("application:ask_for_more", other_day, {}, "cure_until", id="another last day"),
    pytest.param("sitting:open", no_quorum, {}, "quorum", id="no quorum"),
    pytest.param("application:reserve", won, {}, "placing", id="another winner"),
    pytest.param("contract:sign", later, {}, "plan", id="another day of a report"),
    pytest.param("contract:prepare", more, {}, "contract_sum", id="another sum"),
    pytest.param("tranche:hold", ordered, {}, "gate", id="paid against the gate"),
    pytest.param("conflict:declare", interested, {}, "votes", id="the vote of one with an interest"),
    pytest.param("application:receive", late, {}, "arrival", id="a late package"),
    pytest.param("contest:route", drawn, {}, "seed", id="another drawing"),
    pytest.param("contract:evaluate", judged, {}, "evaluation", id="another evaluation"),
    pytest.param("contract:evaluate", less, {}, "balance", id="another balance"),
    pytest.param("report:accept", spent, {}, "spent", id="another sum spent"),
    pytest.param("report:read", clean, {}, "report_remarks", id="a variance passed over"),
    pytest.param("tranche:order", unasked, {}, "appeal_pending", id="an appeal kept quiet"),
    pytest.param("application:admit", by_others, {}, "pack", id="another text of the rules"),
    pytest.param("application:admit", by_none, {}, "pack", id="no rules"),
    pytest.param("application:admit", by_another, {}, "pack", id="other rules"),
    pytest.param("application:admit", by_a_number, {}, "pack", id="rules that are none"),
    pytest.param("contest:draft", by_others, {}, "pack", id="another text at the draft"),
]


@pytest.mark.parametrize(("act", "change", "where", "what"), MUTANTS)
def test_what_was_decided_otherwise_is_named(
    taken: Callable[..., Material],
    tmp_path: Path,
    act: str,
    change: Callable[[Body], None],
    where: dict[str, Any],
    what: str,
):
    told = replay(taken().alter(change, act=act, **where).write(tmp_path / "altered.zip"))
    assert what in {one.what for one in told.different}


def test_a_case_alone_shows_the_vote_of_one_with_an_interest(taken: Callable[..., Material], tmp_path: Path):
    told = replay(taken(1).alter(interested, act="conflict:declare").write(tmp_path / "altered.zip"))
    assert {one.what for one in told.different} >= {"votes"}


class TestWhatCannotBeTold:
    def test_without_any_personal_value_the_winner_is_told_all_the_same(
        self, taken: Callable[..., Material], tmp_path: Path
    ):
        told = replay(taken().redact("").write(tmp_path / "redacted.zip"))
        assert said(told) == []
        assert {one.why for one in told.unknown} == {"redacted"}
        assert {one.what for one in told.decisions if one.verdict is Verdict.SAME} >= {
            *("arrival", "placing", "budget", "plan", "paid_by", "evaluation", "balance"),
        }

    def test_findings_of_papers_that_were_redacted(self, taken: Callable[..., Material], tmp_path: Path):
        told = replay(taken().redact("document.facts.new").write(tmp_path / "redacted.zip"))
        assert told.different == []
        lost = [one for one in told.unknown if one.why == "redacted"]
        assert {(one.act, one.facts["field"]) for one in lost} >= {
            ("application:admit", "facts"),
            ("report:read", "facts"),
        }
        assert {one.what for one in told.decisions if one.verdict is Verdict.SAME} >= {"placing", "votes", "gate"}

    def test_routing_needs_no_name_of_an_applicants_head_once_all_have_declared(
        self, taken: Callable[..., Material], tmp_path: Path
    ):
        told = replay(taken().redact("organisation.head.new").write(tmp_path / "redacted.zip"))
        assert said(told) == []
        assert {one.why for one in told.unknown} <= {"copies"}

    def test_a_pack_or_a_calendar_that_is_not_there(self, taken: Callable[..., Material], tmp_path: Path):
        whole = taken(1)
        bare = replay(whole.without_packs().write(tmp_path / "bare.zip"))
        assert {one.why for one in bare.unknown} >= {"pack"}
        assert "findings" not in {one.what for one in bare.decisions}

        def another(body: Body) -> None:
            body["facts"]["calendar"] = "0" * 64

        old = replay(whole.alter(another, act="contract:sign").write(tmp_path / "old.zip"))
        assert ("calendar", "0" * 64) in {(one.why, one.facts.get("sha256")) for one in old.unknown}

    def test_another_program_is_named(self, taken: Callable[..., Material], tmp_path: Path):
        def another(body: Body) -> None:
            body["facts"]["program"] = "0.0.9+000000000000"

        told = replay(taken(1).alter(another, act="contract:sign").write(tmp_path / "old.zip"))
        assert told.programs["0.0.9+000000000000"] == 1


class TestTheDossierItself:
    @pytest.mark.parametrize(
        ("member", "old", "new"),
        [
            pytest.param("data/events.jsonl", b'"act":"item:decide"', b'"act":"item:vote"', id="an event"),
            pytest.param("data/disclosures.jsonl", b'"value":"', b'"value":"x', id="a personal value"),
            pytest.param("data/checkpoint.txt", b"test\n", b"best\n", id="the checkpoint"),
            pytest.param("data/about.json", b'"kind":"case"', b'"kind":"contest"', id="what it is of"),
        ],
    )
    def test_what_does_not_hold_is_not_replayed(
        self, taken: Callable[..., Material], tmp_path: Path, member: str, old: bytes, new: bytes
    ):
        path = rewritten(taken(1).write(tmp_path / "whole.zip"), tmp_path / "forged.zip", member, old, new)
        with pytest.raises(BadDossier):
            replay(path)

    def test_what_is_no_dossier_is_refused(self, tmp_path: Path):
        path = tmp_path / "letter.zip"
        path.write_bytes(b"no zip")
        with pytest.raises(BadDossier):
            replay(path)


def rewritten(source: Path, target: Path, member: str, old: bytes, new: bytes) -> Path:
    """The same zip with one member changed and its manifests made to fit."""
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[member]
    parts[member] = parts[member].replace(old, new)
    with bag(target) as filling:
        for name, content in parts.items():
            if name != "bagit.txt" and "manifest" not in name:
                filling.add(name, content)
    return target


class TestTheCommand:
    @pytest.mark.parametrize("language", ["ky", "ru", "en"])
    def test_it_says_what_differs_in_words(
        self,
        taken: Callable[..., Material],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        language: str,
    ):
        monkeypatch.setenv("COLUMNS", "200")
        path = taken().alter(score, act="sheet:submit").write(tmp_path / "altered.zip")
        assert run(["--language", language, "--home", str(tmp_path), "audit", "replay", str(path)]) == 1
        out = capsys.readouterr().out
        assert say("replay.verdict.different", language).split()[0] in out
        assert "⟨" not in out
        assert "replay." not in out

    def test_all_of_it_as_json_and_zero_where_all_is_the_same(
        self, taken: Callable[..., Material], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        path = taken().write(tmp_path / "contest.zip")
        assert run(["--json", "--home", str(tmp_path), "audit", "replay", str(path)]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["different"], told["kind"]) == (0, "contest")
        assert len(told["decisions"]) == told["same"] + told["unknown"]
        assert {one["verdict"] for one in told["decisions"]} <= {"same", "cannot_tell"}
        assert not (tmp_path / "ashar.db").exists()

    def test_every_decision_has_its_words(self):
        source = "".join(path.read_text() for path in Path(flows.replay.__file__).parent.glob("*.py"))
        names = re.findall(r"(?:Compared|Unknown)\(\s*\"([a-z_]+)\"", source)
        whys = re.findall(r"CannotTell\(\s*\"([a-z_]+)\"", source)
        assert len(names) > 40
        assert [one for one in names if not knows(f"replay.{one}")] == []
        assert [one for one in whys if not knows(f"replay.why.{one}")] == []
