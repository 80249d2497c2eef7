"""2D joints by a top-down model of MMPose."""

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose, pseudo_collate
from mmengine.logging import print_log
from mmengine.runner import load_checkpoint
from mmpose.apis import init_model

from ..datasets.joint_order import order_of_side, reorder_by_name
from ..datasets.labels.checks import LARGEST_CONFIDENCE
from ..datasets.missing_joints import zero_missing
from ..hand_model import NUM_JOINTS
from ..utils.config_options import read_config
from ..utils.near_paths import near_path
from ..utils.weight_loading import complete_loading, quiet_loading
from .hand_image import HandImage


class HandPredictor:
    """Runs a top-down 2D hand model, as ``inference_topdown`` of MMPose does.

    Args:
        config (str): Config of the model.
        checkpoint (str): Its weights: a file or a URL.
        device (str): Where it runs.
        cfg_options (Mapping, optional): Settings that replace the config's.

    Attributes:
        pipeline (Compose): Makes an input of the model.
        meta (dict): ``dataset_meta`` of the model, which the pipeline needs.
        fingerprint (str): Digest of the network, its weights and inputs.

    Raises:
        FileNotFoundError: If there are no such files.
        ImportError: If the model needs packages that are not there.
        ValueError: If the weights are of another network, its joints are not the
            21 of a hand, or nobody would read a setting.
    """

    def __init__(
        self,
        config: str,
        checkpoint: str,
        device: str = 'cpu',
        cfg_options: Mapping[str, Any] | None = None,
    ):
        if '://' not in checkpoint and not os.path.isfile(checkpoint):
            raise FileNotFoundError(
                f'there is no checkpoint {checkpoint}{near_path(checkpoint)}'
            )
        try:
            cfg = read_config(config, cfg_options)
            with quiet_loading():
                self.model = init_model(cfg, checkpoint, device=device)
        except ImportError as error:
            raise ImportError(
                f'{config} needs {error.name or error}. Where it is of mmcv.'
                'ops or mmdet (RTMPose is), the full mmcv is needed: '
                'docs/install.md'
            ) from error
        self.meta = self.model.dataset_meta
        with complete_loading(self.model, config, checkpoint):
            load_checkpoint(self.model, checkpoint, 'cpu', logger='silent')
        try:
            self._orders = {
                side: joint_order(self.meta, side) for side in ('left', 'right')
            }
            pipeline = self.model.cfg.test_dataloader.dataset.pipeline
        except ValueError as error:
            raise ValueError(f'{config}: {error}') from error
        except AttributeError:
            raise ValueError(
                f'{config}: has no test_dataloader.dataset.'
                'pipeline, which makes the inputs'
            ) from None
        self.pipeline = Compose(pipeline)
        self._said_scores = False
        self.fingerprint = _fingerprint(self.model, pipeline)

    @property
    def knows_both_hands(self) -> bool:
        """Whether the model has joints of the left and of the right hand."""
        return not np.array_equal(self._orders['left'], self._orders['right'])

    def check_sides(self, images: Sequence[HandImage]) -> None:
        """Check that the model can label these hands.

        A network with a hand model in its head, such as those of this package,
        knows only hands of the side of that model.

        Raises:
            ValueError: If an image has a hand of the other side.
        """
        decoder = getattr(self.model.head, 'hand_decoder', None)
        if decoder is None:
            return
        known = decoder.hand.side
        others = [image for image in images if image.side != known]
        if others:
            raise ValueError(
                f'{others[0].path} has a {others[0].side} hand (and so have '
                f'{len(others)} of {len(images)} images in all), but the '
                f'model knows {known} hands alone. Take a 2D model without a '
                'hand model, or OpenPose or MediaPipe: '
                'docs/pseudo_labels.md'
            )

    @torch.no_grad()
    def __call__(
        self, inputs: list[dict], sides: Sequence[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predict a batch.

        Args:
            inputs (list[dict]): Results of ``pipeline``.
            sides (Sequence[str]): 'left' or 'right', for a model that knows
                both.

        Returns:
            tuple: Pixels of the original images (N, 21, 2) and confidences in
            [0, 1] (N, 21), float32; 0 for a joint that is not finite.
        """
        samples = self.model.test_step(pseudo_collate(inputs))
        found = [sample.pred_instances for sample in samples]
        keypoints, scores = (
            np.stack(
                [
                    _numpy(instances[key])[0][self._orders[side]]
                    for instances, side in zip(found, sides)
                ]
            )
            for key in ('keypoints', 'keypoint_scores')
        )
        self._warn_of_scores(scores)
        keypoints, scores = zero_missing(keypoints, scores)
        return keypoints.astype(np.float32), scores.astype(np.float32)

    def _warn_of_scores(self, scores: np.ndarray) -> None:
        largest = np.max(scores, initial=0, where=np.isfinite(scores))
        if largest > LARGEST_CONFIDENCE and not self._said_scores:
            self._said_scores = True
            print_log(
                f'the scores of the model reach {largest:.1f}; those above 1 are taken '
                'as 1, so that confidences hardly tell good labels from bad ones: '
                'clean_labels.py lowers those that other views contradict',
                'current',
                logging.WARNING,
            )


def joint_order(meta: dict, side: str) -> np.ndarray:
    """Indices of our 21 joints among those of a model, by their names.

    Args:
        meta (dict): Its ``dataset_meta``.
        side (str): The hand to take of a model with both.

    Raises:
        ValueError: If the names are not those of a hand's joints.
    """
    by_id = meta['keypoint_id2name']
    names = [by_id[joint] for joint in sorted(by_id)]
    both = len(names) == 2 * NUM_JOINTS
    try:
        return order_of_side(names, side) if both else reorder_by_name(names)
    except ValueError as error:
        raise ValueError(
            f'the {len(names)} joints of the model (dataset '
            f'{meta.get("dataset_name")!r}) are not those of a hand: {error}'
        ) from error


def _fingerprint(model: Any, pipeline: list) -> str:
    digest = hashlib.sha256(repr((model.cfg.model.to_dict(), pipeline)).encode())
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _numpy(value: torch.Tensor | np.ndarray) -> np.ndarray:
    return value.cpu().numpy() if torch.is_tensor(value) else np.asarray(value)
