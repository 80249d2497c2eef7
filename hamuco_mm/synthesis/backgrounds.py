"""Backgrounds: procedural, or cut from photographs."""

from collections.abc import Sequence

import cv2
import numpy as np

from .photographs import photographs
from .skin import skin_tone


def make_background(
    rng: np.random.Generator,
    size: int,
    stream: str,
    photos: bool | str = False,
    limbs: float = 0.0,
) -> np.ndarray:
    """Draw a background.

    Args:
        rng (np.random.Generator): Source of randomness.
        size (int): Side in pixels.
        stream (str): Whose photographs to use.
        photos (bool | str): Use photographs for half of the backgrounds: those of
            scikit-image, or of a folder; see
            :func:`~hamuco_mm.synthesis.photographs.photographs`.
        limbs (float): Share of the backgrounds with shapes of the colours of
            skin: arms, faces, wood.

    Returns:
        np.ndarray: (size, size, 3) float32, BGR 0..255.
    """
    if photos and rng.random() < 0.5:
        image = _patch(rng, size, photographs(photos, stream))
    else:
        kind = _KINDS[rng.choice(len(_KINDS), p=_SHARES)]
        image = kind(rng, size)
    if limbs and rng.random() < limbs:
        image = _with_limbs(rng, image)
    if rng.random() < 0.5:
        shading = _smooth_noise(rng, size, rng.integers(2, 5))
        image = image * (1 + 0.25 * shading)[..., None]
    if rng.random() < 0.4:
        grain = _smooth_noise(rng, size, max(size // 3, 2))
        image = image * (1 + rng.uniform(0.02, 0.1) * grain)[..., None]
    if rng.random() < 0.6:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.004, 0.025) * size)
    return np.clip(image, 0, 255).astype(np.float32)


def _patch(
    rng: np.random.Generator, size: int, images: Sequence[np.ndarray]
) -> np.ndarray:
    """A square out of one of the photographs, in other colours."""
    image = images[rng.integers(len(images))]
    side = int(min(image.shape[:2]) * rng.uniform(0.3, 0.9))
    top = rng.integers(image.shape[0] - side)
    left = rng.integers(image.shape[1] - side)
    patch = image[top : top + side, left : left + side]
    if rng.random() < 0.5:
        patch = patch[:, ::-1]
    patch = cv2.resize(
        np.ascontiguousarray(patch), (size, size), interpolation=cv2.INTER_AREA
    ).astype(np.float32)
    return patch * rng.uniform(0.6, 1.15, 3)


def _color(rng: np.random.Generator) -> np.ndarray:
    """Mostly muted, sometimes vivid, sometimes like skin or wood."""
    value = rng.uniform(15, 245)
    spread = 12 if rng.random() < 0.6 else 55
    color = value + spread * rng.normal(size=3)
    if rng.random() < 0.25:
        color = color * (0.75, 0.9, 1.1)
    return np.clip(color, 0, 255)


