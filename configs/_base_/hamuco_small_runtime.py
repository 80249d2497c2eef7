# The runtime of short trainings of HaMuCo on a CPU. The losses between views wait
# for two epochs, then grow over two; in shorter trainings, for less.
_base_ = ['./small_runtime.py']

default_hooks = dict(
    loss_schedule=dict(
        type='LossScheduleHook', warmup_epochs=2, ramp_epochs=2, max_part=0.5
    ),
    finger_spread=dict(type='FingerSpreadHook'),
)
