# The paper's method on the demo's data: the small network in a laboratory that it has
# never seen, minutes on a CPU.
_base_ = [
    '../../../_base_/hamuco_small_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
    '../../../_base_/models/hamuco_res18w32.py',
    '../../../_base_/schedules/hamuco_demo_5e.py',
]

model = dict(
    # smaller hands have smaller differences, so that a strong distillation needs a
    # stronger prior of the shape
    head=dict(decoder=_base_.codec, loss_shape=dict(loss_weight=0.5)),
    # weight 1 is no worse here, see docs/results.md
    loss_distill=dict(loss_weight=5.0),
)
# the start knows hands, and all of it has to get used to the laboratory
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(_delete_=True))
default_hooks = dict(loss_schedule=dict(warmup_epochs=0, ramp_epochs=1))
