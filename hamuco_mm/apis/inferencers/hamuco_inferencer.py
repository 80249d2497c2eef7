import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.infer.infer import ModelType
from mmengine.logging import print_log
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import init_default_scope
from mmpose.apis.inferencers import base_mmpose_inferencer
from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample, merge_data_samples
from rich.progress import track

from ...datasets import multiview_collate
from ...datasets.mirroring import needs_mirroring
from ...engine import CapturedPredictions
from ...export.hand_table import HandTable
from ...labelling.detection import DetectedHands, Detector
from ...labelling.mediapipe_detection import MEDIAPIPE, MediaPipeDetector
from ...models import HaMuCo
from ...models.quarter_turns import looking_once
from ...utils.outputs import check_output_folder
from ..locating import CropMargins
from ..view_predictions import faces_of
from .boxes import BoxLookUp, boxes_by_view, whole_image
from .camera_order import CameraOrder
from .cameras import ViewCamera, load_cameras
from .crops import HandCrops
from .hand_inferencer import HandInferencer
from .hand_rows import write_hands
from .hand_scores import set_origin_side_and_score
from .hand_side_check import HandSideCheck
from .models import split_model
from .predictions import file_content, instance_dicts, no_hand, unmirror
from .result_files import (
    PREDICTION_FORMATS,
    TABLE,
    PictureFiles,
    PredictionFiles,
    ResultFiles,
)
from .time_steps import TimeStep, ViewInputs, open_views, time_steps
from .view_checks import ViewChecks
from .view_locator import ViewLocator, of_step

_WHOLE_IMAGE = ('whole_image', 'whole-image')
_NOT_OF_MMDET = (*_WHOLE_IMAGE, MEDIAPIPE)
# Of a batch of the search for hands.
_MOST_CROPS = 64
# Which (time step, view) has no crop, and why.
Problems = dict[tuple[int, str], str]


