# Neck and heads as wide and shaped as in the authors' release, for a ResNet-18:
# docs/method.md lists what is different. A config has this file as a base beside its
# network's, and says `model = _base_.release_neck`.
leaky = dict(type='LeakyReLU', negative_slope=0.1)

release_neck = dict(
    head=dict(hidden_channels=512, act_cfg=leaky),
    view_neck=dict(
        location_channels=64,
        # 8 maps for each joint
        global_channels=512,
        grid_size=8,
        # those of the three earlier maps
        local_channels=448,
        location_layer=dict(type='HandLocationEmbedding'),
        global_layer=dict(type='JointMapsGraphBuilder'),
        local_layer=dict(type='RawJointFeatureSampler'),
        gcn_layer=dict(type='PreNormGCN'),
        attention_cfg=dict(ratio=1, act_cfg=dict(type='ReLU')),
    ),
    view_head=dict(
        joint_layer=dict(type='PreNormGCN', out_channels=32),
        hidden_channels=672,
        act_cfg=leaky,
    ),
)
