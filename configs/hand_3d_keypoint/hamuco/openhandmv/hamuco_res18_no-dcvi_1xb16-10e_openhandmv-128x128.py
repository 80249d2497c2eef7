# Without the interaction: the single views are fused, and the losses between views
# are theirs (table 4, "- DCVI").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(view_neck=None, view_head=None)