@INFERENCERS.register_module(name='hand-mesh-estimation')
@INFERENCERS.register_module()
class HaMuCoInferencer(HandInferencer):
    """Hand meshes from one view or from several synchronised ones.

    In the manner of MMPose's inferencers, and with their arguments::

        inferencer = HaMuCoInferencer('hamuco')
        result = next(inferencer('hand.jpg', return_vis=True))

    The same call takes an image, a list of images, a folder, a video, an
    array, a webcam, or a group of any of these, see
    :func:`~hamuco_mm.apis.inferencers.time_steps.open_views`. It checks its
    arguments and opens the inputs at once, and returns a generator that
    predicts a time step each time it is asked.

    Args:
        model (str | Config): Alias or name of a model of this package or of
            MMPose, path of a config, or of a checkpoint, which knows its
            config. Defaults to 'hamuco', a single-view network for photographs.
        weights (str, optional): Checkpoint; defaults to the model's own.
        device (str, optional): Defaults to a GPU, if there is one.
        scope (str): Defaults to 'mmpose'.
        det_model (str | Detector, optional): What finds hands: config or
            alias of a detector of MMDetection, or a function from an image
            (uint8 BGR) to boxes (N, 4 or 5) in pixels, with scores; 'mediapipe',
            see :class:`~hamuco_mm.labelling.mediapipe_detection.MediaPipeDetector`;
            or 'whole_image'. Defaults to None: the network locates one hand in
            each image, see :class:`~hamuco_mm.apis.locating.HandLocator`.
        det_weights (str, optional): Of MMDetection's detector.
        det_cat_ids (int | Sequence[int], optional): Its categories that are
            hands. Defaults to 0.
        show_progress (bool): Show a progress bar. Defaults to False.
        cuda_graphs (bool): On a GPU, record the networks for each size of
            batches and replay them, see
            :class:`~hamuco_mm.engine.CapturedPredictions`. Defaults to True.
        cfg_options (Mapping, optional): Settings of the model's config to change,
            by keys such as ``'model.absolute.with_scale'``.

    Raises:
        FileNotFoundError: If a config or the weights do not exist.
        ValueError: If there is no model of that name, or nobody would read a
            setting or ``det_weights``.
        ImportError: If a detector is named and MMDetection, or MediaPipe, does not
            work.
    """

    preprocess_kwargs: set = {
        'bboxes',
        'bbox_thr',
        'nms_thr',
        'box_passes',
        'track',
        'cameras',
        'hand_side',
    }
    # how a calibration file is to be read
    camera_kwargs: set = {
        'camera_names',
        'extrinsics',
        'unit',
        'axes',
        'format',
        'rescale_intrinsics',
    }
    forward_kwargs: set = set()
    visualize_kwargs: set = {
        'return_vis',
        'show',
        'wait_time',
        'draw_bbox',
        'thickness',
        'kpt_thr',
        'vis_out_dir',
        'vis_fps',
        'black_background',
    }
    postprocess_kwargs: set = {'pred_out_dir', 'save_vertices', 'pred_formats'}

    def __init__(
        self,
        model: ModelType | str = 'hamuco',
        weights: str | None = None,
        device: str | None = None,
        scope: str = 'mmpose',
        det_model: None | str | Detector = None,
        det_weights: str | None = None,
        det_cat_ids: int | Sequence[int] = 0,
        show_progress: bool = False,
        cuda_graphs: bool = True,
        cfg_options: Mapping[str, Any] | None = None,
    ) -> None:
        init_default_scope(scope)
        self._cfg_options = dict(cfg_options or {})
        of_mmdet = isinstance(det_model, str) and det_model not in _NOT_OF_MMDET
        if det_weights is not None and not of_mmdet:
            raise ValueError(
                f'det_weights {det_weights!r} are those of a det_model of '
                f'MMDetection, and det_model {det_model!r} is none: leave them out'
            )
        model, weights = split_model(model, weights)
        super().__init__(model, weights, device, scope, show_progress)
        self.model: Any = revert_sync_batchnorm(self.model)
        if cuda_graphs and isinstance(self.model, HaMuCo):
            CapturedPredictions(self.model).install()
        self.visualizer.faces = faces_of(self.model)
        self.find_hands: Detector | None
        if callable(det_model):
            self.find_hands = det_model
        elif det_model is None:
            self.find_hands = None
        elif det_model in _WHOLE_IMAGE:
            self.find_hands = whole_image
        elif det_model == MEDIAPIPE:
            self.find_hands = MediaPipeDetector()
        else:
            if not base_mmpose_inferencer.has_mmdet:
                raise ImportError(
                    'a det_model needs MMDetection, and with it the compiled '
                    'ops of the full mmcv (docs/install.md). Without: give '
                    "bboxes, 'mediapipe', or a function from an image to boxes"
                )
            self._init_detector(det_model, det_weights, det_cat_ids, device)
            self.find_hands = DetectedHands(self.detector, self.det_cat_ids)

    def __call__(
        self,
        inputs: ViewInputs,
        return_datasamples: bool = False,
        batch_size: int = 1,
        out_dir: str | None = None,
        match: str = 'auto',
        offset: Mapping[str, int] | None = None,
        shortest: bool = False,
        **kwargs: Any,
    ) -> Iterator[dict]:
        """Predict.

        Args:
            inputs: One view or a group, see the class.
            return_datasamples (bool): Give predictions as
                :class:`PoseDataSample`. Defaults to False: as dicts.
            batch_size (int): Time steps that go through the network
                together. Defaults to 1.
            out_dir (str, optional): Pictures go to its ``visualizations``,
                JSON files to its ``predictions``, as they come.
            match (str): How images of several views are matched: 'auto',
                'number' or 'order', see
                :func:`~hamuco_mm.datasets.frames.matching.match_frames`.
            offset (Mapping[str, int], optional): By camera: its frame N is time
                step 0, as with ``rig2coco.py``. The time steps that all views
                have are predicted.
            shortest (bool): End with the view that ends first. Defaults to False:
                views of different lengths are an error.
            bboxes: Given boxes, see
                :func:`~hamuco_mm.apis.inferencers.boxes.boxes_by_view`;
                the detector is not asked then. In a group, each view's best
                box counts.
            bbox_thr (float): Least score of a detection. Defaults to 0.3.
            nms_thr (float): IoU above which detections are one hand.
                Defaults to 0.3.
            box_passes (int): Passes of the network over an image to locate the
                hand, where there is neither a box nor a detector; 0 takes the
                whole image for the hand. Defaults to 3.
            track (bool, optional): Whether to begin with the box of the image
                before. Defaults to None: in videos and webcams.
            cameras: Calibration, see
                :func:`~hamuco_mm.apis.inferencers.cameras.load_cameras`.
            camera_names (Mapping[str, str]): What views are called in the
                calibration, where that is another name.
            extrinsics, unit, axes, format (str): What a calibration file does
                not say itself, see :func:`~hamuco_mm.cameras.read_calibration`.
            rescale_intrinsics (bool): The images are a resized version of those
                that were calibrated. Defaults to False: another size is an error.
            hand_side (str): 'right' or 'left'. Defaults to 'right'.
            return_vis (bool): Give pictures too. Defaults to False.
            show (bool): Open a window. Defaults to False.
            wait_time (float): How long it waits, in seconds; 0 is until a
                key.
            draw_bbox (bool), thickness (int), kpt_thr (float),
                black_background (bool): Of the pictures.
            vis_out_dir (str): Folder for pictures; for videos also a file, which
                may be an animation (.gif, .webp).
            vis_fps (float): Of that video. Defaults to the input's.
            pred_out_dir (str): Folder for files of predictions.
            pred_formats (Sequence[str]): Of these files: 'json', and 'csv' for
                ``hands.csv``, one row a frame, view and hand, see
                :class:`~hamuco_mm.export.hand_table.HandTable`. Defaults to
                JSON alone.
            save_vertices (bool): Meshes in the JSON files too. Defaults to
                False.

        Yields:
            dict: For each time step, with lists that have one entry per view:

            - ``predictions``: per view, the list of its hands, as
              :func:`~hamuco_mm.apis.inferencers.predictions.instance_dicts`
              describes, or its :class:`PoseDataSample`;
            - ``visualization``: pictures, uint8 RGB, with ``return_vis``;
            - ``views``: their names; ``name`` of the time step;
            - ``problems``: why a view has no hands, else None.

        Raises:
            FileNotFoundError, OSError, ValueError: If an input cannot be
                opened, views have different lengths, boxes or cameras do
                not fit the views, or results cannot be written or would replace
                an input; before anything is predicted.
        """
        if batch_size < 1:
            raise ValueError(f'batch_size {batch_size} should be at least 1')
        if out_dir is not None:
            kwargs.setdefault('vis_out_dir', f'{out_dir}/visualizations')
            kwargs.setdefault('pred_out_dir', f'{out_dir}/predictions')
        if kwargs.get('pred_out_dir'):
            check_output_folder(kwargs['pred_out_dir'])
        if kwargs.get('vis_out_dir'):  # of a video it may be a file
            check_output_folder(Path(kwargs['vis_out_dir']).parent)
        reading = {key: kwargs.pop(key) for key in self.camera_kwargs if key in kwargs}
        preprocess, _, visualize, postprocess = self._dispatch_kwargs(**kwargs)
        cameras = preprocess.get('cameras')
        calibration = cameras if isinstance(cameras, (str, Path)) else None
        sources, is_group = open_views(inputs, match, offset, shortest, calibration)
        preprocess['bboxes'] = boxes_by_view(preprocess.get('bboxes'), sources)
        preprocess['cameras'] = load_cameras(cameras, list(sources), **reading)
        needs_mirroring(preprocess.get('hand_side'))  # or an error
        if preprocess.get('box_passes', 0) < 0:
            raise ValueError(
                f'box_passes {preprocess["box_passes"]} should be at least 0'
            )
        speeds = [source.fps for source in sources.values() if source.fps]
        if preprocess.get('track') is None:
            preprocess['track'] = bool(speeds)
        video = None
        if speeds:
            video = 'views' if is_group else next(iter(sources))
            visualize.setdefault('wait_time', 0.001)
        fps = visualize.pop('vis_fps', speeds[0] if speeds else None)
        formats = postprocess.pop('pred_formats', PREDICTION_FORMATS[:1])
        unknown = set(formats) - set(PREDICTION_FORMATS)
        if unknown or isinstance(formats, str):
            raise ValueError(
                f'pred_formats {formats!r} should be a list of {PREDICTION_FORMATS}'
            )
        order = None
        if is_group and preprocess['cameras']:
            order = CameraOrder(reading.get('camera_names'))
        files = ResultFiles()
        if visualize.get('vis_out_dir'):
            read = [file for source in sources.values() for file in source.files]
            files.pictures = PictureFiles(visualize['vis_out_dir'], video, fps, read)
        if postprocess.get('pred_out_dir'):
            folder = postprocess['pred_out_dir']
            if 'json' in formats:
                files.predictions = PredictionFiles(folder, video)
            if 'csv' in formats:
                files.table = HandTable(f'{folder}/{TABLE}')
        return self._run(
            time_steps(sources, shortest or bool(offset)),
            is_group,
            batch_size,
            return_datasamples,
            preprocess,
            visualize,
            postprocess,
            files,
            order,
        )

    def _run(
        self,
        steps: Iterator[TimeStep],
        is_group: bool,
        batch_size: int,
        return_datasamples: bool,
        preprocess_kwargs: dict,
        visualize_kwargs: dict,
        postprocess_kwargs: dict,
        files: ResultFiles,
        order: CameraOrder | None,
    ) -> Iterator[dict]:
        batches: Iterable = self.preprocess(
            steps, batch_size, is_group, **preprocess_kwargs
        )
        if self.show_progress:
            batches = track(batches, description='Inference')
        checks = None
        if order:  # there are calibrated views
            side = self._side_check(batch_size, preprocess_kwargs)
            checks = ViewChecks(order, side)
        with files:
            for batch, batch_steps, problems in batches:
                samples = self.forward(batch, batch_steps, problems)
                for step, views in zip(batch_steps, samples):
                    if checks:
                        checks.add(step, views)
                    drawn = self.visualize(step, views, **visualize_kwargs)
                    files.write_pictures(step.name, drawn)
                    yield self.postprocess(
                        views,
                        drawn,
                        step,
                        is_group,
                        return_datasamples,
                        files,
                        visualize_kwargs,
                        **postprocess_kwargs,
                    )
            if checks:
                checks.say()

    def _side_check(self, batch_size: int, preprocess_kwargs: dict) -> HandSideCheck:
        def predict(steps: Sequence[TimeStep], side: str) -> Iterator:
            settings = {**preprocess_kwargs, 'hand_side': side}
            for part in self.preprocess(iter(steps), batch_size, True, **settings):
                yield from self.forward(*part)

        return HandSideCheck(preprocess_kwargs.get('hand_side') or 'right', predict)

    def preprocess(
        self,
        inputs: Iterator[TimeStep],
        batch_size: int,
        is_group: bool,
        bboxes: BoxLookUp,
        cameras: dict[str, ViewCamera] | None = None,
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
        box_passes: int = 3,
        track: bool = False,
        hand_side: str | None = None,
    ) -> Iterator[tuple[dict | None, list[TimeStep], Problems]]:
        """Crops of batches of time steps.

        Yields:
            tuple: The collated batch, whose samples say to which ``step`` and
            ``view`` they belong, None without any; the time steps; and a dict
            from (step, view) to why there is no crop.
        """
        crops_of = HandCrops(
            self.pipeline,
            self.model.dataset_meta,
            self.find_hands if box_passes else self.find_hands or whole_image,
            is_group,
            bboxes,
            cameras,
            bbox_thr,
            nms_thr,
            hand_side,
        )
        locate = ViewLocator(
            crops_of,
            self._predict,
            CropMargins.of_pipeline(self.pipeline.transforms),
            box_passes,
            track,
        )
        for steps in self._get_chunk_data(inputs, batch_size):
            with looking_once(self.model):
                located = locate(steps)
            items: list[dict] = []
            problems: Problems = {}
            for step in steps:
                crops, reasons = crops_of(step, of_step(located, step))
                for reason in reasons.values():
                    print_log(reason, 'current', logging.WARNING)
                items += crops
                problems.update(
                    {(step.index, view): reason for view, reason in reasons.items()}
                )
            yield multiview_collate(items) if items else None, steps, problems

    @torch.no_grad()
    def _predict(self, crops: list[dict]) -> list[PoseDataSample]:
        """Samples of crops, in pixels and frames of the images that were given."""
        samples: list[PoseDataSample] = []
        batch: list[dict] = []
        for crop in crops:
            # the views of a group stay together
            is_first = crop['data_samples'].metainfo.get('view_index', 0) == 0
            if is_first and len(batch) >= _MOST_CROPS:
                samples += self.model.test_step(multiview_collate(batch))
                batch = []
            batch.append(crop)
        if batch:
            samples += self.model.test_step(multiview_collate(batch))
        return [
            unmirror(sample) if sample.metainfo.get('mirrored') else sample
            for sample in samples
        ]

    @torch.no_grad()
    def forward(
        self, inputs: dict | None, steps: list[TimeStep], problems: Problems
    ) -> list[list[PoseDataSample]]:
        """Predict a batch.

        Args:
            inputs (dict | None): As :meth:`preprocess` yields it, with the
                next two.

        Returns:
            list[list[PoseDataSample]]: For each time step, one of each view,
            with all its hands; in pixels and the camera's frame of the image
            that was given, also for left hands.
        """
        found: dict[tuple[int, str], list[PoseDataSample]] = {}
        if inputs is not None:
            for sample in self.model.test_step(inputs):
                if sample.metainfo.get('mirrored', False):
                    sample = unmirror(sample)
                set_origin_side_and_score(sample)
                key = sample.metainfo['step'], sample.metainfo['view']
                found.setdefault(key, []).append(sample)
        results = []
        for step in steps:
            results.append(
                [
                    merge_data_samples(found[step.index, view])
                    if (step.index, view) in found
                    else no_hand(
                        dict(
                            img_path=frame.path,
                            step=step.index,
                            view=view,
                            problem=problems[step.index, view],
                        )
                    )
                    for view, frame in step.frames.items()
                ]
            )
        return results

    def visualize(
        self,
        inputs: TimeStep,
        preds: list[PoseDataSample],
        return_vis: bool = False,
        show: bool = False,
        wait_time: float = 0,
        draw_bbox: bool = False,
        thickness: int = 2,
        kpt_thr: float = 0.3,
        vis_out_dir: str = '',
        black_background: bool = False,
    ) -> list[np.ndarray]:
        """Pictures (uint8 RGB) of each view; empty if nobody wants them."""
        if not (return_vis or show or vis_out_dir):
            return []
        self.visualizer.line_width = thickness
        pictures = []
        for (view, frame), sample in zip(inputs.frames.items(), preds):
            image = frame.image
            if image is None:
                image = np.full((256, 256, 3), 128, np.uint8)
            image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            if black_background:
                image = np.zeros_like(image)
            picture = self.visualizer.draw(
                image, sample, draw_bbox=draw_bbox, kpt_thr=kpt_thr
            )
            if show:
                # its windows of OpenCV expect BGR
                self.visualizer.show(picture[..., ::-1], view, wait_time, backend='cv2')
            pictures.append(picture)
        return pictures

    def postprocess(
        self,
        preds: list[PoseDataSample],
        visualization: list[np.ndarray],
        step: TimeStep,
        is_group: bool,
        return_datasamples: bool,
        files: ResultFiles,
        visualize_kwargs: dict,
        pred_out_dir: str = '',
        save_vertices: bool = False,
    ) -> dict:
        """The result of a time step, see :meth:`__call__`; also to disk."""
        views = list(step.frames)
        problems = [pred.metainfo.get('problem') for pred in preds]
        if files.predictions is not None:
            content = file_content(step.frames, preds, is_group, save_vertices)
            files.predictions.write(step.name, step.index, content, step.time)
        if files.table is not None:
            write_hands(files.table, step, preds)
        if not return_datasamples:
            preds = [instance_dicts(pred.pred_instances) for pred in preds]
        return dict(
            predictions=preds,
            visualization=visualization if visualize_kwargs.get('return_vis') else [],
            name=step.name,
            views=views,
            problems=problems,
        )
