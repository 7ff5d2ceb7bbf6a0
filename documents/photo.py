"""When a photograph was taken, as its camera wrote it. A camera may be wrong and names no time zone."""

import struct
from datetime import datetime

from PIL import Image

_CAMERA = 0x8769  # the part of EXIF that the camera writes
_TAKEN, _DIGITISED, _WRITTEN = 0x9003, 0x9004, 0x0132
_BROKEN = (ValueError, KeyError, TypeError, IndexError, OSError, SyntaxError, struct.error, OverflowError)


def taken_on(picture: Image.Image) -> str:
    """The day of a photograph, ISO; empty where none is written or it is none."""
    try:
        whole = picture.getexif()
        camera = whole.get_ifd(_CAMERA)
        told = camera.get(_TAKEN) or camera.get(_DIGITISED) or whole.get(_WRITTEN)
        return datetime.strptime(str(told or "")[:19], "%Y:%m:%d %H:%M:%S").date().isoformat()  # noqa: DTZ007
    except _BROKEN:
        return ""
