# The demo with labels that the views have in common: triangulated with the known
# cameras, and projected into each view.
_base_ = ['./hamuco_res18w32_1xb8-5e_demo-96x96.py']

train_dataloader = dict(dataset=dict(step_pipeline=[dict(type='TriangulateLabels')]))
