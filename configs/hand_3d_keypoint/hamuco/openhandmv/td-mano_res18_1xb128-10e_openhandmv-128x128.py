# The single-view estimator trained alone (table 2, "Ours-SV").
_base_ = [
    '../../../_base_/single_view_runtime.py',
    '../../../_base_/datasets/openhandmv_images.py',
    '../../../_base_/models/td-mano_res18_openhandmv.py',
    '../../../_base_/schedules/openhandmv_10e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# views of 16 time steps
auto_scale_lr = dict(base_batch_size=128)
