# Baseline in the style of learnable triangulation (algebraic): 2D joints and learned
# confidences of the views in a differentiable DLT, trained with the 2D labels alone.
_base_ = [
    '../../../_base_/single_view_runtime.py',
    '../../../_base_/datasets/openhandmv.py',
    '../../../_base_/models/td-mano_res18_openhandmv.py',
    '../../../_base_/schedules/openhandmv_10e.py',
]

model = dict(
    head=dict(
        _delete_=True,
        type='TriangulationHead',
        in_channels=512,
        decoder=_base_.codec,
    )
)

default_hooks = dict(checkpoint=dict(save_best='fusion/PA-MPJPE'))
