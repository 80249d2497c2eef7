# Weights tested on real photographs in HanCo's layout that their training never saw:
# labels in 2D, and joints in 3D (xyz) where there are some. Boxes are the labels'.
_base_ = ['./td-mano_res18w32_10e_generated-wild-96x96.py']

# the labels are MediaPipe's, which means other points by the joints than MANO
model = dict(head=dict(hand_model=dict(joints='mediapipe')))

data_root = '{{$PHOTOS_ROOT:data/photographs/}}'

test_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root=data_root, split='all', hand_model=None),
)
test_evaluator = [dict(type='ReprojectionMetric'), dict(type='HandMeshMetric')]
