"""What makes a batch of a list of samples."""

from .hand_data_preprocessor import HandDataPreprocessor

__all__ = ['HandDataPreprocessor']
