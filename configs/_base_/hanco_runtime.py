# The runtime of HaMuCo on HanCo: what keeps a GPU busy. Steps and predictions are
# recorded and run as one program; default_hooks.captured_step=None and
# default_hooks.captured_predictions=None turn that off.
_base_ = ['./hamuco_runtime.py']

default_hooks = dict(
    memory_format=dict(type='MemoryFormatHook'),
    captured_step=dict(type='CapturedStepHook'),
    captured_predictions=dict(type='CapturedPredictionHook'),
)
# every step uses all parameters, whichever losses are on
model_wrapper_cfg = dict(
    type='MMDistributedDataParallel',
    broadcast_buffers=False,
    gradient_as_bucket_view=True,
    static_graph=True,
)
