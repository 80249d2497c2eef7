from .hand_data_preprocessor import HandDataPreprocessor

__all__ = ['HandDataPreprocessor']
