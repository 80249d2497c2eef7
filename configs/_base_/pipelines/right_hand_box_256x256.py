# What happens to one image of a data set of right hands alone: nothing is mirrored.
_base_ = ['./hand_box_256x256.py']

train_pipeline = [s for s in _base_.train_pipeline if s['type'] != 'MirrorLeftHand']
val_pipeline = [s for s in _base_.val_pipeline if s['type'] != 'MirrorLeftHand']
