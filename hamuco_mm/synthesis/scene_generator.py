"""Sequences and single images, generated in memory.

The data set on disk is made from them by :mod:`hamuco_mm.synthesis.dataset`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from hamuco_mm.hand_model import NUM_JOINTS, NUM_VERTICES

from ..rendering.normals import vertex_normals
from .anatomy import HandAnatomy, default_layer
from .backgrounds import make_background
from .forearm import Forearm
from .gloves import sample_glove
from .jewellery import ring_vertices, sample_jewellery
from .lighting import highlights, sample_light, shade
from .motion import sample_betas, sample_motion, sample_wrist
from .numpy_rendering import NumpyRenderer
from .occlusion import joint_occlusion
from .poses import PoseSampler
from .pseudo_labels import PseudoLabels, believed_joints, exact_labels, sample_labels
from .randomness import make_rng
from .rig import make_rig
from .scene import Scene, SceneConfig, Subject
from .sensor import Sensor, sample_sensor
from .skin import make_skin_map, sample_skin, sample_veins, vertex_colors
from .surface import Renderer, Surface
from .things import OtherHand, sample_things


class SceneGenerator:
    """Generates sequences and single images of one stream.

    Whatever is drawn depends on the seed, the stream and the index alone, not
    on what was generated before.

    Args:
        seed (int): Seed.
        stream (str): 'train', 'val', 'test' or 'pretrain'; they share nothing.
        config (SceneConfig, optional): What is generated.
        renderer (Renderer, optional): From
            :func:`~hamuco_mm.synthesis.renderers.make_renderer`; the numpy
            renderer by default.
    """

    def __init__(
        self,
        seed: int = 0,
        stream: str = 'train',
        config: SceneConfig | None = None,
        renderer: Renderer | None = None,
    ) -> None:
        self.seed, self.stream = seed, stream
        self.config = config or SceneConfig()
        self.renderer = renderer or NumpyRenderer()
        self._rng('assignment')  # an unknown stream is refused here
        self.layer = default_layer(self.config.hand_model)
        self.anatomy = HandAnatomy(self.layer)
        self.sampler = PoseSampler(self.anatomy, self.config.motion.lean_deg)
        self._skin_map = make_skin_map(self.layer, self.anatomy)
        hand_faces = self.layer.faces.numpy()
        self._forearm = Forearm(hand_faces, NUM_VERTICES)
        flat = self.layer.v_template.numpy()
        self._rest = self._forearm.extend(flat, -self.anatomy.forward, np.zeros(3))
        self._rings = ring_vertices(self.layer, self.anatomy)
        self._other_hand = OtherHand(
            self.layer,
            self.anatomy,
            self.sampler,
            self._forearm,
            self._skin_map,
            self._rest,
        )

    def _rng(self, purpose: str, *indices: int) -> np.random.Generator:
        return make_rng(self.seed, self.stream, purpose, *indices)

    def _room_rng(self, purpose: str, index: int, *indices: int) -> np.random.Generator:
        """Of what stands in the room where sequence ``index`` is recorded."""
        if self.config.fixed_rig:
            return make_rng(self.seed, 'train', purpose, 0, *indices)
        return self._rng(purpose, index, *indices)

    def subject(self, number: int) -> Subject:
        """A person of this stream."""
        rng = self._rng('subject', number)
        betas, skin = sample_betas(rng, self.config.motion), sample_skin(rng)
        veins = sample_veins(self._rng('veins', number), self.config.veins)
        skin = replace(skin, veins=veins)
        jewellery = sample_jewellery(
            self._rng('jewellery', number), self.config.jewellery
        )
        glove = sample_glove(self._rng('gloves', number), self.config.gloves)
        return Subject(number, betas, skin, jewellery, glove)

    def subject_number(self, index: int) -> int:
        """Whose hand sequence ``index`` shows."""
        if self.config.num_subjects is None:
            return index
        rng = self._rng('assignment', index)
        return int(rng.integers(self.config.num_subjects))

    def scene(self, index: int, num_frames: int) -> Scene:
        """Draw sequence ``index`` with ``num_frames`` frames."""
        subject = self.subject(self.subject_number(index))
        motion = sample_motion(
            self._rng('pose', index),
            self._rng('placement', index),
            self.sampler,
            self.layer,
            subject.betas,
            num_frames,
            self.config.motion,
        )
        rig = make_rig(
            self._room_rng('rig', index),
            self.config.rig,
            self.config.image_size,
            motion.vertices,
            aim=np.zeros(3) if self.config.fixed_rig else None,
        )
        wrist = sample_wrist(
            self._rng('forearm', index), self.anatomy, self.config.motion
        )
        light = sample_light(self._room_rng('light', index), self.config.light)
        things = sample_things(
            self._rng('things', index),
            self.config.things,
            self.anatomy,
            motion,
            self._other_hand,
        )
        return Scene(index, subject, motion, rig, light, wrist, things)

    def keypoints(self, scene: Scene) -> np.ndarray:
        """Exact pixels of the joints, (T, V, 21, 2)."""
        return scene.rig.project(scene.motion.joints)

    def occlusion(self, scene: Scene) -> np.ndarray:
        """Self-occlusion of the joints, (T, V, 21) in [0, 1]."""
        meshes = self._meshes(scene)
        faces = self._faces(scene)
        occlusion = np.empty((scene.num_frames, scene.num_views, NUM_JOINTS))
        for t in range(scene.num_frames):
            for view in range(scene.num_views):
                pixels, depth = self._projected(scene, meshes[t], view)
                joint_pixels, joint_depth = self._projected(
                    scene, scene.motion.joints[t], view
                )
                occlusion[t, view] = joint_occlusion(
                    pixels,
                    depth,
                    faces,
                    joint_pixels,
                    joint_depth,
                    scene.rig.image_size,
                )
        return occlusion

    def labels(self, scene: Scene) -> PseudoLabels:
        """Pseudo labels of a sequence, (T, V, 21, ...)."""
        exact = self.keypoints(scene)
        model = self.config.labels
        if model is None:
            return exact_labels(exact)
        rng = self._rng('labels', scene.index)
        motion = scene.motion
        believed = believed_joints(rng, model, motion.joints, motion.rotations[:, 0])
        return sample_labels(
            rng,
            model,
            exact,
            scene.rig.project(believed),
            self.occlusion(scene),
            scene.rig.image_size,
        )

    def sensors(self, scene: Scene) -> Sequence[Sensor]:
        """The cameras' flaws, one per view."""
        return [
            sample_sensor(
                self._room_rng('sensor', scene.index, view), self.config.sensor
            )
            for view in range(scene.num_views)
        ]

    def backgrounds(
        self, scene: Scene, views: Sequence[int] | None = None
    ) -> np.ndarray:
        """Backgrounds (V, S, S, 3) float32 of (some) views."""
        views = range(scene.num_views) if views is None else views
        return np.stack(
            [
                make_background(
                    self._room_rng('background', scene.index, view),
                    self.config.image_size,
                    self.stream,
                    self.config.photos,
                    self.config.limbs,
                )
                for view in views
            ]
        )

    def render(
        self,
        scene: Scene,
        frame: int,
        views: Sequence[int] | None = None,
        backgrounds: np.ndarray | None = None,
    ) -> np.ndarray:
        """Render one frame.

        Args:
            scene (Scene): The sequence.
            frame (int): Which frame.
            views (Sequence[int], optional): Which cameras; all by default.
            backgrounds (np.ndarray, optional): From :meth:`backgrounds` of
                the same views; drawn anew where not given.

        Returns:
            np.ndarray: (V, S, S, 3) uint8, BGR.
        """
        views = range(scene.num_views) if views is None else views
        if backgrounds is None:
            backgrounds = self.backgrounds(scene, views)
        mesh = self._meshes(scene, [frame])[0]
        faces = self._faces(scene)
        normals = vertex_normals(mesh, faces)
        # Every other ball is enough for soft shadows.
        balls = self.sampler.contact.balls(scene.motion.joints[frame])[::2]
        light, lit = shade(scene.light, mesh, normals, balls)
        skin = scene.subject.surface
        colors = self._albedo(scene) * light
        brightness = light.mean(1)
        rest = np.concatenate([self._rest, *(thing.rest for thing in scene.things)])
        sensors = self.sensors(scene)
        images = []
        for view, background in zip(views, backgrounds):
            eye = -scene.rig.R_world2cam[view].T @ scene.rig.t_world2cam[view]
            gloss = skin.gloss * highlights(
                scene.light, eye, mesh, normals, lit, skin.shininess
            )
            pixels, depth = self._projected(scene, mesh, view)
            surface = Surface(pixels, depth, faces, colors + gloss, brightness, rest)
            image = self.renderer.render(surface, skin, self._skin_map, background)
            rng = self._rng('sensor', scene.index, view, frame)
            images.append(sensors[view].expose(rng, image))
        return np.stack(images)

    def sample(self, index: int, with_labels: bool = True) -> dict:
        """One single-view image with its ground truth, all in memory.

        Args:
            index (int): Which sample of the stream; also its subject, unless
                ``num_subjects`` is set.
            with_labels (bool): Also draw pseudo labels (about 1 ms).

        Returns:
            dict: ``image`` (S, S, 3) uint8 BGR; ``K`` (3, 3); ``R_world2cam``
            (3, 3); ``t_world2cam`` (3,); ``dist`` (5,), the lens's coefficients;
            ``keypoints`` (21, 2) exact pixels;
            ``joints`` (21, 3) and ``vertices`` (778, 3), world metres;
            ``rotations`` (16, 3, 3); ``betas`` (10,); ``translation`` (3,);
            with labels also ``pseudo_keypoints`` (21, 2) and
            ``pseudo_confidences`` (21,).
        """
        scene = self.scene(index, 1)
        view = int(self._rng('assignment', index, 0).integers(scene.num_views))
        scene = replace(scene, rig=scene.rig.camera(view))
        motion, rig = scene.motion, scene.rig
        result = dict(
            image=self.render(scene, 0)[0],
            K=rig.K[0],
            R_world2cam=rig.R_world2cam[0],
            t_world2cam=rig.t_world2cam[0],
            dist=rig.dist[0],
            keypoints=self.keypoints(scene)[0, 0],
            joints=motion.joints[0],
            vertices=motion.vertices[0],
            rotations=motion.rotations[0],
            betas=motion.betas,
            translation=motion.translation[0],
        )
        if with_labels:
            labels = self.labels(scene)
            result.update(
                pseudo_keypoints=labels.keypoints[0, 0],
                pseudo_confidences=labels.confidences[0, 0],
            )
        return result

    def samples(
        self, indices: Iterable[int], with_labels: bool = True
    ) -> Iterator[dict]:
        """:meth:`sample` of each index."""
        for index in indices:
            yield self.sample(index, with_labels)

    def _meshes(
        self, scene: Scene, frames: slice | list[int] = slice(None)
    ) -> np.ndarray:
        """(T, N, 3) hand, forearm and things, world metres."""
        orientation = scene.motion.rotations[frames, 0]
        arm = self._forearm.extend(
            scene.motion.vertices[frames],
            orientation @ -self.anatomy.forward,
            orientation @ scene.wrist,
        )
        return np.concatenate(
            [arm, *(thing.vertices[frames] for thing in scene.things)], 1
        )

    def _faces(self, scene: Scene) -> np.ndarray:
        """(F, 3) of :meth:`_meshes`."""
        faces, count = [self._forearm.faces], NUM_VERTICES + self._forearm.num_extra
        for thing in scene.things:
            faces.append(thing.faces + count)
            count += len(thing.rest)
        return np.concatenate(faces)

    def _projected(
        self, scene: Scene, points: np.ndarray, view: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (N, 2) and depths (N,) of world points (N, 3) in a view."""
        camera = scene.rig.camera(view)
        local = camera.to_cameras(points)
        return camera.pixels(local)[0], local[0, :, 2]

    def _albedo(self, scene: Scene) -> np.ndarray:
        """Unlit colours of :meth:`_meshes`, (N, 3)."""
        skin, jewellery = scene.subject.skin, scene.subject.jewellery
        hand = vertex_colors(scene.subject.surface, self._skin_map)
        if jewellery.ring is not None:
            hand[self._rings[jewellery.finger]] = jewellery.ring
        arm = np.tile(skin.tone, (self._forearm.num_extra, 1))
        colors = np.concatenate([hand, arm])
        if skin.sleeve is not None:
            colors[self._forearm.is_sleeve(NUM_VERTICES)] = skin.sleeve
        if jewellery.band is not None:
            colors[self._forearm.is_band(NUM_VERTICES)] = jewellery.band
        return np.concatenate([colors, *(thing.colors for thing in scene.things)])
