# Without the cross-view attention (table 4, "- CVA").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(view_neck=dict(with_attention=False))
