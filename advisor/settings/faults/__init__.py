"""What is wrong with settings that are well formed each by itself."""
