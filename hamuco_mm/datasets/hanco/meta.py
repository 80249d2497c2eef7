"""HanCo's ``meta.json``: facts about each time step."""

from pathlib import Path

import numpy as np

from ...utils.json_files import MalformedFileError, read_json
from .problems import ProblemReport

# is_train: green screen; has_fit: a MANO fit exists; is_valid: it was
# validated by a person; object_id: -1 where no object is held.
META_KEYS = ('is_train', 'subject_id', 'is_valid', 'object_id', 'has_fit')
UNKNOWN = -1


def read_meta(
    path: Path, sequences: np.ndarray, frames: np.ndarray, problems: ProblemReport
) -> np.ndarray:
    """Look up the time steps in ``meta.json``.

    Args:
        path (Path): The file, which may be absent.
        sequences (np.ndarray): Numbers of the sequences, (F, ).
        frames (np.ndarray): Numbers of the frames within them, (F, ).
        problems (ProblemReport): Gets an entry when the file is malformed.

    Returns:
        np.ndarray: int32 (F, 5), a column for each of ``META_KEYS``; -1
        where the file does not say.
    """
    table = np.full((len(frames), len(META_KEYS)), UNKNOWN, np.int32)
    try:
        data = read_json(path)
        for column, key in enumerate(META_KEYS):
            values = data.get(key, [])
            for row, (sequence, frame) in enumerate(zip(sequences, frames)):
                if (
                    sequence < len(values)
                    and frame < len(values[sequence])
                    and values[sequence][frame] is not None
                ):
                    table[row, column] = values[sequence][frame]
    except FileNotFoundError:
        pass
    except MalformedFileError as error:
        problems.add('malformed_meta', error)
    except (AttributeError, TypeError, ValueError) as error:
        problems.add('malformed_meta', f'{path}: {error}')
        table[:] = UNKNOWN
    return table
