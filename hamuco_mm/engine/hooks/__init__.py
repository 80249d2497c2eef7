"""Hooks of training: recorded steps, loss schedule, averaged weights, time, hand
model, hand sides, memory format, checkpoints, the end of a run."""

from .captured_prediction_hook import CapturedPredictionHook
from .captured_step_hook import CapturedStepHook
from .compile_hook import CompileHook
from .deferred_runtime_info_hook import DeferredRuntimeInfoHook
from .epoch_seed_hook import EpochSeedHook
from .finger_spread_hook import FingerSpreadHook
from .hand_model_hook import HandModelHook
from .hand_side_hook import HandSideHook
from .joint_order_hook import JointOrderHook
from .left_out_hook import LeftOutHook
from .loss_schedule_hook import LossScheduleHook
from .mean_teacher_hook import MeanTeacherHook
from .memory_format_hook import MemoryFormatHook
from .pause_hook import PauseHook
from .run_summary_hook import RunSummaryHook
from .safe_checkpoint_hook import SafeCheckpointHook
from .time_budget_hook import TimeBudgetHook

__all__ = [
    'CapturedPredictionHook',
    'CapturedStepHook',
    'CompileHook',
    'DeferredRuntimeInfoHook',
    'EpochSeedHook',
    'FingerSpreadHook',
    'HandModelHook',
    'HandSideHook',
    'JointOrderHook',
    'LeftOutHook',
    'LossScheduleHook',
    'MeanTeacherHook',
    'MemoryFormatHook',
    'PauseHook',
    'RunSummaryHook',
    'SafeCheckpointHook',
    'TimeBudgetHook',
]
