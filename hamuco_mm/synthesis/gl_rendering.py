"""Rendering with OpenGL through EGL, where moderngl and a driver are installed."""

import numpy as np

from .skin import VEIN_TINT, VOXEL, Skin, SkinMap
from .surface import Surface

_VERTEX_SHADER = """
#version 330
uniform float size;
in vec2 pixel;
in float inverse_depth;
in vec4 color;
in vec3 rest;
out vec4 v_color;
out vec3 v_rest;
void main() {
    // Depth that is affine in the image: -1 near (10 cm), 1 far.
    gl_Position = vec4(2 * pixel / size - 1, 1 - 0.2 * inverse_depth, 1);
    v_color = color;
    v_rest = rest;
}
"""

_FRAGMENT_SHADER = """
#version 330
uniform sampler3D shade_nail_vein;
uniform sampler3D noise;
uniform vec3 origin;
uniform vec3 extent;
uniform vec3 noise_shift;
uniform float voxel;
uniform float creases;
uniform float blotches;
uniform float veins;
uniform vec3 vein_tint;
uniform vec3 nail_color;
in vec4 v_color;
in vec3 v_rest;
out vec4 result;
void main() {
    vec3 place = v_rest - origin;
    vec3 detail = texture(shade_nail_vein, (place / extent).zyx).rgb;
    float n = texture(noise, ((place / voxel + noise_shift) / 64.0).zyx).r;
    float factor = (1 + creases * (detail.r - 1)) * (1 + blotches * n);
    vec3 skin = v_color.rgb * factor * (1 - veins * detail.b * vein_tint);
    vec3 painted = skin * (1 - detail.g) + v_color.a * nail_color * detail.g;
    result = vec4(painted, 1);
}
"""


class ModernglRenderer:
    """Draws the same pictures as the numpy renderer, faster on a GPU.

    Args:
        samples (int): Multisampling.

    Raises:
        RuntimeError: If moderngl is not installed or finds no EGL driver.
    """

    name = 'moderngl'

    def __init__(self, samples: int = 4) -> None:
        try:
            import moderngl

            self._context = moderngl.create_context(standalone=True, backend='egl')
        except Exception as error:  # drivers fail in many ways
            raise RuntimeError(
                'the moderngl renderer does not work here '
                f'({type(error).__name__}: {error}); install moderngl and an '
                "EGL driver, or use renderer 'numpy'"
            ) from error
        self._context.enable(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._context.front_face = 'cw'  # pixels' y points down
        self._program = self._context.program(_VERTEX_SHADER, _FRAGMENT_SHADER)
        self._samples = min(samples, self._context.max_samples)
        self._targets: dict[int, tuple] = {}
        self._skin_map: SkinMap | None = None

    def render(
        self, surface: Surface, skin: Skin, skin_map: SkinMap, background: np.ndarray
    ) -> np.ndarray:
        """See :meth:`NumpyRenderer.render`."""
        size = len(background)
        self._load(skin_map)
        self._set_uniforms(skin, size)
        inverse = np.where(surface.depth > 0.1, 1 / surface.depth, 10.0)
        vertices = np.concatenate(
            [
                surface.pixels,
                inverse[:, None],
                surface.colors,
                surface.light[:, None],
                surface.rest,
            ],
            1,
        ).astype('f4')
        context = self._context
        buffers = (
            context.buffer(vertices.tobytes()),
            context.buffer(surface.faces.astype('i4').tobytes()),
        )
        array = context.vertex_array(
            self._program,
            [(buffers[0], '2f 1f 4f 3f', 'pixel', 'inverse_depth', 'color', 'rest')],
            buffers[1],
        )
        multisampled, resolved = self._target(size)
        multisampled.use()
        multisampled.clear()
        array.render()
        context.copy_framebuffer(resolved, multisampled)
        for resource in (array, *buffers):
            resource.release()
        layer = np.frombuffer(
            resolved.read(components=4, dtype='f4'), np.float32
        ).reshape(size, size, 4)
        return background * (1 - layer[..., 3:]) + layer[..., :3]

    def _load(self, skin_map: SkinMap) -> None:
        if self._skin_map is skin_map:
            return
        detail = np.stack([skin_map.shade, skin_map.nail, skin_map.vein], -1)
        # OpenGL's first texture axis is numpy's last.
        self._detail = self._context.texture3d(
            detail.shape[2::-1], 3, detail.astype('f4').tobytes(), dtype='f4'
        )
        self._noise = self._context.texture3d(
            skin_map.noise.shape, 1, skin_map.noise.tobytes(), dtype='f4'
        )
        self._detail.repeat_x = self._detail.repeat_y = False
        self._detail.repeat_z = False
        self._program['origin'] = tuple(skin_map.origin)
        self._program['extent'] = tuple(VOXEL * np.array(detail.shape[:3]))
        self._program['voxel'] = VOXEL
        self._skin_map = skin_map

    def _set_uniforms(self, skin: Skin, size: int) -> None:
        self._detail.use(0)
        self._noise.use(1)
        self._program['shade_nail_vein'], self._program['noise'] = 0, 1
        self._program['size'] = size
        self._program['noise_shift'] = tuple(map(float, skin.noise_shift))
        self._program['creases'] = skin.creases
        self._program['blotches'] = skin.blotches
        self._program['veins'] = skin.veins
        self._program['vein_tint'] = tuple(map(float, VEIN_TINT))
        self._program['nail_color'] = tuple(skin.nail)

    def _target(self, size: int) -> tuple:
        if size not in self._targets:
            context, shape = self._context, (size, size)
            multisampled = context.framebuffer(
                context.renderbuffer(shape, 4, samples=self._samples, dtype='f4'),
                context.depth_renderbuffer(shape, samples=self._samples),
            )
            resolved = context.framebuffer(context.renderbuffer(shape, 4, dtype='f4'))
            self._targets[size] = multisampled, resolved
        return self._targets[size]
