# The runtime of a rig of your own. A training ends early when ten validations have not
# brought the projected hands nearer to the labels; default_hooks.early_stopping=None
# turns that off, as does another val_evaluator. In short trainings the losses between
# views wait for a smaller number of epochs.
_base_ = ['./multiview_runtime.py']

default_hooks = dict(
    loss_schedule=dict(max_part=0.5),
    early_stopping=dict(
        type='EarlyStoppingHook',
        monitor='fusion/reprojection_px',
        rule='less',
        min_delta=0.02,
        patience=10,
    ),
)
