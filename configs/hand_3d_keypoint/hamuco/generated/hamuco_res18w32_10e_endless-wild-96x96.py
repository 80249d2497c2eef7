# As hamuco_res18w32_10e_generated-wild-96x96.py, on photographs that are generated
# while it trains.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_wild_endless.py',
    '../../../_base_/models/hamuco_res18w32_supervised.py',
    '../../../_base_/schedules/generated_10e.py',
]
custom_imports = dict(
    imports=['hamuco_mm', 'hamuco_mm.synthesis'], allow_failed_imports=False
)

model = dict(head=dict(decoder=_base_.codec))

checkpoint = dict(interval=1, max_keep_ckpts=2)
default_hooks = dict(logger=dict(interval=50), checkpoint=checkpoint)
