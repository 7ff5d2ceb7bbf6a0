"""Draws docs/journey.svg: the sixteen stages and the trail beneath them, words from the catalogs, facts from the table.

Who acts and what comes of it is read from `rules/lifecycle.py`; only the place of an act among the stages stands here.
`scripts/make_docs.py` writes it with the other documents that are made from code.
"""

from html import escape
from typing import NamedTuple

from rules import lifecycle
from schemas.event import Act
from schemas.wording import STAGES, say

WIDTH, CARD, HIGH, GAP, FALL, TOP, LEFT = 1060, 226, 190, 28, 46, 104, 36
PANEL, LINE, INK, SOFT, ROAD = "#fbf9f4", "#d9d2c3", "#20303f", "#566472", "#c9bfa8"
FONT = "'PT Sans', 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', 'DejaVu Sans', sans-serif"


class Phase(NamedTuple):
    """One row of the drawing."""

    color: str
    pale: str


PHASES = (
    Phase("#2f6f4f", "#e4efe6"),
    Phase("#2a5f93", "#e2ebf4"),
    Phase("#8a4b2d", "#f5e8df"),
    Phase("#6a4a86", "#ece5f2"),
)
# Which acts of the table belong to which stage; an act that is in none makes `missing` speak.
ACTS: dict[str, str] = {
    "problems": "problem:propose problem:prioritise problem:fund problem:shelve",
    "programme": "programme:draft programme:approve",
    "commission": "contest:draft member:appoint member:release",
    "announcement": "contest:announce contest:cancel",
    "intake": "application:receive application:turn_away application:inspect application:recognise application:withdraw contest:close "
    "application:open",
    "completeness": "application:ask_for_more application:cure application:admit application:refuse",
    "eligibility": "application:qualify finding:override",
    "routing": "conflict:declare contest:route application:assign assignment:decline",
    "review": "sheet:submit",
    "sitting": "sitting:convene sitting:open item:vote item:decide sitting:close",
    "publication": "minutes:draft minutes:sign contest:decide application:win application:reserve "
    "application:pass_over contest:publish",
    "appeal": "appeal:lodge appeal:decide",
    "contracting": "contract:prepare contract:plan contract:draft contract:sign contract:amend contract:terminate",
    "tranches": "tranche:hold tranche:lift tranche:order tranche:pay",
    "monitoring": "period:open period:remind period:extend period:pause period:resume report:receive report:read report:return report:refuse variance:explain "
    "report:accept visit:record mend:remind mend:tell mend:accept mend:return mend:waive parcel:take parcel:file parcel:set_aside",
    "closing": "contract:evaluate balance:remind balance:return contract:close contest:finish",
}
# What a stage is about where its acts touch several nouns: that noun's statuses are shown.
NOUNS = {
    "commission": "contest",
    "announcement": "contest",
    "intake": "application",
    "completeness": "application",
    "eligibility": "application",
    "routing": "application",
    "review": "assignment",
    "sitting": "item",
    "publication": "application",
    "appeal": "appeal",
    "contracting": "contract",
    "monitoring": "period",
    "closing": "contract",
}
SHORT = {"head of the customer": "head", "secretary of the commission": "secretary", "chair of the commission": "chair"}
SHORT |= {"member of the commission": "member", "finance officer": "finance", "city council": "council"}


def missing() -> list[str]:
    """Acts of the journey's table that have no stage, and stages without a card."""
    placed = {Act(word) for words in ACTS.values() for word in words.split()}
    # a legal hold is of no stage: it may come at any
    lost = {row.act.value for row in lifecycle.TABLE if row.act not in placed and row.noun != "legalhold"}
    return sorted(lost | (set(STAGES) - set(ACTS) - {"audit"}))


def facts(stage: str) -> tuple[str, str]:
    """Who acts in a stage and what may come of it, in English."""
    acts = {Act(word) for word in ACTS[stage].split()}
    rows = [row for row in lifecycle.TABLE if row.act in acts]
    roles = dict.fromkeys(role for row in rows for role in row.who)
    people = [say(f"role.{role.value}", "en") for role in roles if role.value != "system"]
    who = [SHORT.get(one, one) for one in people] + ["system" for role in roles if role.value == "system"]
    noun = NOUNS.get(stage, rows[0].noun)
    ends = dict.fromkeys(str(end) for row in rows if row.noun == noun for end in row.ends)
    return ", ".join(who), ", ".join(say(f"status.{noun}.{end}", "en") for end in ends)


def wrapped(text: str, wide: float, size: float) -> list[str]:
    """Lines of a text that fit into `wide` units at this size."""
    most = int(wide / (size * 0.49))
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) > most and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def words(x: float, y: float, text: str, size: float, fill: str, *, bold: bool = False, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}"{weight}{anchor}>{escape(text)}</text>'


def place(index: int) -> tuple[int, int]:
    """Left upper corner of a stage's card: the road turns at the end of each row."""
    row, column = divmod(index, 4)
    column = column if row % 2 == 0 else 3 - column
    return LEFT + column * (CARD + GAP), TOP + row * (HIGH + FALL)