def _smooth_noise(rng: np.random.Generator, size: int, cells: int) -> np.ndarray:
    """(size, size) noise with about ``cells`` humps a side, deviation ~1."""
    coarse = rng.standard_normal((cells + 2, cells + 2), dtype=np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def _gradient(rng: np.random.Generator, size: int) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    x = np.linspace(-1, 1, size, dtype=np.float32)
    ramp = 0.5 + 0.5 * (np.cos(angle) * x + np.sin(angle) * x[:, None]) / 1.4
    first, second = _color(rng), _color(rng)
    return first + ramp[..., None] * (second - first)


def _clouds(rng: np.random.Generator, size: int) -> np.ndarray:
    field = np.zeros((size, size), np.float32)
    weight, cells = 1.0, int(rng.integers(2, 5))
    while cells < size // 2:
        field += weight * _smooth_noise(rng, size, cells)
        weight *= rng.uniform(0.4, 0.75)
        cells *= 2
    share = np.clip(0.5 + 0.4 * field, 0, 1)[..., None]
    first, second = _color(rng), _color(rng)
    return first + share * (second - first)


def _blobs(rng: np.random.Generator, size: int) -> np.ndarray:
    image = np.ascontiguousarray(_gradient(rng, size), np.float32)
    for _ in range(rng.integers(3, 12)):
        centre = rng.integers(0, size, 2).tolist()
        axes = (rng.uniform(0.04, 0.35, 2) * size).astype(int) + 1
        cv2.ellipse(
            image,
            centre,
            axes.tolist(),
            rng.uniform(0, 180),
            0,
            360,
            _color(rng).tolist(),
            -1,
            cv2.LINE_AA,
        )
    return image


def _waves(rng: np.random.Generator, size: int) -> np.ndarray:
    """Stripes or a checker, sharp or soft, like cloth and tiles."""
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.05, 0.4)
    x = np.linspace(0, 1, size, dtype=np.float32)
    u = (np.cos(angle) * x + np.sin(angle) * x[:, None]) / period
    v = (np.cos(angle) * x[:, None] - np.sin(angle) * x) / period
    wave = np.sin(2 * np.pi * (u + rng.random()))
    if rng.random() < 0.5:
        wave = wave * np.sin(2 * np.pi * (v + rng.random()))
    share = np.clip(0.5 + rng.uniform(0.5, 12) * wave, 0, 1)[..., None]
    first, second = _color(rng), _color(rng)
    return first + share * (second - first)


def _room(rng: np.random.Generator, size: int) -> np.ndarray:
    """A wall, a table and things: boxes, shelves, cables."""
    image = np.ascontiguousarray(_gradient(rng, size), np.float32)
    horizon = int(rng.uniform(0.35, 0.9) * size)
    slope = int(rng.normal(0, 0.08) * size)
    table = np.array(
        [(0, horizon), (size, horizon + slope), (size, size), (0, size)], np.int32
    )
    cv2.fillConvexPoly(image, table, _color(rng).tolist(), cv2.LINE_AA)
    for _ in range(rng.integers(3, 11)):
        side = rng.uniform(0.06, 0.4, 2) * size
        place = rng.uniform(0, size, 2)
        tilt = rng.normal(0, 12) if rng.random() < 0.7 else rng.uniform(0, 90)
        box = cv2.boxPoints((place.tolist(), side.tolist(), tilt))
        color = _color(rng)
        cv2.fillConvexPoly(image, box.astype(np.int32), color.tolist(), cv2.LINE_AA)
        if rng.random() < 0.5:
            cv2.polylines(
                image,
                [box.astype(np.int32)],
                True,
                (0.6 * color).tolist(),
                1,
                cv2.LINE_AA,
            )
    for _ in range(rng.integers(0, 6)):
        start, end = rng.integers(-size // 4, size + size // 4, (2, 2)).tolist()
        cv2.line(
            image,
            start,
            end,
            _color(rng).tolist(),
            int(rng.integers(1, max(2, size // 24))),
            cv2.LINE_AA,
        )
    return image


def _with_limbs(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Bent tubes and ovals in one tone of skin, thick as an arm or a finger."""
    size = len(image)
    image = np.ascontiguousarray(image, np.float32)
    tone = skin_tone(rng)[::-1]
    for _ in range(rng.integers(1, 6)):
        color = (tone * rng.uniform(0.6, 1.1)).tolist()
        if rng.random() < 0.3:
            centre = rng.integers(0, size, 2).tolist()
            axes = (rng.uniform(0.08, 0.3, 2) * size).astype(int) + 1
            angle = rng.uniform(0, 180)
            cv2.ellipse(
                image, centre, axes.tolist(), angle, 0, 360, color, -1, cv2.LINE_AA
            )
            continue
        bends = np.cumsum(rng.normal(0, 0.3, (4, 2)), 0) + rng.random(2)
        thickness = int(rng.uniform(0.04, 0.25) * size) + 1
        line = (size * bends).astype(np.int32)
        cv2.polylines(image, [line], False, color, thickness, cv2.LINE_AA)
    return image


_KINDS = (_gradient, _clouds, _blobs, _waves, _room)
_SHARES = (0.12, 0.26, 0.15, 0.12, 0.35)
