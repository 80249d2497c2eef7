from mmengine.dataset import BaseDataset
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from ...datasets.stated_joints import check_joint_number, check_joint_order
from ...models import MANOHead, TriangulationHead
from .runner_state import network_of


@HOOKS.register_module()
class JointOrderHook(Hook):
    """Refuse, before a loop, data sets whose joints are others than the network's, or
    in another order.

    The networks and metrics know the 21 joints by their place. The data sets of this
    package have them there; those of MMPose have orders of their own, and some have
    two hands or a body.
    """

    def before_train(self, runner: Runner) -> None:
        """Look at the training set, and at the validation set before an epoch is
        trained.

        Raises:
            ValueError: See :func:`~hamuco_mm.datasets.stated_joints.check_joint_order`
                and, for networks of the hand model,
                :func:`~hamuco_mm.datasets.stated_joints.check_joint_number`.
        """
        _check(runner, runner.train_dataloader.dataset)
        if runner.val_loop is not None:
            self.before_val(runner)

    def before_val(self, runner: Runner) -> None:
        """Look at the validation set, as above."""
        _check(runner, runner.val_dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        """Look at the test set, as above."""
        _check(runner, runner.test_dataloader.dataset)


def _check(runner: Runner, dataset: BaseDataset) -> None:
    head = getattr(network_of(runner), 'head', None)
    if isinstance(head, MANOHead | TriangulationHead):
        check_joint_number(dataset)
    check_joint_order(dataset)
