"""Zip files whose bytes depend on names and contents only."""

import re
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO

_SAVED = (2018, 7, 20, 10, 30, 0)
_DATED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def zipped(entries: Iterable[tuple[str, bytes]], *, level: int = 4) -> bytes:
    """A zip of these files; a name may lead outside, as in a hostile one."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, _SAVED)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def settled(office: bytes, replace: Mapping[str, bytes] | None = None) -> bytes:
    """An Office file without the moment of its saving; `replace` gives other contents for some of its parts."""
    new = replace or {}
    with zipfile.ZipFile(BytesIO(office)) as archive:
        parts = [(name, new.get(name) or archive.read(name)) for name in archive.namelist()]
    return zipped(
        (name, _DATED.sub(rb"\g<1>2018-07-20T10:30:00Z\g<2>", part) if "core.xml" in name else part)
        for name, part in parts
    )
