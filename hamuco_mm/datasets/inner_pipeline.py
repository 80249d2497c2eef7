"""The pipeline of data sets that wrap another one."""

from mmengine.dataset import BaseDataset, Compose


class InnerPipeline:
    """A data set whose views go through the pipeline of the data set that it wraps.

    That is its ``pipeline``, which hooks set in the middle of a training, such as
    ``PipelineSwitchHook`` of MMDetection.
    """

    dataset: BaseDataset

    @property
    def pipeline(self) -> Compose:
        """The transforms of a view."""
        return self.dataset.pipeline

    @pipeline.setter
    def pipeline(self, pipeline: Compose) -> None:
        # MMEngine gives each data set an empty one when it is built
        if pipeline.transforms:
            self.dataset.pipeline = pipeline
