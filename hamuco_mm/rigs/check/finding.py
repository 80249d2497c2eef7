"""What the check says."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Attributes:
        kind (str): 'extrinsics', 'camera_order', 'synchronisation',
            'upside_down', 'mirrored', 'turned', 'resized', 'cropped',
            'undistorted', 'lens_model', 'distortion', 'camera', 'joints',
            'joint_order', 'hand', 'hand_side', 'scale' or 'unknown'; two at once with
            '+' between.
        message (str): What it is.
        remedy (str): What to do about it.
        misfit (float | None): See :class:`Fit`, after mending.
        details (dict): The same for programs.
    """

    kind: str
    message: str
    remedy: str
    misfit: float | None = None
    details: dict = field(default_factory=dict)


@dataclass(frozen=True)
class RigReport:
    """Result of :func:`check_rig`.

    Attributes:
        findings (list[Finding]): Empty for a rig that is right.
        misfit (float): See :class:`Fit`; of the rig as it is.
        alternatives (list[Finding]): Other explanations that fit as well as
            the first finding.
        by_camera, by_joint (dict): Median and mean error in pixels and the
            share of inliers, of each camera and each joint.
        overall (dict): The same for all labels.
        hand_size (float | None): Length from wrist to middle fingertip,
            metres, as triangulated.
        notes (list[Finding]): What looks odd, but may be meant; of the kind 'labels',
            what is not the cameras' fault (:func:`check_together`).
        unchecked (dict[str, str]): Cameras that could not be checked, and why.
    """

    findings: list[Finding]
    misfit: float
    alternatives: list[Finding]
    by_camera: dict[str, dict]
    by_joint: dict[str, dict]
    overall: dict
    hand_size: float | None
    notes: list[Finding] = field(default_factory=list)
    unchecked: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with what could be checked."""
        return not self.findings

    def as_dict(self) -> dict:
        """For JSON."""
        return dict(ok=self.ok, **asdict(self))
