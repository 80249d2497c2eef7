"""XML of OpenCV's FileStorage, as data."""

from typing import Any

import cv2

from .nesting import check_xml


def parse_opencv_xml(text: str) -> dict[str, Any]:
    """The content of a file that OpenCV wrote.

    Raises:
        ValueError: If OpenCV cannot read it, it is nested deeply, or a name is there
            twice.
    """
    check_xml(text)
    try:
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
    except (cv2.error, SystemError) as error:
        # its own message tells of the binding alone
        raise ValueError("it is no complete <opencv_storage> of OpenCV's") from error
    content = _value(storage.root())
    storage.release()
    return content


def _value(node: Any) -> Any:
    if node.isMap():
        names = list(node.keys())
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'{name!r} is there twice')
        return {name: _value(node.getNode(name)) for name in names}
    if node.isSeq():
        return [_value(node.at(i)) for i in range(node.size())]
    if node.isString():
        return node.string()
    return node.real()
