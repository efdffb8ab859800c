"""Profile pictures: what a person uploads is read once, and only pixels of it are kept."""

import io
import struct
import zlib

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from speakers.models import Profile

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP")
# What Pillow raises for files that are broken, cut off or something else.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)


class RefusedPicture(Exception):
    """Why a picture is not taken, fit to be shown."""


def square(upload: UploadedFile) -> ContentFile:
    """A WebP of 512 × 512 px, cut from the middle, upright, without any metadata.

    The kind is told by the content, never by the name; size and dimensions are refused before
    a pixel is decoded. Raises :class:`RefusedPicture`.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise RefusedPicture(_("This picture is larger than 5 MB."))
    try:
        picture = Image.open(upload, formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise RefusedPicture(_("This picture has more than 25 million pixels."))
        picture.draft("RGB", (SIDE * 2, SIDE * 2))  # a JPEG is decoded small at once
        return ContentFile(_encoded(ImageOps.exif_transpose(picture)))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise RefusedPicture(_("This picture has more than 25 million pixels.")) from error
    except UNREADABLE as error:
        raise RefusedPicture(_("Please choose a PNG, JPEG or WebP picture.")) from error


def replace(profile: Profile, content: ContentFile | None) -> None:
    """Save ``profile`` with another picture or with none; the file of the old one goes with it."""
    storage, old = profile.picture.storage, profile.picture.name
    with transaction.atomic():
        if content is None:
            profile.picture = ""
        else:
            profile.picture.save("picture.webp", content, save=False)
        profile.save()
        if old:
            transaction.on_commit(lambda: storage.delete(old))


def _encoded(picture: Image.Image) -> bytes:
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    fitted = ImageOps.fit(picture.convert(mode), (SIDE, SIDE), Image.Resampling.LANCZOS)
    # A new image holds the pixels and nothing else of what came with them.
    clean = Image.new(mode, fitted.size)
    clean.paste(fitted)
    target = io.BytesIO()
    clean.save(target, "WEBP", quality=82, method=4)
    return target.getvalue()
