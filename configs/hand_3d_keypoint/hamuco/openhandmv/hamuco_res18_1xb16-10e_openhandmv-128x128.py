# The paper's method on OpenHandMV, from scratch: what all experiments here start from.
_base_ = [
    '../../../_base_/hanco_runtime.py',
    '../../../_base_/datasets/openhandmv.py',
    '../../../_base_/models/hamuco_res18_openhandmv.py',
    '../../../_base_/schedules/openhandmv_10e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# a shorter training has a shorter warm-up
default_hooks = dict(loss_schedule=dict(warmup_epochs=3, max_part=0.3))
