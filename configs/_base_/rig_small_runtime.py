# The runtime of a rig of your own on a CPU, see rig_runtime.py.
_base_ = ['./hamuco_small_runtime.py']

default_hooks = dict(
    early_stopping=dict(
        type='EarlyStoppingHook',
        monitor='fusion/reprojection_px',
        rule='less',
        min_delta=0.02,
        patience=10,
    ),
)
