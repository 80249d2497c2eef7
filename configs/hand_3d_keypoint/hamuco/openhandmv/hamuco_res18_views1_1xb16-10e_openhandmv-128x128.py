# Trained with one camera of each rig, tested with all of them (fig. 3b).
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

train_dataloader = dict(dataset=dict(view_ids=tuple(range(1))))
