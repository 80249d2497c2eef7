# The runtime of HaMuCo on HanCo: feature maps have the memory format that is fastest
# on the hardware.
_base_ = ['./hamuco_runtime.py']

default_hooks = dict(memory_format=dict(type='MemoryFormatHook'))
