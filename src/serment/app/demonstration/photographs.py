"""Photographs as a telephone takes them: drawn skin or a sheet on a desk, with place and orientation in the EXIF.

The tell-tale EXIF is there on purpose: a demonstration must show that it does not survive filing (WEB-06).
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw, ImageFilter

Picture = NDArray[np.floating[Any]]

_WIDTH, _HEIGHT = 1024, 768
_TURNED_RIGHT = 6  # EXIF orientation: the viewer must turn the picture a quarter to the right.
_QUALITY = 88
_MILLIMETRE = 12  # pixels


@dataclass(frozen=True)
class Shot:
    """When and by which chance a photograph is taken; `scale` is the size of the lesion, 1.0 at first sight."""

    taken_at: datetime
    seed: int
    scale: float = 1.0


def leg_ulcer(shot: Shot) -> bytes:
    """Return a photograph of a healing leg ulcer with its paper ruler."""
    chance = np.random.default_rng(shot.seed)
    skin = _skin(chance, (196, 148, 124))
    distance = _blob(chance, 240 * shot.scale, 180 * shot.scale, 0.22)
    halo = np.clip(1.55 - distance, 0, 1) * 0.8
    skin = _mix(skin, (158, 84, 76), halo)
    bed = np.clip((1.0 - distance) * 14, 0, 1)
    grain = _clouds(chance, 70) * 0.5 + _clouds(chance, 220) * 0.5
    wound = _mix(np.zeros_like(skin) + np.array((142, 30, 32), np.float32), (196, 62, 56), grain)
    fibrin = np.clip((_clouds(chance, 9) - 0.56) * 7, 0, 1) * min(1.0, shot.scale)
    wound = _mix(wound, (206, 172, 98), fibrin * 0.85)
    shine = np.clip((_clouds(chance, 170) - 0.80) * 5, 0, 1)
    wound = _mix(wound, (255, 225, 215), shine * 0.4)
    skin = skin * (1 - bed[..., None]) + wound * bed[..., None]
    rim = np.exp(-(((distance - 1.03) / 0.035) ** 2))
    return _jpeg(_with_ruler(_mix(skin, (226, 178, 168), rim * 0.7), chance), shot)


def mole(shot: Shot) -> bytes:
    """Return a close photograph of a pigmented lesion with its paper ruler."""
    chance = np.random.default_rng(shot.seed)
    skin = _skin(chance, (221, 178, 152))
    distance = _blob(chance, 102 * shot.scale, 86 * shot.scale, 0.13)
    inside = np.clip((1.0 - distance) * 6, 0, 1)
    depth = np.clip(1 - distance, 0, 1) * 0.7 + _clouds(chance, 26) * 0.45
    brown = _mix(
        np.zeros_like(skin) + np.array((156, 104, 72), np.float32), (66, 38, 28), np.clip(depth, 0, 1)
    )
    net = np.abs(np.sin(_clouds(chance, 40) * 38)) * 0.14
    brown = brown * (1 - net[..., None])
    skin = skin * (1 - inside[..., None]) + brown * inside[..., None]
    return _jpeg(_with_ruler(_with_hairs(skin, chance), chance), shot)


def rash(shot: Shot) -> bytes:
    """Return a photograph of a scattered red rash."""
    chance = np.random.default_rng(shot.seed)
    skin = _skin(chance, (228, 186, 164))
    spots = np.clip((_clouds(chance, 54) - 0.74) * 4, 0, 1) * np.clip(_clouds(chance, 4) * 1.8 - 0.3, 0, 1)
    return _jpeg(_mix(skin, (204, 92, 84), spots * 0.8 * shot.scale), shot)


def sheet_on_desk(page_png: Callable[[], bytes]) -> Callable[[Shot], bytes]:
    """Return how to photograph the page that `page_png` prints, laid askew on a wooden desk."""

    def take(shot: Shot) -> bytes:
        chance = np.random.default_rng(shot.seed)
        page = Image.open(io.BytesIO(page_png())).convert("RGB")
        return _jpeg(_lay(page, chance), shot)

    return take


def _lay(page: Image.Image, chance: np.random.Generator) -> Picture:
    """Place a page on wood, seen a little from the side, lit from one corner. Portrait: the height of a lying picture is its width."""
    size = (_HEIGHT, _WIDTH)
    shake = chance.uniform(-22, 22, 8)
    corners = np.array((72, 56, 64, 972, 712, 980, 692, 48), np.float64) + shake  # NW, SW, SE, NE
    seen = page.transform(
        size, Image.Transform.PERSPECTIVE, _perspective(corners, page.size), Image.Resampling.BICUBIC
    )
    whole = Image.new("L", page.size, 255)
    mask = whole.transform(size, Image.Transform.PERSPECTIVE, _perspective(corners, page.size))
    shadow = np.asarray(mask.filter(ImageFilter.GaussianBlur(11)), np.float32) / 255
    covered = np.asarray(mask.filter(ImageFilter.GaussianBlur(0.8)), np.float32)[..., None] / 255
    grain = (
        _clouds(chance, 6, (_WIDTH, _HEIGHT)) * 0.5
        + np.abs(np.sin(_clouds(chance, 3, (_WIDTH, _HEIGHT)) * 60)) * 0.2
    )
    wood = _mix(
        np.zeros((_WIDTH, _HEIGHT, 3), np.float32) + np.array((126, 84, 52), np.float32),
        (164, 118, 78),
        grain,
    )
    wood = wood * (1 - 0.45 * shadow[..., None])
    paper = np.asarray(seen, np.float32) * np.array((0.97, 0.95, 0.90), np.float32)
    return wood * (1 - covered) + paper * covered


def _perspective(corners: NDArray[np.float64], size: tuple[int, int]) -> list[float]:
    """Return Pillow's eight coefficients, from the corners in the photograph to those of the page."""
    width, height = size
    rows, targets = [], []
    for (x, y), (u, v) in zip(
        corners.reshape(4, 2), ((0, 0), (0, height), (width, height), (width, 0)), strict=True
    ):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        targets += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(targets))]


