# The runtime of short trainings on a CPU.
_base_ = ['./default_runtime.py']

default_hooks = dict(
    logger=dict(interval=10),
    checkpoint=dict(interval=2, max_keep_ckpts=1),
    memory_format=dict(type='MemoryFormatHook'),
)
randomness = dict(seed=0)
