"""Brings verify.html into line: the words of verify.py, and the hashes that let its own script and style run and no other."""

import base64
import hashlib
import re
from pathlib import Path

VERIFIERS = Path(__file__).parents[1] / "documents" / "verifiers"


def words() -> str:
    """The sentences of both verifiers, as verify.py has them."""
    return _part(r'WORDS = """\n(.*?)\n"""', (VERIFIERS / "verify.py").read_text(encoding="utf-8"))


def sealed(page: str) -> str:
    """The page with these words, and a policy of its own bytes."""
    own = _part(r'id="words">\n(.*?)\ntitle\|', page)
    page = page.replace(own, words())
    for kind in ("style", "script"):
        digest = hashlib.sha256(_part(rf"<{kind}>(.*?)</{kind}>", page).encode()).digest()
        page = re.sub(rf"{kind}-src '[^']*'", f"{kind}-src 'sha256-{base64.b64encode(digest).decode()}'", page)
    return page


def _part(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    if found is None:
        raise LookupError(pattern)
    return found[1]


if __name__ == "__main__":
    file = VERIFIERS / "verify.html"
    file.write_text(sealed(file.read_text(encoding="utf-8")), encoding="utf-8")
