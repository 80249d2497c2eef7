"""How far a predicted hand can be trusted, without a truth."""

import numpy as np
from mmpose.structures import PoseDataSample

from ...structures import Stage
from ..locating.agreement import agreement, coverage, hand_distance


def set_origin_side_and_score(sample: PoseDataSample) -> None:
    """Give ``pred_instances`` of one hand ``bbox_origins``, ``hand_sides`` and
    ``hand_scores``, (1, ) each."""
    fields = dict(
        bbox_origins=np.array([sample.metainfo.get('bbox_origin', 'given')]),
        hand_sides=np.array([sample.metainfo['hand_side']]),
        hand_scores=np.array([hand_score(sample)], np.float32),
    )
    for name, values in fields.items():
        sample.pred_instances.set_field(values, name)


def hand_score(sample: PoseDataSample) -> float:
    """A number in [0, 1]: the product of

    - the agreement of several crops of the image, or of a detector's score: the
      ``bbox_score``; 1 of a box that was given without one;
    - the agreement of this view's own hand with the one of all views, where there
      are several;
    - the share of the joints that the image and the crop show.

    Args:
        sample (PoseDataSample): Of one hand, in pixels of its image.
    """
    pred, meta = sample.pred_instances, sample.metainfo
    own = pred.get(Stage.of_views(pred).field('keypoints'))[0]
    score = float(pred.bbox_scores[0]) if 'bbox_scores' in pred else 1.0
    if meta.get('num_views', 1) > 1 and Stage.FUSION.field('keypoints') in pred:
        score *= float(
            agreement(hand_distance(own, pred.get(Stage.FUSION.field('keypoints'))[0]))
        )
    height, width = meta['ori_shape'][:2]
    half = np.asarray(meta['input_scale'], np.float64).ravel() / 2
    center = np.asarray(meta['input_center'], np.float64).ravel()
    crop = np.concatenate([center - half, center + half])
    image = np.array([-0.5, -0.5, width - 0.5, height - 0.5])
    seen = np.concatenate(
        [np.maximum(crop[:2], image[:2]), np.minimum(crop[2:], image[2:])]
    )
    return score * float(coverage(own, seen))
