"""Makes `documents/templates/*.docx` anew; edits made in them by hand are lost, so name the ones to make.

python scripts/make_templates.py [paper …]
"""

import sys
from io import BytesIO
from pathlib import Path

from paper_templates import contest, contract, disposal, money, sitting

from documents.filling import settled

MAKERS = {
    "announcement": contest.announcement,
    "receipt": contest.receipt,
    "notice": contest.notice,
    "minutes": sitting.minutes,
    "contract": contract.contract,
    "amendment": money.amendment,
    "payment_order": money.payment_order,
    "closing": money.closing,
    "disposal": disposal.disposal,
}
INTO = Path(__file__).parent.parent / "documents" / "templates"


def main(names: list[str]) -> None:
    INTO.mkdir(exist_ok=True)
    for name in names or MAKERS:
        made = BytesIO()
        MAKERS[name]().docx.save(made)
        (INTO / f"{name}.docx").write_bytes(settled(made.getvalue()))


if __name__ == "__main__":
    main(sys.argv[1:])