def _clouds(chance: np.random.Generator, cells: int, size: tuple[int, int] = (_HEIGHT, _WIDTH)) -> Picture:
    """Return smooth noise between 0 and 1; `cells` is how many patches fit in the width."""
    height, width = size
    small = chance.random((max(2, cells * height // width), max(2, cells)), dtype=np.float32)
    soft = np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC), np.float32)
    return np.clip(soft, 0, 1)


def _mix(picture: Picture, colour: tuple[int, int, int], part: Picture) -> Picture:
    return picture + (np.array(colour, np.float32) - picture) * part[..., None]


def _skin(chance: np.random.Generator, tone: tuple[int, int, int]) -> Picture:
    """Return bare skin: patches, pores and the fine crossing lines of its relief."""
    patches = (_clouds(chance, 5) - 0.5) * 22 + (_clouds(chance, 24) - 0.5) * 12
    lines = (_clouds(chance, 150) - 0.5) * 13 + (_clouds(chance, 330) - 0.5) * 12
    skin = np.zeros((_HEIGHT, _WIDTH, 3), np.float32) + np.array(tone, np.float32)
    skin += (patches + lines)[..., None] * np.array((0.8, 1.0, 1.0), np.float32)
    return _mix(skin, (198, 96, 88), np.clip(_clouds(chance, 12) - 0.62, 0, 1) * 0.5)


def _blob(chance: np.random.Generator, across: float, down: float, rough: float) -> Picture:
    """Return the distance to a wandering ellipse near the centre: under 1 inside, over 1 outside."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    x = (x - _WIDTH * 0.5 - chance.uniform(-60, 60)) / across
    y = (y - _HEIGHT * 0.44 - chance.uniform(-30, 30)) / down
    angle = np.arctan2(y, x)
    edge = np.ones_like(x)
    for turns in range(2, 8):
        edge += rough / turns * np.sin(turns * angle + chance.uniform(0, 6.3))
    distance: Picture = np.hypot(x, y) / edge + (_clouds(chance, 60) - 0.5) * 0.05
    return distance


def _with_hairs(picture: Picture, chance: np.random.Generator) -> Picture:
    canvas = Image.new("L", (_WIDTH, _HEIGHT), 0)
    pen = ImageDraw.Draw(canvas)
    for _ in range(14):
        x, y = chance.uniform(0, _WIDTH), chance.uniform(0, _HEIGHT)
        length, bend = chance.uniform(90, 240), chance.uniform(-40, 40)
        points = [
            (x + length * part, y + bend * part * (1 - part) * 3 + 60 * part)
            for part in np.linspace(0, 1, 14)
        ]
        pen.line(points, fill=170, width=2)
    return _mix(
        picture,
        (92, 62, 46),
        np.asarray(canvas.filter(ImageFilter.GaussianBlur(0.9)), np.float32) / 255 * 0.7,
    )


def _with_ruler(picture: Picture, chance: np.random.Generator) -> Picture:
    """Lay a paper ruler along the bottom, a mark each millimetre."""
    canvas = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    ruler = Image.new("RGBA", (70 * _MILLIMETRE, 88), (246, 244, 238, 255))
    pen = ImageDraw.Draw(ruler)
    for mark in range(2, 68):
        length = 36 if (mark - 2) % 10 == 0 else 26 if (mark - 2) % 5 == 0 else 16
        pen.line(((mark * _MILLIMETRE, 0), (mark * _MILLIMETRE, length)), fill=(40, 40, 40, 255), width=2)
        if (mark - 2) % 10 == 0:
            pen.text(
                (mark * _MILLIMETRE - 6, 42), str((mark - 2) // 10), fill=(40, 40, 40, 255), font_size=26
            )
    pen.text((65 * _MILLIMETRE, 48), "cm", fill=(90, 90, 90, 255), font_size=18)
    turned = ruler.rotate(float(chance.uniform(-3, 3)), expand=True, resample=Image.Resampling.BICUBIC)
    canvas.paste(turned, (90, _HEIGHT - 146), turned)
    return np.asarray(canvas, np.float32)


def _jpeg(picture: Picture, shot: Shot) -> bytes:
    """Add light and grain, turn the picture as the telephone was held, and write it with its EXIF."""
    chance = np.random.default_rng(shot.seed + 1)
    height, width = picture.shape[:2]
    light = 1.06 - 0.30 * (np.linspace(0, 1, height)[:, None] * 0.6 + np.linspace(0, 1, width)[None, :] * 0.5)
    noisy = picture * light[..., None] + chance.normal(0, 2.6, (height, width, 1))
    upright = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    held = upright.transpose(Image.Transpose.ROTATE_90)
    out = io.BytesIO()
    held.save(out, "JPEG", quality=_QUALITY, exif=_exif(shot, chance))
    return out.getvalue()


def _exif(shot: Shot, chance: np.random.Generator) -> Image.Exif:
    exif = Image.Exif()
    taken = f"{shot.taken_at:%Y:%m:%d %H:%M:%S}"
    exif[ExifTags.Base.Make] = "Lorenne Mobile"
    exif[ExifTags.Base.Model] = "LM-7"
    exif[ExifTags.Base.Orientation] = _TURNED_RIGHT
    exif[ExifTags.Base.DateTime] = taken
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (47.0, float(chance.integers(60)), float(chance.integers(60)))
    place[ExifTags.GPS.GPSLongitudeRef] = "E"
    place[ExifTags.GPS.GPSLongitude] = (1.0, float(chance.integers(60)), float(chance.integers(60)))
    return exif
