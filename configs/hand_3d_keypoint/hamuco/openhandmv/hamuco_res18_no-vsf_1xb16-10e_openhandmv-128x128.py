# Without the view-shared feature (table 4, "- VSF").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(view_neck=dict(with_shared_feature=False))
