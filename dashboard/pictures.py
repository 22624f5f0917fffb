"""Uploaded pictures, made harmless: read by their content, drawn anew as PNG (nothing else of the file is kept)."""

from __future__ import annotations

import io

from dashboard.errors import N_, InvalidInput

#: Largest file, in bytes, and largest picture, in pixels: a small file can unfold into a huge picture.
MAX_FILE = 2 * 1024 * 1024
MAX_PIXELS = 25_000_000

#: What a logo is reduced to, in pixels: sharp at the size in which a paper shows it.
LARGEST = (1200, 600)

_NO_PICTURE = N_("The file must be a PNG or JPEG picture. Its content is something else, whatever its name.")


def logo_of(content: bytes) -> bytes:
    """The picture in a file as PNG on white, reduced to what a paper needs; the same file gives the same bytes.

    Raises:
        InvalidInput: if the file is too large, no whole PNG or JPEG, or of too many pixels.
    """
    from PIL import Image, ImageOps  # a tenth of a second, and few need it

    if len(content) > MAX_FILE:
        raise InvalidInput(N_("The file is larger than 2 MB."))
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise InvalidInput(N_("The picture is too large. Please make it smaller than 5,000 by 5,000 pixels."))
            drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    except InvalidInput:
        raise
    except Exception as error:  # a damaged file fails in many ways
        raise InvalidInput(_NO_PICTURE) from error
    drawn.thumbnail(LARGEST)
    white = Image.new("RGB", drawn.size, "white")
    white.paste(drawn, mask=drawn.getchannel("A"))
    target = io.BytesIO()
    white.save(target, "PNG", optimize=True)
    return target.getvalue()


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a picture that was kept, in pixels."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        return picture.size
