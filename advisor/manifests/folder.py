"""The files below a folder, as they stand after the edits so far."""

from collections.abc import Iterator
from pathlib import Path as FilePath

from advisor.manifests.files import FileEdit, YamlFile, yaml_file
from advisor.model.errors import BadDataError

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class Folder:
    """Nothing is written. Raises BadDataError where a file is asked for that lies outside."""

    def __init__(self, root: FilePath) -> None:
        self.root = root.resolve()
        self._files: dict[FilePath, YamlFile] = {}
        self._first: dict[FilePath, YamlFile] = {}

    def file(self, path: FilePath) -> YamlFile:
        whole = self._within(path)
        if whole not in self._files:
            self._files[whole] = self._first[whole] = yaml_file(whole)
        return self._files[whole]

    def put(self, path: FilePath, text: str) -> None:
        """From now on the file holds `text`."""
        whole = self._within(path)
        self._files[whole] = self._files[whole].with_new(text)

    def edits(self) -> list[FileEdit]:
        changed = [(path, file) for path, file in self._files.items() if file.text != self._first[path].text]
        return [self._first[path].with_text(file.text) for path, file in changed]

    def kustomization(self, folder: FilePath) -> YamlFile | None:
        """None where the folder has none."""
        whole = self._within(folder)
        found = [whole / name for name in KUSTOMIZATIONS if (whole / name).is_file()]
        return self.file(found[0]) if found else None

    def kustomized(self) -> Iterator[FilePath]:
        """Every folder with a kustomization, hidden ones left out."""
        for name in KUSTOMIZATIONS:
            for path in sorted(self.root.rglob(name)):
                if not any(part.startswith(".") for part in path.relative_to(self.root).parts):
                    yield path.parent.resolve()

    def _within(self, path: FilePath) -> FilePath:
        whole = (self.root / path).resolve()
        if not whole.is_relative_to(self.root):
            raise BadDataError("lies outside of the folder of manifests", where=str(path), fix="name a folder above")
        return whole
