"""Images of cameras, one after another: from files, folders, videos, webcams.

A *frame* is one image of one camera. Which frames of several cameras belong
together is decided in one place, :func:`~.matching.match_frames`.
"""

from .file_types import IMAGE_SUFFIXES, VIDEO_SUFFIXES, image_files, is_image, is_video
from .images import Frame, ImageArrays, ImageFiles, ImageFolder
from .matching import MATCH_CHOICES, match_frames
from .sources import Source, is_webcam, open_source
from .videos import UnreadableVideoError, VideoFile, Webcam

__all__ = [
    'IMAGE_SUFFIXES',
    'MATCH_CHOICES',
    'VIDEO_SUFFIXES',
    'Frame',
    'ImageArrays',
    'ImageFiles',
    'ImageFolder',
    'Source',
    'UnreadableVideoError',
    'VideoFile',
    'Webcam',
    'image_files',
    'is_image',
    'is_video',
    'is_webcam',
    'match_frames',
    'open_source',
]
