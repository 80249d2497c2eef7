# Without joint locations and pose in the graph (table 4, "- G1").
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

model = dict(view_neck=dict(location_channels=0))
