"""Images of cameras, one after another: from files, folders, videos, webcams."""
