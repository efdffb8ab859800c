"""Uploads that try to be something else."""

import io
import random
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from speakers import pictures
from tests.speakers.pictures import a_picture


def square(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(pictures.square(SimpleUploadedFile("me", content)).read()))


def png(width, height):
    """A PNG that promises many pixels in 60 bytes."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )  # fmt: skip

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(64, 48), (1, 900), (1200, 700)])
def test_picture_becomes_a_square_webp(kind, size):
    picture = square(a_picture(kind, size))
    assert (picture.format, picture.size) == ("WEBP", (512, 512))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode):
    source = io.BytesIO()
    Image.new(mode, (9, 9)).save(source, "PNG")
    assert square(source.getvalue()).size == (512, 512)


def test_transparency_is_kept():
    source = io.BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(source, "PNG")
    assert square(source.getvalue()).mode == "RGBA"


def test_place_and_camera_are_removed_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[2] = (50.0, 44.0, 0.0)
    source = Image.new("RGB", (600, 600), "white")
    source.paste("black", (0, 0, 600, 300))
    target = io.BytesIO()
    source.save(target, "JPEG", exif=exif)
    picture = square(target.getvalue())
    assert not picture.getexif()
    assert "exif" not in picture.info
    assert picture.getpixel((500, 256))[0] < 20  # the dark half is on the right now
    assert picture.getpixel((10, 256))[0] > 235


@pytest.mark.parametrize(("width", "height"), [(6000, 5000), (50_000, 50_000), (2**31 - 1, 1)])
def test_bomb_is_refused_before_it_is_decoded(width, height):
    with pytest.raises(pictures.RefusedPicture, match="25"):
        square(png(width, height))


def test_large_file_is_refused_unread():
    upload = SimpleUploadedFile("me.png", b"")
    upload.size = pictures.MAX_BYTES + 1
    with pytest.raises(pictures.RefusedPicture, match="5"):
        pictures.square(upload)


def gif():
    return a_picture("GIF")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<html><script>alert(1)</script>",
        b"GIF89a/*\x01\x00\x01\x00*/=1;alert(1)",
        gif(),
        b"%PDF-1.7",
        a_picture("PNG")[:60],
        a_picture("JPEG")[:200],
        a_picture("WEBP")[:30],
    ],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(pictures.RefusedPicture):
        square(content)


def test_polyglot_keeps_its_pixels_only():
    script = b"<script>alert(1)</script>"
    kept = pictures.square(SimpleUploadedFile("me", a_picture("JPEG", comment=script) + script))
    assert b"script" not in kept.read()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_broken_files_are_refused_or_taken_never_an_error(kind):
    chance = random.Random(15)
    whole = a_picture(kind, (40, 40))
    for _turn in range(150):
        broken = bytearray(whole)
        for _byte in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            assert square(bytes(broken)).size == (512, 512)
        except pictures.RefusedPicture:
            continue
