"""What a change does to the files of a repository: a kustomization's overlay, a chart's values, or plain manifests."""

from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath

from advisor.knobs.gitops.fields import ObjectChange
from advisor.manifests.files import FileEdit, edit_object, edit_values, yaml_file
from advisor.manifests.folder import KUSTOMIZATIONS
from advisor.manifests.kustomize import edit_overlay
from advisor.manifests.objects import ObjectName
from advisor.manifests.path import Path, path_of, shown
from advisor.manifests.scalar import Value
from advisor.model.errors import BadDataError
from advisor.settings.kubernetes.gitops import GitOpsSettings, HelmValues

_ENDINGS = (".yaml", ".yml", ".json")


def write_edits(root: FilePath, settings: GitOpsSettings, changes: Sequence[ObjectChange]) -> list[FilePath]:
    """Give every object below `root` its new values, one after the other; the files that changed, within `root`.

    Raises BadDataError where a place is not clear or may not be edited. Then some may be written: throw the tree away.
    """
    changed = dict[FilePath, None]()
    for change in changes:
        for edit in _edits(root, settings, change):
            if edit.before != edit.after:
                edit.path.write_bytes(edit.after)
                changed[edit.path.resolve().relative_to(root.resolve())] = None
    return list(changed)


def _edits(root: FilePath, settings: GitOpsSettings, change: ObjectChange) -> Sequence[FileEdit]:
    folder = root / settings.path
    wanted = ObjectName(kind=change.kind, namespace=change.namespace, names=(change.name,))
    values: dict[Path, Value] = {**change.values()}
    made = next((one for one in settings.values if one.object == str(change)), None)
    if made is not None:
        keyed = {_key_of(path, made): value for path, value in values.items()}
        return [edit_values(yaml_file(_within(root, folder / made.file)), keyed)]
    if any((folder / name).is_file() for name in KUSTOMIZATIONS):
        return edit_overlay(root, FilePath(settings.path), wanted, values)
    return [_plain(root, folder, wanted, values)]


def _key_of(path: Path, made: HelmValues) -> Path:
    """The longest of the named paths that it begins with gives the key; what is left of it comes below."""
    named = sorted(((path_of(text), key) for text, key in made.keys.items()), key=lambda one: -len(one[0]))
    for beginning, key in named:
        if path[: len(beginning)] == beginning:
            return (*path_of(key), *path[len(beginning) :])
    fix = "name it in kubernetes.gitops.values"
    raise BadDataError(f"which value {shown(path)} is made from is not known", where=made.object, fix=fix)


def _plain(root: FilePath, folder: FilePath, wanted: ObjectName, values: dict[Path, Value]) -> FileEdit:
    """In the one file that holds the object. A file that cannot be read hides no other."""
    found, refused = list[FileEdit](), list[str]()
    for path in _files(root, folder):
        try:
            file = yaml_file(path)
        except BadDataError as error:
            refused.append(_told(error, root))
            continue
        edit = edit_object(file, wanted, values)
        if edit is not None:
            found.append(edit)
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(str(edit.path.relative_to(root)) for edit in found)
        raise BadDataError(f"{wanted} stands in {names}", fix="remove one of them, or narrow kubernetes.gitops.path")
    told = f"; not read: {'; '.join(refused[:3])}" if refused else ""
    raise BadDataError(f"{wanted} is in no file below {folder.name}{told}", fix="see kubernetes.gitops.path and values")


def _files(root: FilePath, folder: FilePath) -> Iterator[FilePath]:
    """Hidden ones left out, and whatever a link leads to elsewhere."""
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        is_inside = path.resolve().is_relative_to(root.resolve())
        if path.suffix in _ENDINGS and path.is_file() and is_inside and not is_hidden:
            yield path


def _within(root: FilePath, path: FilePath) -> FilePath:
    if not path.resolve().is_relative_to(root.resolve()):
        raise BadDataError("lies outside of the repository", where=path.name, fix="replace the link")
    return path


def _told(error: BadDataError, root: FilePath) -> str:
    return f"{error.where.removeprefix(f'{root}/')}: {error.what}"
