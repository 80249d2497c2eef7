import numpy as np

from hamuco_mm.evaluation.consecutive_frames import consecutive_runs


def runs_of(*args):
    return [run.tolist() for run in consecutive_runs(*args)]


def test_a_missing_frame_ends_a_run():
    assert runs_of(np.zeros(6), [4, 0, 1, 5, 2, 7]) == [[1, 2, 4], [0, 3], [5]]
    valid = np.array([True, False, True, True])
    assert runs_of(np.zeros(4), np.arange(4), valid) == [[0], [2, 3]]
    assert runs_of([], []) == []


def test_each_sequence_has_its_own_step():
    """Every second frame is a sequence of its own rate."""
    assert runs_of(np.zeros(4), [0, 2, 4, 8]) == [[0, 1, 2], [3]]
    sequence = ['b', 'b', 'b', 'a', 'a', 'a', 'a', 'c']
    frame = [2, 0, 4, 7, 5, 6, 9, 3]
    assert runs_of(sequence, frame) == [[4, 5, 3], [6], [1, 0, 2], [7]]


def test_a_frame_does_not_follow_itself():
    assert runs_of(np.zeros(3), [1, 1, 2]) == [[0], [1, 2]]
    assert runs_of(np.zeros(2), [1, 1]) == [[0], [1]]
