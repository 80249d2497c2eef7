# The runtime of HaMuCo on data with 3D truth: keeps the best checkpoint.
_base_ = ['./multiview_runtime.py']

default_hooks = dict(checkpoint=dict(save_best='fusion/PA-MPJPE', rule='less'))
