# HaMuCo on single hands of InterHand2.6M, with its 2D labels alone.
_base_ = [
    '../../../_base_/hamuco_runtime.py',
    '../../../_base_/datasets/interhand26m.py',
    '../../../_base_/models/hamuco_res50.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

model = dict(head=dict(decoder=_base_.codec))
