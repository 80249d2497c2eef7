# The runtime of single-view estimators on data with 3D truth.
_base_ = ['./default_runtime.py']

# for MMPose's inferencers
data_mode = 'topdown'

default_hooks = dict(
    memory_format=dict(type='MemoryFormatHook'),
    checkpoint=dict(save_best='single/PA-MPJPE', rule='less'),
)
