"""Images of cameras, one after another: from files, folders, videos, webcams.

A *frame* is one image of one camera. Its *frame number* counts the images of
that camera from 0. A *time step* is what all cameras saw at one moment; which
frame number that is may differ between the cameras, see
:class:`~hamuco_mm.datasets.rig.extraction.Timing`.
"""

from .file_types import IMAGE_SUFFIXES, VIDEO_SUFFIXES, image_files, is_image, is_video
from .images import Frame, ImageArrays, ImageFiles
from .sources import Source, is_webcam, open_source
from .videos import UnreadableVideoError, VideoFile, Webcam

__all__ = [
    'IMAGE_SUFFIXES',
    'VIDEO_SUFFIXES',
    'Frame',
    'ImageArrays',
    'ImageFiles',
    'Source',
    'UnreadableVideoError',
    'VideoFile',
    'Webcam',
    'image_files',
    'is_image',
    'is_video',
    'is_webcam',
    'open_source',
]
