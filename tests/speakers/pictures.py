import io

from PIL import Image


def a_picture(kind: str, size=(64, 48), mode="RGB", **options) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, "teal").save(target, kind, **options)
    return target.getvalue()
