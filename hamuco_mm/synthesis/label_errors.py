"""Parameters of the pseudo labels' errors."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class LabelErrorModel:
    """How wrong the labels are; lengths in pixels of a 256 px wide image.

    The targets come from the paper: OpenPose's mean error on HanCo is 22 to
    26 px at 256x256 (fig. 4), with a heavy tail; triangulating its output
    gives 13.2 mm PA-MPJPE by DLT and 9.8 mm by RANSAC (table 3). The
    parameters have been tuned until the generated labels do the same;
    ``--report`` of the generator prints the values reached. The kinds of
    errors are those of such detectors: they grow with occlusion, stay for
    several frames, concern whole fingers, and confidences tell little about
    them.

    Attributes:
        definition_mm (float): Deviation per axis of what the detector takes
            for the joint, in mm, fixed on the hand: the same in all views.
        hand_shift (float): Deviation of an error common to the hand.
        finger_drift (float): Deviation of an error common to a finger.
        joint_noise (float): Deviation of each joint's own error.
        occlusion_gain (float): Occluded joints' errors are larger by this
            factor plus one.
        persistence (float): Correlation of errors from frame to frame.
        tail (float): Standard deviation of the logarithm of a factor on the
            errors, one for each view of a sequence.
        swap_rate (float): Share of frames in which a neighbouring pair of
            fully visible fingers is mixed up.
        swap_rate_occluded (float): The same for occluded ones.
        reversal_rate (float): Share of frames and views in which index to
            pinky are taken in the reverse order.
        lost_rate (float): Share of frames and views in which the whole hand
            is placed wrongly.
        lost_spread (float): Deviation of such a misplacement.
        outlier_rate (float): Share of joints that land somewhere else.
        outlier_rate_occluded (float): The same for occluded ones.
        outlier_spread (float): Deviation of where outliers land, about the
            hand's centre.
        missing_rate (float): Share of joints left out (confidence 0).
        missing_rate_occluded (float): The same for occluded ones.
        burst_frames (float): Mean length of mix-ups, in frames.
        confidence_slope (float): How much confidence falls with the error.
        confidence_noise (float): Noise of the confidence.
    """

    definition_mm: float = 3.0
    hand_shift: float = 4.0
    finger_drift: float = 6.7
    joint_noise: float = 3.5
    occlusion_gain: float = 1.2
    persistence: float = 0.8
    tail: float = 0.3
    swap_rate: float = 0.03
    swap_rate_occluded: float = 0.28
    reversal_rate: float = 0.05
    lost_rate: float = 0.075
    lost_spread: float = 42.0
    outlier_rate: float = 0.02
    outlier_rate_occluded: float = 0.10
    outlier_spread: float = 48.0
    missing_rate: float = 0.01
    missing_rate_occluded: float = 0.08
    burst_frames: float = 5.0
    confidence_slope: float = 0.55
    confidence_noise: float = 0.9

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 0:
                raise ValueError(f'{field.name} must not be negative')
