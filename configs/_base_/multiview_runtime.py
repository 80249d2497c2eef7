# The default runtime, and the losses between views, which wait for the single view
# to be good (paper, section 4.2).
_base_ = ['./default_runtime.py']

default_hooks = dict(loss_schedule=dict(type='LossScheduleHook', warmup_epochs=10))
