import pytest
from hand_samples import make_sample, posed_hands
from mmengine.logging import MMLogger


@pytest.fixture
def make_batch():
    """Function: view counts of the time steps -> list of data samples."""

    def _make(view_counts, noise=(0., 0., 0.), seed=0):
        vertices, joints = posed_hands(sum(view_counts), seed=seed)
        samples = []
        for frame, num_views in enumerate(view_counts):
            for view in range(num_views):
                i = len(samples)
                samples.append(
                    make_sample(vertices[i], joints[i], frame, view, num_views,
                                noise, seed + i))
        return samples

    return _make


@pytest.fixture
def evaluate():
    """Function: metric, batches of data samples -> metrics."""

    def _evaluate(metric, batches, size=None):
        for batch in batches:
            metric.process(None, [sample.to_dict() for sample in batch])
        return metric.evaluate(len(metric.results) if size is None else size)

    return _evaluate


@pytest.fixture
def log(caplog):
    """What MMEngine's logger writes; it does not propagate by itself."""
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)
