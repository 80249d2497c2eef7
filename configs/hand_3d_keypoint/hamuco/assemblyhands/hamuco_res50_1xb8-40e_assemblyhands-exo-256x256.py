# HaMuCo on the 8 fixed cameras of AssemblyHands. Their pictures come from
#   python tools/dataset_converters/assemblyhands_exo.py data/assemblyhands
_base_ = ['./hamuco_res50_1xb8-40e_assemblyhands-256x256.py']

train_dataloader = dict(dataset=dict(dataset=dict(views='exo')))
val_dataloader = dict(dataset=dict(dataset=dict(views='exo')))
test_dataloader = val_dataloader
