from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from ...datasets.stated_joints import check_joint_order


@HOOKS.register_module()
class JointOrderHook(Hook):
    """Refuse, before a loop, data sets whose joints are in another order.

    The networks and metrics know the 21 joints by their place. The data sets of this
    package have them there; those of MMPose have orders of their own.
    """

    def before_train(self, runner: Runner) -> None:
        """Look at the training set.

        Raises:
            ValueError: See :func:`~hamuco_mm.datasets.stated_joints.check_joint_order`.
        """
        check_joint_order(runner.train_dataloader.dataset)

    def before_val(self, runner: Runner) -> None:
        """Look at the validation set, as above."""
        check_joint_order(runner.val_dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        """Look at the test set, as above."""
        check_joint_order(runner.test_dataloader.dataset)
