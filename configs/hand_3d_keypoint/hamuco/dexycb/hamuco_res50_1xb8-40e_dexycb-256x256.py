# HaMuCo on DexYCB (setup s0), with its 2D labels alone.
_base_ = [
    '../../../_base_/hamuco_runtime.py',
    '../../../_base_/datasets/dexycb.py',
    '../../../_base_/models/hamuco_res50.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

model = dict(head=dict(decoder=_base_.codec))
