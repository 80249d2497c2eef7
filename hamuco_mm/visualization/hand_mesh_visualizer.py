"""What MMPose's visualization hook and the inferencers draw with."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from mmengine.dist import master_only
from mmengine.visualization import Visualizer
from mmpose.registry import VISUALIZERS
from mmpose.structures import PoseDataSample

from ..hand_model import load_hand_model
from ..structures import Stage
from ..utils.image_files import write_picture
from .panels import Canvas, with_caption
from .side_view import draw_side_view
from .view_pictures import MESH_COLORS


@VISUALIZERS.register_module()
class HandMeshVisualizer(Visualizer):
    """Draws predicted hands: 2D joints, meshes over the image, side view.

    A picture is a row of panels of equal height: the label (where asked for),
    the predicted 2D joints, the mesh of each stage over the image, and the
    first hand's last mesh from the side. It takes the place of
    :class:`PoseLocalVisualizer` in a config, for
    :class:`PoseVisualizationHook` in training and testing, with any backend
    of MMEngine, and in MMPose's inferencers::

        visualizer = dict(
            type='HandMeshVisualizer',
            vis_backends=[dict(type='LocalVisBackend'),
                          dict(type='TensorboardVisBackend')],
            name='visualizer')
        default_hooks = dict(visualization=dict(enable=True, interval=50))

    Args:
        name (str): Name of the instance. Defaults to 'visualizer'.
        vis_backends (list, optional): Where pictures and scalars go.
        save_dir (str, optional): Where backends write files.
        hand_model (dict, optional): ``path`` of the hand model whose meshes
            are predicted, for its faces. Defaults to that of the head which
            predicted them; the open hand where a sample does not say so.
        stages (Sequence[str]): Stages whose meshes are drawn, where they are
            predicted: single, interact, fusion. The latter two are left out
            for views that stand alone. Defaults to ('single', 'fusion').
        heights (tuple): Least and largest height of a picture in pixels;
            images are resized to lie between. Defaults to (256, 512).
        line_width (int): Of bones in pixels. Defaults to 2.
        modes (Sequence[str], optional): The former name of ``stages``.
    """

    def __init__(
        self,
        name: str = 'visualizer',
        vis_backends: list[dict] | None = None,
        save_dir: str | None = None,
        hand_model: dict | None = None,
        stages: Sequence[str] = (Stage.SINGLE, Stage.FUSION),
        heights: tuple[int, int] = (256, 512),
        line_width: int = 2,
        modes: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name, vis_backends=vis_backends, save_dir=save_dir)
        self.stages = [Stage.parse(stage, 'stages') for stage in modes or stages]
        self.heights = heights
        self.line_width = line_width
        self.hand_model = hand_model
        #: (F, 3) of all meshes, right hands, if they are known beforehand
        self.faces: np.ndarray | None = None

    def faces_of(self, meta: dict) -> np.ndarray:
        """Faces of the meshes of a sample, right hands, (F, 3).

        Args:
            meta (dict): Metainfo of the sample, with ``hand_model_path`` of
                the hand model that its meshes are of.
        """
        if self.faces is not None:
            return self.faces
        if self.hand_model is not None:
            return _faces_of_file(self.hand_model.get('path'))
        return _faces_of_file(meta.get('hand_model_path'))

    def set_dataset_meta(self, dataset_meta: dict, *args: Any) -> None:
        """Called by MMPose; colours and links are the hand's anyway."""
        self.dataset_meta = dataset_meta

    @master_only
    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: PoseDataSample,
        draw_gt: bool = True,
        draw_pred: bool = True,
        draw_bbox: bool = False,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | None = None,
        kpt_thr: float = 0.3,
        step: int = 0,
        det_data_sample: PoseDataSample | None = None,
        **kwargs: Any,
    ) -> np.ndarray:
        """Draw a view and show or save it.

        Args:
            name (str): Of the picture in the backends, title of the window.
            image (np.ndarray): uint8 RGB (H, W, 3), as it was predicted on
                before any mirroring.
            data_sample (PoseDataSample): With any number of hands; one
                without predictions gives the image alone.
            draw_gt (bool): Add a panel with the label. Defaults to True.
            draw_pred (bool): Add panels of predictions. Defaults to True.
            draw_bbox (bool): Draw the boxes. Defaults to False.
            show (bool): Open a window. Defaults to False.
            wait_time (float): How long, in seconds; 0 is until a key.
            out_file (str, optional): Write the picture there and not to the
                backends.
            kpt_thr (float): Least score of a joint that is drawn.
            step (int): Of the training, for the backends.
            det_data_sample (PoseDataSample, optional): Drawn in place of
                ``data_sample``, whose joints MMPose's 3D inferencers have
                turned for a plot.
            **kwargs: What MMPose's callers pass beyond that, as
                ``draw_heatmap``: hands have none.

        Returns:
            np.ndarray: The picture, uint8 RGB.
        """
        picture = self.draw(
            image,
            det_data_sample or data_sample,
            draw_gt,
            draw_pred,
            draw_bbox,
            kpt_thr,
        )
        if show:
            self.show(picture, win_name=name, wait_time=wait_time)
        if out_file is not None:
            write_picture(out_file, picture[..., ::-1])
        else:
            self.add_image(name, picture, step)
        return picture

    def draw(
        self,
        image: np.ndarray,
        data_sample: PoseDataSample,
        draw_gt: bool = False,
        draw_pred: bool = True,
        draw_bbox: bool = False,
        kpt_thr: float = 0.3,
    ) -> np.ndarray:
        """The picture alone, see :meth:`add_datasample`."""
        if data_sample.metainfo.get('mirrored', False):
            image = image[:, ::-1]
        canvas = Canvas.fit(image, *self.heights)
        skeletons = partial(
            canvas.skeletons,
            min_score=kpt_thr,
            line_width=self.line_width,
            draw_bbox=draw_bbox,
        )
        panels = []
        camera = _camera_caption(data_sample.metainfo)
        labels = _fields(data_sample, 'gt_instances')
        if draw_gt and 'keypoints' in labels:
            panels.append(with_caption(skeletons(labels), 'label'))
        if draw_pred:
            hands = _fields(data_sample, 'pred_instances')
            if len(hands.get('keypoints', ())):
                panels.append(with_caption(skeletons(hands), f'{camera}prediction'))
                panels += self._mesh_panels(canvas, hands, data_sample.metainfo)
            else:
                panels.append(with_caption(canvas.image, f'{camera}no hand'))
        return np.concatenate(panels or [canvas.image], axis=1)

    def _mesh_panels(
        self, canvas: Canvas, hands: dict[str, np.ndarray], meta: dict
    ) -> list[np.ndarray]:
        """The mesh of each stage, and the last one from the side."""
        alone = meta.get('num_views', 1) == 1
        stages = [
            stage
            for stage in self.stages
            if stage.field('vertices') in hands
            and not (alone and stage is not Stage.SINGLE)
        ]
        if not stages:
            return []
        faces = self.faces_of(meta)
        if meta.get('hand_side') == 'left' and not meta.get('mirrored', False):
            faces = faces[:, ::-1]
        last = stages[-1]
        side = draw_side_view(
            hands[last.field('vertices')][0],
            faces,
            canvas.image.shape[0],
            MESH_COLORS[last],
        )
        return [
            *(with_caption(canvas.meshes(hands, x, faces), x.label) for x in stages),
            with_caption(side, f'{last.label}, from the side'),
        ]


def _camera_caption(meta: dict) -> str:
    """The name of the camera, in front of a caption, where views have names; one
    view of the inferencer's has none but that of its file."""
    alone = meta.get('num_views', 1) == 1
    name = meta.get('camera', None if alone else meta.get('view'))
    return '' if name is None else f'{name}: '


@lru_cache
def _faces_of_file(path: str | None) -> np.ndarray:
    """Faces of a hand model's file, None for the open hand, (F, 3)."""
    return load_hand_model(path).faces


def _fields(data_sample: PoseDataSample, name: str) -> dict[str, np.ndarray]:
    """Fields of the sample's instances as arrays; {} without any."""
    if name not in data_sample:
        return {}
    return dict(data_sample.get(name).numpy().items())