def card(index: int, stage: str) -> list[str]:
    x, y = place(index)
    phase = PHASES[index // 4]
    who, ends = facts(stage)
    out = [
        f'<rect x="{x}" y="{y}" width="{CARD}" height="{HIGH}" rx="14" fill="#ffffff" stroke="{LINE}"/>',
        f'<path d="M{x} {y + 14}a14 14 0 0 1 14 -14h{CARD - 28}a14 14 0 0 1 14 14v2h-{CARD}z" fill="{phase.color}"/>',
        f'<circle cx="{x + 30}" cy="{y + 44}" r="17" fill="{phase.pale}" stroke="{phase.color}" stroke-width="1.5"/>',
        words(x + 30, y + 50, str(index + 1), 17, phase.color, bold=True, middle=True),
    ]
    title = wrapped(say(f"stage.{stage}", "en"), CARD - 68, 18)
    at = y + (50 if len(title) == 1 else 41)
    for line in title:
        out.append(words(x + 56, at, line[0].upper() + line[1:] if line is title[0] else line, 18, INK, bold=True))
        at += 20
    at = y + 84
    kyrgyz = say(f"stage.{stage}", "ky")
    for line in wrapped(kyrgyz[0].upper() + kyrgyz[1:], CARD - 28, 15):
        out.append(words(x + 16, at, line, 15, phase.color))
        at += 18
    at = max(at + 4, y + 112)
    for line in wrapped(who, CARD - 28, 13.5):
        out.append(words(x + 16, at, line, 13.5, SOFT))
        at += 17
    for number, line in enumerate(wrapped(f"→ {ends}" if ends else "", CARD - 28, 13.5)):
        out.append(words(x + 16 + (14 if number else 0), at + 4, line, 13.5, INK))
        at += 17
    return out


def road() -> list[str]:
    """The path from card to card, and the way back of an appeal that is upheld."""
    out: list[str] = []
    for row in range(4):
        y = TOP + row * (HIGH + FALL) + 44
        out.append(f'<path d="M{LEFT + 20} {y}H{LEFT + 4 * CARD + 3 * GAP - 20}" stroke="{ROAD}" stroke-width="7"/>')
    for index in range(1, len(STAGES) - 1):
        (x, y), (was, _) = place(index), place(index - 1)
        if index % 4 == 0:
            side, turn = (x + CARD, 1) if index // 4 % 2 else (x, -1)
            high = HIGH + FALL
            out.append(
                f'<path d="M{side} {y - high + 44}c{turn * 34} 0 {turn * 34} {high} {turn * 10} {high}" '
                f'stroke="{ROAD}" stroke-width="7" fill="none"/>'
            )
            out.append(head(side + turn * 3, y + 44, -turn))
        else:
            out.append(head(x - 4 if x > was else x + CARD + 4, y + 44, 1 if x > was else -1))
    (x, y), (end, _) = place(8), place(11)
    out.append(
        f'<path d="M{end + 60} {y}C{end + 30} {y - 44} {x + CARD - 30} {y - 44} {x + CARD - 54} {y - 5}" '
        f'stroke="{PHASES[2].color}" stroke-width="2" stroke-dasharray="6 5" fill="none"/>'
    )
    out.append(
        f'<path d="M{x + CARD - 61} {y - 13}l4 12l10 -7.5z" fill="{PHASES[2].color}"/>'  # the arrow's point
    )
    out.append(words((x + CARD + end) / 2, y - 14, "upheld: reviewed again", 13, PHASES[2].color, middle=True))
    return out


def head(x: float, y: float, way: int) -> str:
    """An arrow's point at x that points right (1) or left (-1)."""
    return f'<path d="M{x} {y}l{-14 * way} -10v20z" fill="#a3977c"/>'


def svg() -> str:
    """The drawing."""
    if lost := missing():
        raise LookupError(f"no stage for: {', '.join(lost)}")
    below = TOP + 4 * HIGH + 3 * FALL + 30
    high = below + 92 + 28
    body = [
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{high - 2}" rx="22" fill="{PANEL}" stroke="{LINE}"/>',
        words(LEFT, 50, "The journey of a state social order", 27, INK, bold=True),
        words(LEFT, 77, "Мамлекеттик социалдык заказдын жолу: көйгөйдөн жабылган долбоорго чейин", 16, SOFT),
        *road(),
    ]
    for index, stage in enumerate(one for one in STAGES if one != "audit"):
        body += card(index, stage)
    wide = WIDTH - 2 * LEFT
    body += [
        f'<rect x="{LEFT}" y="{below}" width="{wide}" height="92" rx="14" fill="{INK}"/>',
        words(LEFT + 24, below + 38, f"Beneath every step: the {say('stage.audit', 'en')}", 19, "#ffffff", bold=True),
        words(LEFT + 24, below + 66, "who, when, on what ground, under which version of the rules", 15, "#cfd8e0"),
        words(LEFT + 560, below + 38, say("stage.audit", "ky").capitalize(), 17, "#ffffff"),
        words(LEFT + 560, below + 66, "ким, качан, кайсы негизде, эреженин кайсы версиясында", 15, "#cfd8e0"),
    ]
    label = "Sixteen stages from a priority problem to a closed project, each with who acts and what may come of it"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}" role="img" aria-label="{label}" '
        f'font-family="{FONT}">\n' + "\n".join(body) + "\n</svg>\n"
    )
