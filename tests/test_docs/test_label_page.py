"""docs/pseudo_labels.md after docs/your_own_rig.md: no file is made twice."""

import pytest
from documented_commands import commands_of

MAKERS = ('generate_rig_videos.py', 'rig2coco.py')


@pytest.fixture
def made(repository):
    """Function: page -> the directories that its commands make, in order."""

    def read(name):
        commands = commands_of(repository / f'docs/{name}.md')
        return [
            next(word for word in words[at + 1 :] if not word.startswith('-'))
            for words in (command.words for command in commands)
            for at, word in enumerate(words)
            if word.endswith(MAKERS)
        ]

    return read


def test_its_blocks_do_not_collide(made):
    labels, own_rig = made('pseudo_labels'), made('your_own_rig')
    assert labels and own_rig
    assert len(labels) == len(set(labels))
    assert not set(labels) & set(own_rig)


def test_labels_of_a_data_set_have_a_file_of_their_own(repository):
    """Without --out the default would be the same for all of a data set."""
    commands = [
        command.words
        for command in commands_of(repository / 'docs/pseudo_labels.md')
        if any(word.endswith('pseudo_label.py') for word in command.words)
        and any(word.startswith('data/') for word in command.words)
    ]
    out = [words[words.index('--out') + 1] for words in commands]
    assert out and len(out) == len(set(out))
