"""Every calibration format, in the order in which a file is tried."""

from collections.abc import Callable
from dataclasses import dataclass

from .documents import Document
from .formats.anipose import read_anipose
from .formats.easymocap import is_easymocap, read_easymocap
from .formats.found import FileCameras
from .formats.hanco import is_hanco, read_hanco
from .formats.jarvis import is_jarvis, read_jarvis
from .formats.kalibr import is_kalibr, read_kalibr
from .formats.mc_calib import is_mc_calib, read_mc_calib
from .formats.multical import is_multical, read_multical
from .formats.named import read_named
from .formats.nerfstudio import is_nerfstudio, read_nerfstudio
from .formats.ros import is_ros, read_ros
from .formats.stereo import is_stereo, read_stereo
from .formats.xrprimer import is_xrprimer, read_xrprimer
from .notes import Notes


@dataclass(frozen=True)
class CalibrationFormat:
    """A format of parsed files.

    Attributes:
        title (str): The program and its files, for messages.
        recognises (Callable): Whether a document has this form.
        read (Callable): Cameras of such a document.
        kind (str | None): What the file has to be, as ``'JSON'``; None for any.
        general (bool): Whether to ask for it leaves open which program's form it
            is.
    """

    title: str
    recognises: Callable[[Document], bool]
    read: Callable[[Document, Notes], FileCameras]
    kind: str | None = None
    general: bool = False


def _has_kind(*kinds: str) -> Callable[[Document], bool]:
    return lambda document: document.kind in kinds


# Programs' own forms come first; what is left is read by its names.
DOCUMENT_FORMATS: dict[str, CalibrationFormat] = dict(
    hanco=CalibrationFormat("HanCo's JSON", is_hanco, read_hanco),
    multical=CalibrationFormat("MultiCal's JSON", is_multical, read_multical),
    mc_calib=CalibrationFormat("MC-Calib's YAML", is_mc_calib, read_mc_calib),
    kalibr=CalibrationFormat("Kalibr's camchain", is_kalibr, read_kalibr),
    ros=CalibrationFormat("ROS's camera_info", is_ros, read_ros),
    easymocap=CalibrationFormat(
        "EasyMocap's intri.yml and extri.yml", is_easymocap, read_easymocap
    ),
    xrprimer=CalibrationFormat("XRPrimer's JSON", is_xrprimer, read_xrprimer),
    jarvis=CalibrationFormat("JARVIS's YAML", is_jarvis, read_jarvis),
    nerfstudio=CalibrationFormat(
        "nerfstudio's transforms.json", is_nerfstudio, read_nerfstudio
    ),
    stereo=CalibrationFormat(
        'cv2.stereoCalibrate (M1 D1 M2 D2 R T)', is_stereo, read_stereo
    ),
    toml=CalibrationFormat(
        'TOML of Anipose and Caliscope', _has_kind('TOML'), read_anipose, 'TOML', True
    ),
    json=CalibrationFormat('JSON', _has_kind('JSON'), read_named, 'JSON', True),
    opencv=CalibrationFormat(
        "OpenCV's YAML, XML or NPZ",
        _has_kind('YAML', 'XML', 'NPZ'),
        read_named,
        general=True,
    ),
)
FORMATS = (*DOCUMENT_FORMATS, 'colmap')
