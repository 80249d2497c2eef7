# HaMuCo on the egocentric views of AssemblyHands, with its 2D labels alone.
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/assemblyhands.py',
    '../../../_base_/models/hamuco_res50.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

model = dict(head=dict(decoder=_base_.codec))

val_evaluator = dict(type='HandMeshMetric')
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(save_best='fusion/PA-MPJPE', rule='less'))
custom_hooks = _base_.custom_hooks + [dict(type='LossScheduleHook', warmup_epochs=10)]
