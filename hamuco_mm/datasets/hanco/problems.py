"""Problems of a data set, counted, so that few lines report them."""

# The report of each kind of problem.
_LABEL_PROBLEMS = dict(
    missing_image='views left out: a 2D label without an image',
    missing_label='views left out: an image without a 2D label',
    malformed_label='views left out: the 2D label is not readable',
)
_CAMERA_PROBLEMS = dict(
    missing_calibration='views left out: no calibration of the time step',
    malformed_calibration='views left out: the calibration is not readable',
    missing_camera='views left out: the camera is not in the calibration',
    impossible_camera='views left out: singular camera matrix, or numbers that no camera has (focal lengths '
    'positive, last rows 0 0 1 and 0 0 0 1, rotation orthonormal with determinant 1, '
    'metres)',
)
_NOTES = dict(
    invalid_joints='views with joints that are not finite: these weigh 0',
    joints_at_origin='views with joints at (0, 0) that have a confidence: these weigh 0',
    far_joints='views with joints far from their image: these weigh 0',
    large_confidence='views with confidences above 1: these count as 1',
    no_confidence='views whose confidences are all 0: they are kept, weigh '
    'nothing, and the box is the whole image',
    malformed_xyz='time steps without 3D joints: the file is not readable',
    malformed_shape='time steps without a hand fit: the file is not readable',
    implausible_xyz='time steps without 3D joints: they are larger or smaller than any '
    'hand, or far away (metres are expected)',
    implausible_shape='time steps without a hand fit: no hand has such numbers',
    strange_number='files or folders left out: the number in the name is too long',
    unreadable_folder='folders left out: they cannot be read',
    malformed_meta='meta.json ignored: it is not readable',
)
DESCRIPTIONS = {**_LABEL_PROBLEMS, **_CAMERA_PROBLEMS, **_NOTES}


class ProblemReport:
    """How often each kind of problem occurred, and where it occurred first.

    Args:
        entries (Dict[str, list], optional): Kind -> [count, first place], as
            :meth:`to_dict` gives it.
    """

    def __init__(self, entries: dict[str, list] | None = None):
        self._entries = {k: list(v) for k, v in (entries or {}).items()}
        self._places: list[tuple[str, str, int]] = []

    def add(self, kind: str, place: object, count: int = 1) -> None:
        """Note a problem, of this number of views where one file is of several."""
        entry = self._entries.setdefault(kind, [0, str(place)])
        entry[0] += count
        self._places.append((kind, str(place), count))

    def update(self, other: 'ProblemReport') -> None:
        """Add the problems of another report."""
        for kind, place, count in other._places:
            self.add(kind, place, count)

    def to_dict(self) -> dict[str, list]:
        """The counts and first places, for a JSON file."""
        return self._entries

    def places(self) -> list[tuple[str, str]]:
        """Where each noted problem is, and what was done."""
        return [(place, DESCRIPTIONS[kind]) for kind, place, _ in self._places]

    def lines(
        self, with_cameras: bool = True, num_views: int | None = None
    ) -> list[str]:
        """One line for each kind.

        Args:
            with_cameras (bool): Whether problems of cameras matter to the
                reader. Defaults to True.
            num_views (int, optional): With an image and a label, of which those are
                that have no camera.
        """
        of_all = '' if num_views is None else f' of {num_views}'
        lines = []
        for kind, text in DESCRIPTIONS.items():
            of_camera = kind in _CAMERA_PROBLEMS
            if kind in self._entries and (with_cameras or not of_camera):
                count, first = self._entries[kind]
                of = of_all if of_camera else ''
                lines.append(f'{count}{of} {text}; the first is {first}')
        return lines
