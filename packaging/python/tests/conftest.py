"""The plugin is installed with the package, so its tests use it as everybody does."""

pytest_plugins = ["pytester"]
