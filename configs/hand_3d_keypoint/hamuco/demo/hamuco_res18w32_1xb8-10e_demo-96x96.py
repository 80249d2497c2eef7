# The demo: the small network on generated hands, minutes on a CPU.
_base_ = [
    '../../../_base_/hamuco_small_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
    '../../../_base_/models/hamuco_res18w32.py',
    '../../../_base_/schedules/hamuco_demo_10e.py',
]

model = dict(head=dict(decoder=_base_.codec))
