"""Whether a folder is on a network file system, where SQLite cannot keep a write-ahead log."""

from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "gpfs", "beegfs", "glusterfs"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "ocfs2", "gfs2", "9p", "orangefs", "pvfs2", "davfs"),
}


def network_file_system(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """Return the name of the network file system that a folder is on, such as `nfs4`; None if it is local.

    `mounts` is the system's table of mounts; where there is none, every folder counts as local.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    kinds = {Path(_unescaped(fields[1])): fields[2] for line in lines if len(fields := line.split(" ")) > 2}
    resolved = folder.resolve()
    kind = next((kinds[place] for place in (resolved, *resolved.parents) if place in kinds), "")
    return kind if kind in _NETWORK else None


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
